// Texts that an encoder reads, and their answers: what of the scheduler is otherwise for them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "engine/runtime/memory_need.h"
#include "engine/runtime/prompt_logprobs.h"
#include "engine/runtime/scheduler.h"
#include "engine/runtime/synthetic_model_testing.h"

namespace hearth {
namespace {

using testing::expect_value;
using ::testing::HasSubstr;
using testing::load_synthetic;

class EncoderDecoderTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { model_ = load_synthetic("tiny-t5-gated"); }
  static void TearDownTestSuite() { model_.reset(); }

  static std::unique_ptr<Scheduler> make(LoadOptions options = {}) {
    return expect_value(Scheduler::create(*model_, options));
  }

  static GenerationRequest request(size_t length, int32_t count) {
    GenerationRequest made;
    for (size_t i = 0; i < length; ++i) made.prompt.push_back(static_cast<TokenId>(3 + i * 37 % 509));
    made.max_tokens = count;
    made.temperature = 0.0F;
    made.ignore_end = true;
    return made;
  }

  static std::vector<TokenId> tokens_of(const Generation& generation) {
    return {generation.tokens().begin(), generation.tokens().end()};
  }

  static GenerationEvent end_of(Generation& generation) {
    GenerationEvent last;
    while (auto event = generation.next()) last = std::move(*event);
    return last;
  }

  static std::shared_ptr<Generation> run(Scheduler& scheduler, const GenerationRequest& asked) {
    auto generation = expect_value(scheduler.submit(asked));
    while (scheduler.step()) {
    }
    return generation;
  }

  inline static std::unique_ptr<Model> model_;
};

TEST_F(EncoderDecoderTest, AnAnswerBeginsBehindTheTextWithATokenOfItsOwn) {
  const auto scheduler = make();
  const auto generation = run(*scheduler, request(30, 5));
  const std::vector<TokenId> tokens = tokens_of(*generation);
  ASSERT_EQ(tokens.size(), 36U);
  EXPECT_EQ(tokens[30], 0) << "decoder_start_token_id";
  const GenerationEvent end = end_of(*generation);
  EXPECT_EQ(end.finish, FinishReason::kLength);
  EXPECT_EQ(end.usage.prompt_tokens, 31);
  EXPECT_EQ(end.usage.completion_tokens, 5);
  // One step reads the text; each other gives a token.
  EXPECT_EQ(scheduler->activity().steps, 6U);
}

TEST_F(EncoderDecoderTest, TheContextHoldsATextAndItsAnswerAsLongAsTheModelWasTrainedFor) {
  EXPECT_EQ(model_->spec().context_length, 512);
  EXPECT_EQ(make()->context_size(), 1024);
}

TEST_F(EncoderDecoderTest, EveryTokenOfTheTextMatters) {
  const auto scheduler = make();
  const auto logits_of = [&](const std::vector<TokenId>& tokens, size_t source) {
    std::vector<float> all;
    const auto done = scheduler->logits(tokens, source, [&](size_t, std::span<const float> row) {
      all.insert(all.end(), row.begin(), row.end());
      return true;
    });
    EXPECT_TRUE(done.ok()) << done.error().message;
    return all;
  };
  std::vector<TokenId> tokens = request(20, 0).prompt;
  const std::vector<float> before = logits_of(tokens, 19);
  ASSERT_EQ(before.size(), 512U);
  for (size_t i = 0; i < 19; ++i) {
    std::vector<TokenId> other = tokens;
    other[i] = 2;
    EXPECT_NE(logits_of(other, 19), before) << i;
  }
}

/// Whoever can be found again by a part of his text has a decoder's keys and values.
TEST_F(EncoderDecoderTest, OfATextNothingIsKept) {
  const auto scheduler = make();
  const auto first = run(*scheduler, request(200, 10));
  const auto again = run(*scheduler, request(200, 10));
  EXPECT_EQ(tokens_of(*again), tokens_of(*first));
  EXPECT_EQ(end_of(*again).usage.cached_tokens, 0);
  EXPECT_EQ(scheduler->activity().cache_positions_used, 0);
  // Nor do two that are the same wait for each other.
  const auto one = expect_value(scheduler->submit(request(200, 10)));
  const auto other = expect_value(scheduler->submit(request(200, 10)));
  scheduler->step();
  EXPECT_EQ(scheduler->activity().running, 2);
  while (scheduler->step()) {
  }
  EXPECT_EQ(tokens_of(*one), tokens_of(*first));
  EXPECT_EQ(tokens_of(*other), tokens_of(*first));
}

TEST_F(EncoderDecoderTest, AFullContextEndsTheAnswer) {
  LoadOptions options;
  options.context_size = 64;
  const auto scheduler = make(options);
  GenerationRequest asked = request(40, 0);
  asked.keep_tokens = 8;  // which would move a decoder's context on
  const auto generation = run(*scheduler, asked);
  EXPECT_EQ(generation->tokens().size(), 64U);
  EXPECT_EQ(end_of(*generation).finish, FinishReason::kLength);
}

TEST_F(EncoderDecoderTest, ATextThatDoesNotFitIsRefused) {
  LoadOptions options;
  options.context_size = 64;
  const auto scheduler = make(options);
  for (const size_t length : {63, 64, 500}) {
    const auto refused = scheduler->submit(request(length, 4));
    ASSERT_FALSE(refused.ok()) << length;
    EXPECT_EQ(refused.error().code, ErrorCode::kContextOverflow);
  }
  const auto empty = scheduler->submit(request(0, 4));
  ASSERT_FALSE(empty.ok());
  EXPECT_THAT(empty.error().message, HasSubstr("there are no tokens to run"));
  EXPECT_EQ(run(*scheduler, request(62, 4))->tokens().size(), 64U);
}

/// With room for one of them at a time, each is put back for those before it, and reads its text again.
TEST_F(EncoderDecoderTest, AnswersAreTheSameWhereRoomIsShort) {
  std::vector<std::vector<TokenId>> alone;
  for (const size_t length : {100, 90, 110}) alone.push_back(tokens_of(*run(*make(), request(length, 60))));
  LoadOptions options;
  options.context_size = 192;
  options.cache_positions = 384;
  options.max_batch_rows = 16;
  const auto scheduler = make(options);
  std::vector<std::shared_ptr<Generation>> generations;
  for (const size_t length : {100, 90, 110}) {
    generations.push_back(expect_value(scheduler->submit(request(length, 60))));
  }
  while (scheduler->step()) {
  }
  for (size_t i = 0; i < alone.size(); ++i) EXPECT_EQ(tokens_of(*generations[i]), alone[i]) << i;
}

TEST_F(EncoderDecoderTest, DraftsFromItsTextChangeNoAnswer) {
  const std::vector<TokenId> wanted = tokens_of(*run(*make(), request(60, 40)));
  const auto scheduler = make();
  GenerationRequest asked = request(60, 40);
  asked.speculation = "lookup";
  const auto one = expect_value(scheduler->submit(asked));
  for (int i = 0; i < 10; ++i) scheduler->step();
  const auto other = run(*scheduler, asked);  // whose text is read between two of the first one's steps
  EXPECT_EQ(tokens_of(*one), wanted);
  EXPECT_EQ(tokens_of(*other), wanted);
}

TEST_F(EncoderDecoderTest, CancelledBeforeOrWhileItIsAnswered) {
  const auto scheduler = make();
  const auto unread = expect_value(scheduler->submit(request(60, 40)));
  unread->cancel();
  const auto answered = expect_value(scheduler->submit(request(60, 40)));
  for (int i = 0; i < 5; ++i) scheduler->step();
  answered->cancel();
  while (scheduler->step()) {
  }
  for (const auto& each : {unread, answered}) EXPECT_EQ(end_of(*each).finish, FinishReason::kCancelled);
  EXPECT_EQ(scheduler->activity().cache_positions_used, 0);
}

TEST_F(EncoderDecoderTest, OnlyItsAnswerHasLogits) {
  const auto scheduler = make();
  const auto none = prompt_logprobs(*scheduler, *model_, request(9, 0).prompt, 1);
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(none.error().message, HasSubstr("'t5' reads a text as a whole"));
}

TEST_F(EncoderDecoderTest, DraftsNothingForOthers) {
  const auto refused = Scheduler::create(*model_, {}, model_.get());
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().message, HasSubstr("'t5' reads texts as a whole and drafts nothing"));
}

