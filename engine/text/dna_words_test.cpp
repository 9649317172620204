#include "engine/text/dna_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hearth {
namespace {

using ::testing::ElementsAre;

Vocabulary dna_vocabulary(std::initializer_list<const char*> texts) {
  Vocabulary vocabulary;
  for (const char* text : texts) vocabulary.add(text, TokenType::kNormal);
  return vocabulary;
}

/// The names of the tokens of a text, in which running text stands as it is.
std::vector<std::string> dna_words(const Vocabulary& vocabulary, std::string_view text) {
  std::vector<std::string> words;
  std::vector<TokenId> ids;
  const auto take_ids = [&] {
    for (const TokenId id : ids) words.emplace_back(DnaWords::without_mark(vocabulary.text(id)));
    ids.clear();
  };
  DnaWords(vocabulary).encode(text, ids, [&](std::string_view stretch, std::vector<TokenId>&) {
    take_ids();
    words.emplace_back("text " + std::string(stretch));
  });
  take_ids();
  return words;
}

TEST(DnaWords, AreSixLettersEachBetweenTheirMarks) {
  const Vocabulary vocabulary =
      dna_vocabulary({"<oov>", "<dna>", "</dna>", "ACGTAC\uE000", "ACGTAC", "TTAAAA\uE000"});
  EXPECT_THAT(dna_words(vocabulary, "ACGTAC <dna>ACGTACttNACGTACtt</dna>b<dna>tt"),
              ElementsAre("text ACGTAC ", "<dna>", "ACGTAC", "<oov>", "<oov>", "</dna>", "text b", "<dna>",
                          "TTAAAA"));
  EXPECT_THAT(dna_words(vocabulary, "<dna></dna>"), ElementsAre("<dna>", "</dna>"));
}

TEST(DnaWords, AVocabularyWithoutThemHasNone) {
  const Vocabulary vocabulary = dna_vocabulary({"<dna>", "</dna>"});
  EXPECT_THAT(dna_words(vocabulary, "<dna>ACGTAC"), ElementsAre("text <dna>ACGTAC"));
}

}  // namespace
}  // namespace hearth
