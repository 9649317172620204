// Everything that a GGUF's metadata says about its tokenizer, checked and with defaults filled in. The only
// place that reads it; tokenizers are built from this, so that tests and fuzzers need no file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/text/special_tokens.h"
#include "engine/text/tokenizer.h"
#include "engine/text/vocabulary.h"

namespace hearth {

struct TokenizerData {
  Vocabulary vocabulary;
  SpecialTokens special;
  /// The tokens that end an answer, sorted.
  std::vector<TokenId> end_tokens;
  /// The tokens that the model must never choose.
  std::vector<TokenId> suppressed;
  /// One for each token, or none at all.
  std::vector<WhiteSpaceRule> white_space_rules;

  /// BPE: the name of the rules that cut text into words (`tokenizer.ggml.pre`).
  std::string pre = "default";
  /// BPE: "left right", most important first. Views that need not outlive building the tokenizer.
  std::vector<std::string_view> merges;
  /// BPE: texts are composed first (NFC), whether or not the rules say so.
  bool nfc = false;
  /// BPE: white space only separates words, which are in lower case where `lowercase` is set.
  bool drops_white_space = false;
  /// BPE: texts may have DNA in them (dna_words.h).
  bool has_dna = false;

  /// SentencePiece, unigram: a text begins with a space.
  bool add_space_prefix = false;
  /// Unigram: runs of spaces count as one.
  bool remove_extra_whitespaces = false;
  /// Unigram: `tokenizer.ggml.precompiled_charsmap`.
  std::vector<uint8_t> charsmap;

  /// WordPiece, and BPE that drops white space.
  bool lowercase = true;
  bool strip_accents = true;
};

/// What a kind of tokenizer takes for granted where the metadata is silent. A default token that is not in
/// the vocabulary is none.
struct TokenizerDefaults {
  SpecialTokens special;
  bool add_space_prefix;
  bool lowercase = true;
};

/// INVALID_MODEL naming the key at fault.
Result<TokenizerData> read_tokenizer_data(const Gguf& gguf, const TokenizerDefaults& defaults);

}  // namespace hearth
