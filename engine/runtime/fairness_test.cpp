// Who is served when many ask at once.
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "engine/runtime/scheduler_fixture.h"

namespace hearth {
namespace {

using testing::Answer;
using testing::expect_value;

class FairnessTest : public testing::SchedulerFixture {
 protected:
  static std::shared_ptr<Generation> submit(Scheduler& scheduler, const std::string& prompt,
                                            int32_t max_tokens, int32_t priority = 0) {
    GenerationRequest asked = request(prompt, max_tokens);
    asked.priority = priority;
    asked.ignore_end = true;
    return expect_value(scheduler.submit(asked));
  }

  static std::string long_prompt(const std::string& sentence) {
    std::string text;
    while (text.size() < 800) text += sentence;
    return text;
  }

  static int32_t written(const Generation& generation, const std::string& prompt) {
    return static_cast<int32_t>(generation.tokens().size() - request(prompt, 1).prompt.size());
  }
};

TEST_F(FairnessTest, AHigherPriorityIsLetInFirst) {
  LoadOptions options;
  options.max_sequences = 1;
  const auto scheduler = make(options);
  const auto low = submit(*scheduler, "One", 3, -1);
  const auto middle = submit(*scheduler, "One", 3);
  const auto high = submit(*scheduler, "One", 3, 5);
  for (const auto& next : {high, middle, low}) {
    EXPECT_FALSE(next->finished());
    for (int step = 0; step < 3; ++step) scheduler->step();
    EXPECT_TRUE(next->finished());
  }
}

TEST_F(FairnessTest, AHigherPriorityTakesThePlaceOfALowerOneWhichGoesOnLater) {
  LoadOptions options;
  options.max_sequences = 1;
  const auto scheduler = make(options);
  const auto low = submit(*scheduler, "One day", 20);
  scheduler->step();
  const auto high = submit(*scheduler, "Once", 3, 1);
  while (!high->finished()) scheduler->step();
  EXPECT_EQ(written(*low, "One day"), 1);
  while (scheduler->step()) {
  }
  EXPECT_EQ(collect(*low).tokens, generate(*make(), request("One day", 20)).tokens);
}

TEST_F(FairnessTest, AnswersGoOnWhileALongPromptIsRead) {
  LoadOptions options;
  options.max_batch_rows = 16;
  const auto scheduler = make(options);
  const auto writing = submit(*scheduler, "Once", 50);
  scheduler->step();
  const auto reading = submit(*scheduler, long_prompt("Lily saw a big dog. "), 1, 1);
  for (int step = 1; step <= 10; ++step) {
    scheduler->step();
    EXPECT_EQ(written(*writing, "Once"), step + 1) << "a token with every step";
  }
  EXPECT_FALSE(reading->finished());
}

TEST_F(FairnessTest, PromptsShareEvenlyAndAHigherPriorityIsReadFirst) {
  LoadOptions options;
  options.max_batch_rows = 32;
  options.cache_positions = 4096;
  const auto scheduler = make(options);
  const std::string first = long_prompt("Lily saw a big dog. ");
  const std::string second = long_prompt("Tom had a red ball. ");
  const auto equal = submit(*scheduler, first, 1);
  const auto other = submit(*scheduler, second, 1);
  scheduler->step();
  EXPECT_EQ(equal->state().length(), 16);
  EXPECT_EQ(other->state().length(), 16);
  const auto urgent = submit(*scheduler, long_prompt("The sun was hot. "), 1, 1);
  scheduler->step();
  EXPECT_EQ(urgent->state().length(), 32);
  EXPECT_EQ(equal->state().length(), 16);
}

TEST_F(FairnessTest, CancelsInTheMiddleOfAPromptWithinOneStep) {
  LoadOptions options;
  options.max_batch_rows = 16;
  const auto scheduler = make(options);
  const auto reading = submit(*scheduler, long_prompt("Lily saw a big dog. "), 5);
  scheduler->step();
  reading->cancel();
  scheduler->step();
  const Answer answer = collect(*reading);
  EXPECT_EQ(answer.last.finish, FinishReason::kCancelled);
  EXPECT_EQ(answer.last.usage.completion_tokens, 0);
}

TEST_F(FairnessTest, TakesNothingForReadThatACancelledStepHadBegun) {
  const std::string prompt = long_prompt("Lily saw a big dog. ");
  const std::vector<TokenId> expected = generate(*make(), request(prompt, 10)).tokens;
  int cancelled = 0;
  for (int delay = 0; delay < 20; ++delay) {
    const auto scheduler = make();
    const auto reading = submit(*scheduler, prompt, 10);
    std::thread other([&] {
      std::this_thread::sleep_for(std::chrono::microseconds(50 * delay));
      reading->cancel();
    });
    while (scheduler->step()) {
    }
    other.join();
    cancelled += collect(*reading).last.finish == FinishReason::kCancelled ? 1 : 0;
    EXPECT_EQ(generate(*scheduler, request(prompt, 10)).tokens, expected);
  }
  EXPECT_GT(cancelled, 0);
}

TEST_F(FairnessTest, AStepReadsLessOfAPromptBesideOthers) {
  LoadOptions options;
  options.cache_positions = 4096;
  const auto scheduler = make(options);
  const auto writing = submit(*scheduler, "Once", 50);
  scheduler->step();
  const auto reading = submit(*scheduler, long_prompt("Lily saw a big dog. "), 1);
  scheduler->step();
  EXPECT_EQ(reading->state().length(), 64) << "no step has shown yet how long rows take";
}

}  // namespace
}  // namespace hearth
