#include "engine/grammar/json_schema.h"

#include <memory>

#include "engine/grammar/json_schema/arguments_writer.h"
#include "engine/grammar/json_schema/document.h"
#include "engine/grammar/json_schema/solver.h"
#include "engine/grammar/json_schema/writer.h"

namespace hearth {

namespace {

using json_schema::Document;

template <typename Write>
Result<Grammar> written(std::string_view json, const Write& write) {
  HEARTH_ASSIGN(const std::unique_ptr<Document> document, Document::read(json));
  json_schema::Solver solver(*document);
  const json_schema::FormulaId root = solver.formulas().schema(document->root());
  if (solver.is_empty(root)) {
    return json_schema::schema_error(ErrorCode::kInvalidArgument, "", "no value keeps to this schema");
  }
  return write(solver, root);
}

}  // namespace

Result<Grammar> read_json_schema(std::string_view json) {
  return written(json, [](json_schema::Solver& solver, json_schema::FormulaId root) {
    return json_schema::Writer(solver, {}).write(root);
  });
}

Result<Grammar> read_arguments_schema(std::string_view json, const ArgumentNotation& notation) {
  if (notation.syntax == ArgumentNotation::Syntax::kJson) return read_json_schema(json);
  return written(json, [&](json_schema::Solver& solver, json_schema::FormulaId root) {
    return json_schema::ArgumentsWriter(solver, notation).write(root);
  });
}

}  // namespace hearth
