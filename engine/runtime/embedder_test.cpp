#include "engine/runtime/embedder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "engine/runtime/scheduler.h"
#include "engine/runtime/synthetic_model_testing.h"

namespace hearth {
namespace {

using testing::expect_value;
using ::testing::HasSubstr;
using testing::load_synthetic;

/// Texts of these lengths, of tokens all over the vocabulary.
std::vector<std::vector<TokenId>> texts_of(const std::vector<size_t>& lengths) {
  std::vector<std::vector<TokenId>> texts;
  for (const size_t length : lengths) {
    std::vector<TokenId>& text = texts.emplace_back();
    for (size_t i = 0; i < length; ++i) {
      text.push_back(static_cast<TokenId>((i * 37 + texts.size() * 101) % 512));
    }
  }
  return texts;
}

EmbeddingOptions pooled(std::string pooling, bool normalize = true, int32_t dimensions = 0) {
  return {std::move(pooling), normalize, dimensions};
}

LoadOptions exact(int32_t max_batch_rows = 0, int32_t cache_positions = 0) {
  LoadOptions options;
  options.kv_type = BlockType::kF32;
  options.max_batch_rows = max_batch_rows;
  options.cache_positions = cache_positions;
  return options;
}

double length_of(std::span<const float> vector) {
  double squares = 0.0;
  for (const float value : vector) squares += double{value} * value;
  return std::sqrt(squares);
}

double cosine(std::span<const float> a, std::span<const float> b) {
  const double product = std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
  return product / (length_of(a) * length_of(b));
}

class EveryKindOfModel : public ::testing::TestWithParam<const char*> {};

TEST_P(EveryKindOfModel, GivesOnTheCpuWhatTheReferenceDeviceGives) {
  const auto texts = texts_of({7, 1, 20});
  const auto on_cpu = load_synthetic(GetParam());
  const auto on_reference = load_synthetic(GetParam(), "reference");
  const auto ours = expect_value(expect_value(Scheduler::create(*on_cpu, exact()))->embed(texts, {}));
  const auto theirs = expect_value(expect_value(Scheduler::create(*on_reference, exact()))->embed(texts, {}));
  ASSERT_EQ(ours.width, theirs.width);
  for (size_t text = 0; text < texts.size(); ++text) {
    if (ours.width > 2) {
      EXPECT_GT(cosine(ours.of(text), theirs.of(text)), 0.999999) << text;
    } else {
      EXPECT_NEAR(ours.of(text)[0], theirs.of(text)[0], 2e-3) << text;
    }
  }
}

TEST_P(EveryKindOfModel, GivesATextTheSameVectorWhateverElseIsInTheBatch) {
  const auto model = load_synthetic(GetParam());
  const auto texts = texts_of({9, 70, 3, 1, 30, 30});
  const auto together = expect_value(expect_value(Scheduler::create(*model, exact()))->embed(texts, {}));
  // Batches that no text of 70 fits into, and a cache that holds two texts.
  const auto small = expect_value(Scheduler::create(*model, exact(32, 512)));
  EXPECT_EQ(expect_value(small->embed(texts, {})).values, together.values);
  for (size_t text = 0; text < texts.size(); ++text) {
    const auto alone = expect_value(small->embed({&texts[text], 1}, {}));
    EXPECT_THAT(alone.values, ::testing::ElementsAreArray(together.of(text))) << text;
  }
}

INSTANTIATE_TEST_SUITE_P(Of, EveryKindOfModel,
                         ::testing::Values("tiny-bert", "tiny-xlm-roberta", "tiny-nomic-bert",
                                           "tiny-nomic-bert-moe", "tiny-jina-bert-v2", "tiny-jina-code",
                                           "tiny-jina-bert-v3", "tiny-modern-bert", "tiny-qwen3-embedding",
                                           "tiny-bge-reranker", "tiny-jina-reranker", "tiny-modern-reranker",
                                           "tiny-qwen3-reranker"));

class EmbedderTest : public ::testing::Test {
 protected:
  void use(std::string_view shape) {
    scheduler_.reset();  // it refers to the model
    model_ = load_synthetic(shape);
    scheduler_ = expect_value(Scheduler::create(*model_, exact()));
  }
  Embeddings embed(const std::vector<std::vector<TokenId>>& texts, const EmbeddingOptions& options) {
    return expect_value(scheduler_->embed(texts, options));
  }
  Error refused(const std::vector<std::vector<TokenId>>& texts, const EmbeddingOptions& options) {
    const auto result = scheduler_->embed(texts, options);
    EXPECT_FALSE(result.ok());
    return result.ok() ? Error{ErrorCode::kInternal, ""} : result.error();
  }

