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
  /// Where nothing matches, as far as this reaches nothing will; one character where it is null.
  Matcher mismatch = nullptr;
};

/// What a vocabulary of byte-pair encoding is written in.
enum class BpeAlphabet : uint8_t {
  kBytes,       // every byte as a visible character (byte_level.h)
  kCharacters,  // text as it is; bytes of characters that are in no token as <0x0A>
  kSpmSpaces,   // the same with every space as U+2581 (spm_space.h)
};

struct PreTokenizer {
  std::string_view name;
  /// Each rule cuts the pieces of the one before.
  std::span<const SplitRule> rules;
  /// A word that is a token is not taken apart, whatever the merges say.
  bool ignore_merges = false;
  /// Texts begin with bos unless the metadata says otherwise.
  bool add_bos = false;
  /// Texts are composed first (normalization.h), as the model's own tokenizer does. llama.cpp does not.
  bool nfc = false;
  BpeAlphabet alphabet = BpeAlphabet::kBytes;
  /// Line ends alone are taken whole where they are a token, whatever the merges say.
  bool keeps_line_ends = false;
  /// Texts begin with bos whatever the metadata says: some files say they don't, and their models need it.
  bool needs_bos = false;
};

std::span<const PreTokenizer> all_pre_tokenizers();

/// nullptr where the name is not known.
const PreTokenizer* find_pre_tokenizer(std::string_view name);

/// Where each word of `text` ends, in bytes. Bytes that are no UTF-8 count as unassigned characters.
std::vector<size_t> split_words(const PreTokenizer& pre_tokenizer, std::string_view text);

}  // namespace hearth
