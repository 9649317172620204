#include "engine/runtime/call_notation.h"

#include <algorithm>

#include "engine/text/answer/channels.h"

namespace hearth {
namespace {

using Syntax = ArgumentNotation::Syntax;

}  // namespace

std::optional<ArgumentNotation> notation_of(const CallSyntax& syntax, const ReadableFormat& format) {
  const CallBeginning& shown = format.format.call_beginning;
  ArgumentNotation notation;
  switch (syntax.arguments) {
    case ArgumentSyntax::kObject:
      if (!shown.quote.empty()) {
        notation.syntax = Syntax::kBareKeys;
        notation.quote = shown.quote;
        notation.tokens = format.mark_texts;
        return notation;
      }
      [[fallthrough]];
    case ArgumentSyntax::kWrapped:
    case ArgumentSyntax::kNamed:
      return shown.has_json ? std::optional(notation) : std::nullopt;
    case ArgumentSyntax::kParentheses:
      notation.syntax = Syntax::kPython;
      return notation;
    case ArgumentSyntax::kTagged:
      notation.syntax = Syntax::kTagged;
      notation.parameter = syntax.parameter;
      notation.end = syntax.tail.empty() ? syntax.section_end : syntax.tail;
      notation.tokens = format.mark_texts;
      return notation;
    case ArgumentSyntax::kCode:
      return std::nullopt;
  }
  return std::nullopt;
}

std::vector<ArgumentNotation> notations_of(const ReadableFormat& format) {
  std::vector<ArgumentNotation> all;
  const auto add = [&](const CallSyntax& syntax) {
    const std::optional<ArgumentNotation> notation = notation_of(syntax, format);
    if (notation && std::find(all.begin(), all.end(), *notation) == all.end()) all.push_back(*notation);
  };
  for (const CallSyntax& syntax : format.format.calls) add(syntax);
  if (format.format.channels) add(kChannelCall);
  return all;
}

}  // namespace hearth
