// Carbon's vocabulary of text and DNA: what stands between <dna> and </dna> is cut every six letters, and
// each six (a k-mer) is a token; all else is tokenised by byte-pair encoding. Reference: HybridDNATokenizer
// of https://huggingface.co/HuggingFaceBio/Carbon-3B; GGUF files whose `tokenizer.ggml.model` is "hybriddna".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/text/vocabulary.h"

namespace hearth {

class DnaWords {
 public:
  /// Borrows the vocabulary. One without the tokens <dna>, </dna> and <oov> has no DNA in any text.
  explicit DnaWords(const Vocabulary& vocabulary);

  /// Appends the tokens of `text`, whose stretches of running text are encoded by `encode(stretch, out)`.
  template <typename Encode>
  void encode(std::string_view text, std::vector<TokenId>& out, Encode&& encode) const {
    while (!text.empty()) {
      const size_t begin = has_dna_ ? text.find(kBegin) : std::string_view::npos;
      if (begin != 0) encode(text.substr(0, begin), out);
      if (begin == std::string_view::npos) return;
      text.remove_prefix(begin + kBegin.size());
      out.push_back(begin_);
      const size_t end = text.find(kEnd);
      encode_dna(text.substr(0, end), out);
      if (end == std::string_view::npos) return;
      out.push_back(end_);
      text.remove_prefix(end + kEnd.size());
    }
  }

  /// A token's text without what tells a k-mer from a word of the same letters.
  static std::string_view without_mark(std::string_view token);

 private:
  static constexpr std::string_view kBegin = "<dna>";
  static constexpr std::string_view kEnd = "</dna>";

  void encode_dna(std::string_view letters, std::vector<TokenId>& out) const;

  const Vocabulary& vocabulary_;
  TokenId begin_, end_, unknown_;
  bool has_dna_;
};

}  // namespace hearth
