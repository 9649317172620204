// The scheduler of the little model, and what its tests ask of it. Test code only.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/runtime/scheduler.h"
#include "engine/runtime/test_model.h"

namespace hearth::testing {

struct Answer {
  std::string text;
  std::vector<TokenId> tokens;  // prompt included
  GenerationEvent last;
};

class SchedulerFixture : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (std::filesystem::exists(testdata())) model_ = load_stories();
  }
  static void TearDownTestSuite() { model_.reset(); }
  void SetUp() override { HEARTH_REQUIRE_TESTDATA(); }

  static std::unique_ptr<Scheduler> make(LoadOptions options = {}) {
    return expect_value(Scheduler::create(*model_, options));
  }

  static GenerationRequest request(const std::string& prompt, int32_t max_tokens, float temperature = 0.0F) {
    GenerationRequest made;
    made.prompt = model_->tokenizer().encode(prompt);
    made.max_tokens = max_tokens;
    made.temperature = temperature;
    made.seed = 11;
    made.continues_text = !prompt.empty();
    return made;
  }

  static Answer collect(Generation& generation) {
    Answer answer;
    while (auto event = generation.next()) {
      answer.text += event->text;
      answer.last = std::move(*event);
    }
    answer.tokens.assign(generation.tokens().begin(), generation.tokens().end());
    return answer;
  }

  static Answer generate(Scheduler& scheduler, const GenerationRequest& asked) {
    const auto generation = expect_value(scheduler.submit(asked));
    while (scheduler.step()) {
    }
    return collect(*generation);
  }

  inline static std::unique_ptr<Model> model_;
};

}  // namespace hearth::testing
