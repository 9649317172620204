// Byte-level BPE first cuts text into words, by rules that differ from model family to family and that GGUF
// names in `tokenizer.ggml.pre`. The published rules are regular expressions; here they are matchers that run
// in linear time.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "engine/text/pre_tokenizer_matchers.h"

namespace hearth {

/// One regular expression, as its alternatives in order. Every match becomes a piece of its own, and so does
/// every stretch between matches.
struct SplitRule {
  std::span<const Matcher> alternatives;
};

struct PreTokenizer {
  std::string_view name;
  /// Each rule cuts the pieces of the one before.
  std::span<const SplitRule> rules;
  /// A word that is a token is not taken apart, whatever the merges say.
  bool ignore_merges = false;
  /// Texts begin with bos unless the metadata says otherwise.
  bool add_bos = false;
};

std::span<const PreTokenizer> all_pre_tokenizers();

/// nullptr where the name is not known.
const PreTokenizer* find_pre_tokenizer(std::string_view name);

/// Where each word of `text` ends, in bytes. Bytes that are no UTF-8 count as unassigned characters.
std::vector<size_t> split_words(const PreTokenizer& pre_tokenizer, std::string_view text);

}  // namespace hearth
