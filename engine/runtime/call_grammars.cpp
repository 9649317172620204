#include "engine/runtime/call_grammars.h"

#include <fmt/format.h>

namespace hearth {
namespace {

Error fault_of(const ToolToCall& tool, const Error& error) {
  return {error.code, fmt::format("the tool \"{}\": {}", tool.name, error.message)};
}

GrammarSource source_of(const std::string& schema, const ArgumentNotation& notation) {
  return {GrammarKind::kSchema, {schema}, true, notation};
}

}  // namespace

Result<CallGrammars> call_grammars(const AnswerReader& reader, GrammarCache& cache) {
  CallGrammars all;
  const std::vector<ArgumentNotation>& notations = reader.notations();
  for (const ToolToCall& tool : reader.tools()) {
    if (notations.empty() && tool.is_strict) {
      return fault_of(tool, {ErrorCode::kUnsupported,
                             "it is strict, but of the calls that the model's chat template shows none can "
                             "be held to a schema"});
    }
    for (size_t number = 0; number < notations.size(); ++number) {
      auto grammar = cache.get(source_of(tool.schema, notations[number]));
      if (!grammar.ok()) {
        const Error fault = fault_of(tool, grammar.error());
        if (tool.is_strict || fault.code != ErrorCode::kUnsupported) return fault;
        if (number == 0) all.warnings.push_back(fault.message + "; its arguments may be any object");
        grammar = cache.get(source_of(R"({"type": "object"})", notations[number]));
      }
      HEARTH_ASSIGN(all.grammars[std::pair(tool.name, number)], std::move(grammar));
    }
  }
  return all;
}

}  // namespace hearth
