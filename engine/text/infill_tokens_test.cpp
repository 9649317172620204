#include "engine/text/infill_tokens.h"

#include <gtest/gtest.h>

#include <initializer_list>

namespace hearth {
namespace {

Vocabulary vocabulary_of(std::initializer_list<const char*> control,
                         std::initializer_list<const char*> texts = {}) {
  Vocabulary vocabulary;
  for (const char* token : control) vocabulary.add(token, TokenType::kControl);
  for (const char* token : texts) vocabulary.add(token, TokenType::kNormal);
  return vocabulary;
}

TEST(InfillTokens, AreKnownByTheirSpelling) {
  EXPECT_EQ(find_infill_tokens(vocabulary_of({"<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>",
                                              "<|fim_pad|>", "<|repo_name|>", "<|file_sep|>"}),
                               {}),
            (InfillTokens{0, 2, 1, 3, 4, 5}));
  EXPECT_EQ(find_infill_tokens(vocabulary_of({"<｜fim▁hole｜>", "<｜fim▁begin｜>", "<｜fim▁end｜>"}), {}),
            (InfillTokens{1, 0, 2}));
}

TEST(InfillTokens, AreThoseThatTheFileNames) {
  const Vocabulary vocabulary = vocabulary_of({"<PRE>", "<SUF>", "<MID>"}, {"a", "b", "c"});
  EXPECT_EQ(find_infill_tokens(vocabulary, {3, 4, 5}), (InfillTokens{3, 4, 5}));
  EXPECT_EQ(find_infill_tokens(vocabulary, {.suffix = 4}), (InfillTokens{0, 4, 2}));
}

TEST(InfillTokens, AreNoTextThatAUserCouldWrite) {
  EXPECT_EQ(find_infill_tokens(vocabulary_of({}, {"<PRE>", "<SUF>", "<MID>"}), {}), InfillTokens{});
}

TEST(InfillTokens, AreNoneWithoutAPlaceForTheMiddle) {
  EXPECT_EQ(find_infill_tokens(vocabulary_of({"[PAD]", "<PRE>", "<SUF>"}), {}), InfillTokens{});
}

}  // namespace
}  // namespace hearth
