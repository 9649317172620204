#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "engine/runtime/scheduler_fixture.h"

namespace hearth {
namespace {

using testing::expect_value;

class ActivityTest : public testing::SchedulerFixture {
 protected:
  static void expect_answers(const Scheduler& scheduler, int32_t running, int32_t waiting, int32_t held) {
    const Activity activity = scheduler.activity();
    EXPECT_EQ(activity.running, running);
    EXPECT_EQ(activity.waiting, waiting);
    EXPECT_EQ(activity.held, held);
  }
};

TEST_F(ActivityTest, CountsAnswersByWhatTheyDo) {
  LoadOptions options;
  options.max_sequences = 1;
  const auto scheduler = make(options);
  expect_answers(*scheduler, 0, 0, 0);
  const auto first = expect_value(scheduler->submit(request("Once", 20)));
  const auto second = expect_value(scheduler->submit(request("Once", 20)));
  expect_answers(*scheduler, 0, 2, 0);
  scheduler->step();
  expect_answers(*scheduler, 1, 1, 0);
  first->hold(true);
  scheduler->step();
  expect_answers(*scheduler, 1, 0, 1);
  second->cancel();
  scheduler->step();
  expect_answers(*scheduler, 0, 0, 1);
  scheduler->fail_all({ErrorCode::kAborted, "enough"});
  expect_answers(*scheduler, 0, 0, 0);
}

TEST_F(ActivityTest, CountsTheCacheInPages) {
  const auto scheduler = make();
  EXPECT_GE(scheduler->activity().cache_positions, scheduler->context_size());
  EXPECT_EQ(scheduler->activity().cache_positions_used, 0);
  const auto writing = expect_value(scheduler->submit(request("Once", 70)));
  scheduler->step();
  EXPECT_EQ(scheduler->activity().cache_positions_used, kPagePositions);
  while (scheduler->step()) {
  }
  EXPECT_EQ(scheduler->activity().cache_positions_used, kPagePositions) << "a whole page is kept";
}

TEST_F(ActivityTest, CountsEachTokenOnceAlsoWhereItIsReadAgain) {
  LoadOptions options;
  options.context_size = 128;
  options.cache_positions = 192;  // too little for both, one of which is put back
  const auto scheduler = make(options);
  std::vector<std::shared_ptr<Generation>> answers;
  for (const char* prompt : {"Once upon a time", "Lily saw a big dog and then"}) {
    GenerationRequest asked = request(prompt, 100);
    asked.ignore_end = true;
    answers.push_back(expect_value(scheduler->submit(asked)));
  }
  while (scheduler->step()) {
  }
  uint64_t read = 0;
  uint64_t cached = 0;
  for (const auto& answer : answers) {
    const Usage usage = collect(*answer).last.usage;
    EXPECT_EQ(usage.completion_tokens, 100);
    read += static_cast<uint64_t>(usage.prompt_tokens - usage.cached_tokens);
    cached += static_cast<uint64_t>(usage.cached_tokens);
  }
  const Activity activity = scheduler->activity();
  EXPECT_EQ(activity.prompt_tokens, read);
  EXPECT_EQ(activity.cached_tokens, cached);
  EXPECT_EQ(activity.completion_tokens, 200U);
  EXPECT_GT(activity.steps, 100U);
}

TEST_F(ActivityTest, CountsTokensOfEmbeddingsAndLogits) {
  const auto scheduler = make();
  const std::vector<std::vector<TokenId>> texts{model_->tokenizer().encode("Once"),
                                                model_->tokenizer().encode("Lily saw a dog")};
  expect_value(scheduler->embed(texts, {}));
  const size_t embedded = texts[0].size() + texts[1].size();
  EXPECT_EQ(scheduler->activity().prompt_tokens, embedded);
  ASSERT_TRUE(scheduler->logits(texts[1], 0, [](size_t, std::span<const float>) { return true; }).ok());
  EXPECT_EQ(scheduler->activity().prompt_tokens, embedded + texts[1].size());
}

}  // namespace
}  // namespace hearth