  std::unique_ptr<Model> model_ = load_synthetic("tiny-bert");
  std::unique_ptr<Scheduler> scheduler_ = expect_value(Scheduler::create(*model_, exact()));
};

TEST_F(EmbedderTest, PoolsAsTheFileSaysWhereNobodySaysOtherwise) {
  const auto texts = texts_of({12, 5});
  const auto by_file = embed(texts, {});
  EXPECT_EQ(by_file.values, embed(texts, pooled("cls")).values);
  EXPECT_NE(by_file.values, embed(texts, pooled("mean")).values);
  EXPECT_NE(by_file.values, embed(texts, pooled("last")).values);
  EXPECT_EQ(embed(texts_of({1}), pooled("mean")).values, embed(texts_of({1}), pooled("last")).values);
}

TEST_F(EmbedderTest, TheMeanIsThatOfAllPositions) {
  // The hidden states of an encoder depend on all of the text: of one token they are its mean, first and
  // last.
  const auto mean = embed(texts_of({6}), pooled("mean", false));
  const auto normal = embed(texts_of({6}), pooled("mean"));
  EXPECT_NEAR(length_of(normal.of(0)), 1.0, 1e-6);
  EXPECT_GT(std::abs(length_of(mean.of(0)) - 1.0), 0.1);
  EXPECT_NEAR(cosine(mean.of(0), normal.of(0)), 1.0, 1e-6);
}

TEST_F(EmbedderTest, CutsVectorsAndNormalisesWhatIsLeft) {
  const auto texts = texts_of({12, 5});
  const auto whole = embed(texts, pooled("mean", false));
  const auto cut = embed(texts, pooled("mean", true, 64));
  ASSERT_EQ(cut.width, 64U);
  for (size_t text = 0; text < texts.size(); ++text) {
    EXPECT_NEAR(length_of(cut.of(text)), 1.0, 1e-6);
    EXPECT_NEAR(cosine(cut.of(text), whole.of(text).first(64)), 1.0, 1e-6);
  }
  EXPECT_THAT(refused(texts, pooled("mean", true, 257)).message,
              HasSubstr("at most this model's 256, not 257"));
}

TEST_F(EmbedderTest, NamesTheTextThatIsAtFault) {
  const Error too_long = refused(texts_of({5, 600, 5}), {});
  EXPECT_EQ(too_long.code, ErrorCode::kContextOverflow);
  EXPECT_THAT(too_long.message, HasSubstr("text 2 of 3: 600 tokens are more than the context of 512 holds"));
  const Error empty = refused(texts_of({5, 0}), {});
  EXPECT_EQ(empty.code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(empty.message, HasSubstr("text 2 of 2"));
  EXPECT_TRUE(embed({}, {}).values.empty());
}

TEST_F(EmbedderTest, ReadsNoFurtherThanThereArePositions) {
  LoadOptions options = exact();
  options.context_size = 4096;  // the model has vectors for 512 positions
  scheduler_ = expect_value(Scheduler::create(*model_, options));
  EXPECT_EQ(scheduler_->context_size(), 512);
  EXPECT_EQ(refused(texts_of({513}), {}).code, ErrorCode::kContextOverflow);
  EXPECT_EQ(embed(texts_of({512}), {}).width, 256U);
}

TEST_F(EmbedderTest, AnEncoderAnswersNothing) {
  GenerationRequest request;
  request.prompt = {1, 2, 3};
  EXPECT_EQ(scheduler_->submit(request).error().code, ErrorCode::kUnsupported);
  const auto logits =
      scheduler_->logits(request.prompt, 0, [](size_t, std::span<const float>) { return true; });
  EXPECT_EQ(logits.error().code, ErrorCode::kUnsupported);
}

TEST_F(EmbedderTest, OnlyAClassifierRanks) {
  EXPECT_THAT(refused(texts_of({5}), pooled("rank")).message, HasSubstr("classifier"));
  use("tiny-qwen3-reranker");
  const auto scores = embed(texts_of({5, 9}), {});
  ASSERT_EQ(scores.width, 2U);
  EXPECT_NEAR(scores.of(1)[0] + scores.of(1)[1], 1.0, 1e-6);
  EXPECT_EQ(embed(texts_of({5, 9}), pooled("last")).width, 256U);
  EXPECT_THAT(refused(texts_of({5}), pooled("rank", true, 1)).message, HasSubstr("dimensions"));
}

TEST_F(EmbedderTest, WhatRunsGoesOnAfterwards) {
  const auto run = [&](bool embeds) {
    use("tiny-llama");
    GenerationRequest request;
    request.prompt = {1, 20, 300};
    request.max_tokens = 12;
    request.temperature = 0.0F;
    const auto generation = expect_value(scheduler_->submit(request));
    for (int step = 0; step < 5; ++step) scheduler_->step();
    // All pages but the generation's are not enough: it is put back.
    if (embeds) embed(texts_of({500, 40}), {});
    while (scheduler_->step()) {
    }
    return std::vector<TokenId>(generation->tokens().begin(), generation->tokens().end());
  };
  EXPECT_EQ(run(true), run(false));
}

TEST_F(EmbedderTest, QuantisedWeightsGiveNearlyWhatExactProductsGive) {
  const auto texts = texts_of({40});
  for (const auto& [type, least] : {std::pair{"F16", 0.99999}, std::pair{"Q8_0", 0.999}}) {
    const auto model = load_synthetic("tiny-bert", "", type);
    const auto reference = load_synthetic("tiny-bert", "reference", type);
    const auto ours = expect_value(expect_value(Scheduler::create(*model, exact()))->embed(texts, {}));
    const auto theirs = expect_value(expect_value(Scheduler::create(*reference, exact()))->embed(texts, {}));
    EXPECT_GT(cosine(ours.of(0), theirs.of(0)), least) << type;
  }
}

}  // namespace
}  // namespace hearth
