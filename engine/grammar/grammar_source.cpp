#include "engine/grammar/grammar_source.h"

#include <array>
#include <utility>

#include "engine/grammar/gbnf.h"
#include "engine/grammar/json_schema.h"
#include "engine/grammar/json_schema/notation.h"
#include "engine/grammar/regex.h"

namespace hearth {
namespace {

constexpr std::string_view kKindNames[] = {"gbnf", "schema", "regex", "choices"};

/// What may stand before JSON, and belong to its first token.
ExpressionId space_before(const ArgumentNotation& notation, GrammarBuilder& builder) {
  if (notation.syntax != ArgumentNotation::Syntax::kJson) return builder.empty();
  return builder.repeat(builder.characters({{' ', ' '}, {'\n', '\n'}}), 0, 2);
}

/// One of several calls.
Result<Grammar> read_calls(std::span<const std::string> texts, const ArgumentNotation& notation) {
  GrammarBuilder builder;
  const ExpressionId space = space_before(notation, builder);
  std::vector<ExpressionId> calls;
  for (size_t i = 0; i + 1 < texts.size(); i += 2) {
    HEARTH_ASSIGN(const Grammar arguments, read_arguments_schema(texts[i + 1], notation));
    const ExpressionId beginning = json_schema::mark_expression(texts[i], notation.tokens, builder);
    calls.push_back(builder.sequence(std::array{beginning, space, builder.include(arguments)}));
  }
  const RuleId root = builder.declare("calls");
  builder.define(root, builder.choice(calls));
  return builder.finish(root);
}

Result<Grammar> read_whole(const GrammarSource& source) {
  switch (source.kind) {
    case GrammarKind::kGbnf:
      return read_gbnf(source.texts[0]);
    case GrammarKind::kChoices:
      return read_choices(source.texts);
    case GrammarKind::kSchema:
      return read_json_schema(source.texts[0]);
    case GrammarKind::kRegex:
      return read_regex(source.texts[0]);
    case GrammarKind::kCalls:
      return read_calls(source.texts, source.notation);
  }
  return Error{ErrorCode::kInternal, "there is no such kind of grammar"};
}

}  // namespace

std::span<const std::string_view> grammar_kind_names() { return kKindNames; }

Result<std::optional<GrammarSource>> grammar_asked_for(const GenerationOptions& options) {
  std::vector<GrammarSource> asked;
  if (!options.grammar.empty()) asked.push_back({GrammarKind::kGbnf, {options.grammar}});
  if (!options.json_schema.empty()) asked.push_back({GrammarKind::kSchema, {options.json_schema}});
  if (!options.regex.empty()) asked.push_back({GrammarKind::kRegex, {options.regex}});
  if (!options.choices.empty()) asked.push_back({GrammarKind::kChoices, options.choices});
  if (asked.size() > 1) {
    return Error{ErrorCode::kInvalidArgument, "give only one of grammar, regex, choices and jsonSchema"};
  }
  if (asked.empty()) return std::optional<GrammarSource>();
  return std::optional(std::move(asked[0]));
}

Result<Grammar> read_grammar(const GrammarSource& source) {
  HEARTH_ASSIGN(Grammar grammar, read_whole(source));
  if (source.is_open_ended) return GrammarBuilder::open_ended(std::move(grammar));
  return grammar;
}

}  // namespace hearth
