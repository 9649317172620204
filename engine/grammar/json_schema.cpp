#include "engine/grammar/json_schema.h"

#include <memory>

#include "engine/grammar/json_schema/document.h"
#include "engine/grammar/json_schema/solver.h"
#include "engine/grammar/json_schema/writer.h"

namespace hearth {

Result<Grammar> read_json_schema(std::string_view json) {
  using json_schema::Document;
  HEARTH_ASSIGN(const std::unique_ptr<Document> document, Document::read(json));
  json_schema::Solver solver(*document);
  const json_schema::FormulaId root = solver.formulas().schema(document->root());
  if (solver.is_empty(root)) {
    return json_schema::schema_error(ErrorCode::kInvalidArgument, "", "no value keeps to this schema");
  }
  return json_schema::Writer(solver).write(root);
}

}  // namespace hearth
