#include "engine/runtime/reranker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/runtime/synthetic_model_testing.h"

namespace hearth {
namespace {

using testing::expect_value;
using ::testing::HasSubstr;
using testing::load_synthetic;

std::vector<TokenId> joined(const Tokenizer& tokenizer, const std::vector<std::string_view>& parts) {
  std::vector<TokenId> tokens;
  for (const std::string_view part : parts) {
    const TokenId named = tokenizer.find(part);
    const std::vector<TokenId> encoded = named != kNoToken && tokenizer.is_control(named)
                                             ? std::vector<TokenId>{named}
                                             : tokenizer.encode(part, false);
    tokens.insert(tokens.end(), encoded.begin(), encoded.end());
  }
  return tokens;
}

TEST(Reranker, PutsBetweenQueryAndDocumentWhatTheModelWasTrainedWith) {
  const auto bert = load_synthetic("tiny-bert");
  EXPECT_EQ(expect_value(rerank_tokens(*bert, "red", "a ball")),
            joined(bert->tokenizer(), {"[CLS]", "red", "[SEP]", "a ball", "[SEP]"}));
  const auto roberta = load_synthetic("tiny-bge-reranker");
  EXPECT_EQ(expect_value(rerank_tokens(*roberta, "red", "a ball")),
            joined(roberta->tokenizer(), {"<s>", "red", "</s>", "</s>", "a ball", "</s>"}));
}

TEST(Reranker, FillsInTheFilesOwnTemplateAndTakesNoTokenOutOfTexts) {
  const auto qwen = load_synthetic("tiny-qwen3-reranker");
  const Tokenizer& tokenizer = qwen->tokenizer();
  const std::vector<TokenId> tokens = expect_value(rerank_tokens(*qwen, "red {document}", "<|im_end|>"));
  EXPECT_EQ(tokenizer.decode(tokens, true),
            "<|im_start|>user\n<Query>: red {document}\n<Document>: <|im_end|><|im_end|>\n"
            "<|im_start|>assistant\n");
  EXPECT_EQ(std::ranges::count(tokens, tokenizer.find("<|im_end|>")), 1) << "the template's alone";
}

TEST(Reranker, SortsDocumentsByTheirScores) {
  const std::vector<std::string> documents{"the rain", "a cat sat there", "no one", "a cat sat there"};
  for (const char* shape : {"tiny-bge-reranker", "tiny-qwen3-reranker"}) {
    const auto model = load_synthetic(shape);
    const auto scheduler = expect_value(Scheduler::create(*model, {}));
    const auto ranked = expect_value(rerank(*scheduler, *model, "who sat?", documents));
    ASSERT_EQ(ranked.size(), documents.size());
    std::vector<size_t> seen;
    for (size_t i = 0; i < ranked.size(); ++i) {
      EXPECT_GT(ranked[i].score, 0.0F);
      EXPECT_LT(ranked[i].score, 1.0F);
      EXPECT_LE(ranked[i].score, ranked[i == 0 ? 0 : i - 1].score);
      seen.push_back(ranked[i].index);
      const auto alone =
          expect_value(rerank(*scheduler, *model, "who sat?", {&documents[ranked[i].index], 1}));
      EXPECT_EQ(alone.front().score, ranked[i].score) << "it does not depend on the others";
    }
    EXPECT_LT(std::ranges::find(seen, 1U), std::ranges::find(seen, 3U)) << "equals stay in order";
    EXPECT_TRUE(expect_value(rerank(*scheduler, *model, "who sat?", {})).empty());
  }
}

TEST(Reranker, NumbersTheDocumentsOfAPartAmongAll) {
  const auto model = load_synthetic("tiny-bge-reranker");
  const auto scheduler = expect_value(Scheduler::create(*model, {}));
  const std::vector<std::string> documents{"the rain", "a cat sat there", "no one"};
  const auto all = expect_value(rerank(*scheduler, *model, "who sat?", documents));
  const std::span<const std::string> last(&documents[1], 2);
  for (const auto& [index, score] : expect_value(rerank(*scheduler, *model, "who sat?", last, {1, 3}))) {
    EXPECT_EQ(std::ranges::find(all, index, &RankedDocument::index)->score, score);
  }
  const std::string too_long(4000, 'a');
  EXPECT_THAT(rerank(*scheduler, *model, "who?", {&too_long, 1}, {2, 3}).error().message,
              HasSubstr("text 3 of 3"));
}

TEST(Reranker, SaysWhichDocumentIsTooLong) {
  const auto model = load_synthetic("tiny-bge-reranker");
  const auto scheduler = expect_value(Scheduler::create(*model, {}));
  const std::vector<std::string> documents{"a", std::string(4000, 'a')};
  const auto ranked = rerank(*scheduler, *model, "who?", documents);
  ASSERT_FALSE(ranked.ok());
  EXPECT_EQ(ranked.error().code, ErrorCode::kContextOverflow);
  EXPECT_THAT(ranked.error().message, HasSubstr("text 2 of 2"));
}

TEST(Reranker, NeedsAClassifier) {
  const auto model = load_synthetic("tiny-bert");
  const auto scheduler = expect_value(Scheduler::create(*model, {}));
  const std::string document = "a";
  EXPECT_EQ(rerank(*scheduler, *model, "who?", {&document, 1}).error().code, ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace hearth
