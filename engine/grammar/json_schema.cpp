#include "engine/grammar/json_schema.h"

#include <memory>

#include "engine/grammar/json_schema/document.h"
#include "engine/grammar/json_schema/solver.h"
#include "engine/grammar/json_schema/writer.h"

namespace hearth {

Result<Grammar> read_json_schema(std::string_view json) {
  using namespace json_schema;
  HEARTH_ASSIGN(const std::unique_ptr<Document> document, Document::read(json));
  Solver solver(*document);
  const FormulaId root = solver.formulas().schema(document->root());
  if (solver.is_empty(root)) {
    return schema_error(ErrorCode::kInvalidArgument, "", "no value keeps to this schema");
  }
  return Writer(solver).write(root);
}

}  // namespace hearth