TEST_F(EncoderDecoderTest, AConversationEndsAsTextsOfTheVocabularyDo) {
  const std::vector<TokenId> text = model_->tokenizer().encode("a cat");
  EXPECT_EQ(text.back(), model_->tokenizer().special().eos);
  EXPECT_EQ(model_->chat().encode({{"a cat", true}}), text);
}

/// tiny-t5encoder is held to llama.cpp's vectors (tests/conformance).
TEST_F(EncoderDecoderTest, ItsVectorsAreThoseOfItsEncoderAlone) {
  SyntheticShape shape = *find_synthetic_shape("tiny-t5-gated");
  shape.architecture = "t5encoder";
  shape.is_encoder = true;
  shape.tied = true;
  shape.keys = {{"attention.relative_buckets_count", 32}};
  const auto encoder = load_synthetic(shape);
  const std::vector<std::vector<TokenId>> texts{request(30, 0).prompt, request(1, 0).prompt,
                                                request(200, 0).prompt};
  LoadOptions options;
  options.max_batch_rows = 40;
  for (const char* pooling : {"mean", "cls", "last"}) {
    const EmbeddingOptions pooled{pooling, false, 0};
    const Embeddings ours = expect_value(make(options)->embed(texts, pooled));
    const Embeddings theirs =
        expect_value(expect_value(Scheduler::create(*encoder, options))->embed(texts, pooled));
    EXPECT_EQ(ours.values, theirs.values) << pooling;
  }
  EXPECT_EQ(tasks_of(model_->spec(), false), (std::vector<std::string_view>{"generate", "embed"}));
}

/// Beside one that has none.
TEST_F(EncoderDecoderTest, AdaptersChangeBothHalves) {
  GgufWriter writer;
  ASSERT_TRUE(add_synthetic_adapter(*find_synthetic_shape("tiny-t5-gated"), 4, 1, writer).ok());
  const auto bytes = expect_value(writer.write_to_memory());
  const auto scheduler = make();
  const int32_t id = expect_value(scheduler->adapters().load(borrow_memory(bytes, "adapter.gguf")));
  const std::vector<TokenId> plain = tokens_of(*run(*scheduler, request(40, 20)));
  GenerationRequest asked = request(40, 20);
  asked.adapters = {{id, 1.0F}};
  const std::vector<TokenId> adapted = tokens_of(*run(*scheduler, asked));
  EXPECT_NE(adapted, plain);
  const auto one = expect_value(scheduler->submit(request(40, 20)));
  const auto other = expect_value(scheduler->submit(asked));
  while (scheduler->step()) {
  }
  EXPECT_EQ(tokens_of(*one), plain);
  EXPECT_EQ(tokens_of(*other), adapted);
}

}  // namespace
}  // namespace hearth
