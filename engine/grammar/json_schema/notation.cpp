#include "engine/grammar/json_schema/notation.h"

#include <algorithm>
#include <utility>

namespace hearth::json_schema {

ExpressionId mark_expression(std::string_view mark, std::span<const std::string> tokens,
                             GrammarBuilder& builder) {
  std::vector<ExpressionId> parts;
  while (!mark.empty()) {
    size_t place = mark.size();
    std::string_view token;
    for (const std::string& each : tokens) {
      const size_t found = mark.find(each);
      if (each.empty() || found >= place) continue;
      place = found;
      token = each;
    }
    if (place > 0) parts.push_back(builder.text(mark.substr(0, place)));
    if (!token.empty()) {
      const ExpressionId ways[] = {builder.named_token(token), builder.text(token)};
      parts.push_back(builder.choice(ways));
    }
    mark.remove_prefix(place + token.size());
  }
  return builder.sequence(parts);
}

bool is_word(std::string_view name) {
  constexpr std::string_view kEnds = "()[]{}<>,:=\"'\\";
  return !name.empty() && std::all_of(name.begin(), name.end(), [&](char character) {
    const auto code = static_cast<unsigned char>(character);
    return code > ' ' && kEnds.find(character) == std::string_view::npos;
  });
}

RegularSet all_words() {
  static const RegularSet kWords = [] {
    constexpr CodePointRange kLetters[] = {{'A', 'Z'}, {'_', '_'}, {'a', 'z'}};
    constexpr CodePointRange kRest[] = {{'-', '-'}, {'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};
    std::vector<RegularSet::State> states(2);
    for (const CodePointRange& range : kLetters) states[0].arcs.push_back({range.first, range.last, 1});
    for (const CodePointRange& range : kRest) states[1].arcs.push_back({range.first, range.last, 1});
    states[1].accepts = true;
    return RegularSet(std::move(states));
  }();
  return kWords;
}

}  // namespace hearth::json_schema
