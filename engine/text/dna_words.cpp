#include "engine/text/dna_words.h"

namespace hearth {
namespace {

constexpr size_t kLettersOfWord = 6;
/// At the end of every k-mer's text in the file.
constexpr std::string_view kKmerMark = "\uE000";

}  // namespace

DnaWords::DnaWords(const Vocabulary& vocabulary)
    : vocabulary_(vocabulary),
      begin_(vocabulary.find_text(kBegin)),
      end_(vocabulary.find_text(kEnd)),
      unknown_(vocabulary.find_text("<oov>")),
      has_dna_(begin_ != kNoToken && end_ != kNoToken && unknown_ != kNoToken) {}

std::string_view DnaWords::without_mark(std::string_view token) {
  if (token.ends_with(kKmerMark)) token.remove_suffix(kKmerMark.size());
  return token;
}

/// Letters in any case; the last six are filled up with A.
void DnaWords::encode_dna(std::string_view letters, std::vector<TokenId>& out) const {
  for (size_t at = 0; at < letters.size(); at += kLettersOfWord) {
    std::string word(letters.substr(at, kLettersOfWord));
    for (char& letter : word) {
      if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
    }
    word.resize(kLettersOfWord, 'A');
    const TokenId token = vocabulary_.find_text(word.append(kKmerMark));
    out.push_back(token != kNoToken ? token : unknown_);
  }
}

}  // namespace hearth
