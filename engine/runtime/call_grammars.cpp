#include "engine/runtime/call_grammars.h"

#include <fmt/format.h>

#include <algorithm>

namespace hearth {
namespace {

Error fault_of(const ToolToCall& tool, const Error& error) {
  return {error.code, fmt::format("the tool \"{}\": {}", tool.name, error.message)};
}

constexpr const char* kAnyObject = R"({"type": "object"})";

using Schemas = std::map<std::string, std::string>;  // of the tools, by name, where a grammar keeps them

GrammarSource source_of(const std::string& schema, const ArgumentNotation& notation) {
  return {GrammarKind::kCalls, {"", schema}, true, notation};
}

/// The names are held, and the arguments from their first byte on where all choices write them alike.
GrammarSource source_of(const std::vector<CallToMake>& choices, const Schemas& schemas,
                        const std::vector<ArgumentNotation>& notations) {
  const std::optional<CallToHold>& first = choices.front().arguments;
  const bool all_alike = std::all_of(choices.begin(), choices.end(), [&](const CallToMake& choice) {
    return first && choice.arguments && choice.arguments->notation == first->notation;
  });
  GrammarSource source{all_alike ? GrammarKind::kCalls : GrammarKind::kChoices, {}, true};
  if (all_alike) source.notation = notations[first->notation];
  for (const CallToMake& choice : choices) {
    source.texts.push_back(choice.beginning);
    if (!all_alike) continue;
    const auto schema = schemas.find(choice.arguments->tool);
    source.texts.emplace_back(schema == schemas.end() ? kAnyObject : schema->second);
  }
  return source;
}

}  // namespace

Result<CallGrammars> call_grammars(const AnswerReader& reader, GrammarCache& cache, std::string_view salt) {
  CallGrammars all;
  Schemas kept;
  const std::vector<ArgumentNotation>& notations = reader.notations();
  for (const ToolToCall& tool : reader.tools()) {
    if (notations.empty() && tool.is_strict) {
      return fault_of(tool, {ErrorCode::kUnsupported,
                             "it is strict, but of the calls that the model's chat template shows none can "
                             "be held to a schema"});
    }
    kept.emplace(tool.name, tool.schema);
    for (size_t number = 0; number < notations.size(); ++number) {
      auto grammar = cache.get(source_of(tool.schema, notations[number]), salt);
      if (!grammar.ok()) {
        const Error fault = fault_of(tool, grammar.error());
        if (tool.is_strict || fault.code != ErrorCode::kUnsupported) return fault;
        if (number == 0) all.warnings.push_back(fault.message + "; its arguments may be any object");
        kept[tool.name] = kAnyObject;
        grammar = cache.get(source_of(kAnyObject, notations[number]), salt);
      }
      HEARTH_ASSIGN(all.grammars[std::pair(tool.name, number)], std::move(grammar));
    }
  }
  if (!reader.choices().empty()) {
    HEARTH_ASSIGN(all.required, cache.get(source_of(reader.choices(), kept, notations), salt));
  }
  return all;
}

}  // namespace hearth
