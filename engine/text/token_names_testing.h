// The tokens of a text by name, as the tests of tokenizers expect them. Test code only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/text/tokenizer.h"

namespace hearth::testing {

inline std::vector<std::string> names(const Tokenizer& tokenizer, const std::vector<TokenId>& ids) {
  std::vector<std::string> out;
  out.reserve(ids.size());
  for (const TokenId id : ids) out.emplace_back(tokenizer.token_name(id));
  return out;
}

inline std::vector<std::string> names(const Tokenizer& tokenizer, std::string_view text,
                                      bool add_special = false) {
  return names(tokenizer, tokenizer.encode(text, add_special));
}

}  // namespace hearth::testing
