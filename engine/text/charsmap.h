// SentencePiece's table of normalisations: which beginnings of a text are replaced, and by what. It is a
// double-array trie as Darts-clone writes it (https://github.com/s-yata/darts-clone), then the replacements.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace hearth {

class Charsmap {
 public:
  /// Replaces nothing.
  Charsmap() = default;

  /// Reads `tokenizer.ggml.precompiled_charsmap`. INVALID_MODEL if it is damaged.
  static Result<Charsmap> parse(std::span<const uint8_t> bytes);

  struct Replacement {
    size_t bytes;  // of the text that is replaced; 0 where nothing is
    std::string_view text;
  };
  /// The longest beginning of `text` that is replaced.
  Replacement find(std::string_view text) const;

 private:
  std::vector<uint32_t> units_;
  std::string replacements_;  // each ends with a zero byte
};

}  // namespace hearth
