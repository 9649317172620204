// What is read of a device that finds the highest logits itself, and that answers are the same as of all
// logits: of all kinds of sampling at once, in steps that nobody waits for.
#include <gtest/gtest.h>

#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/compute/delegating_backend.h"
#include "engine/runtime/scheduler.h"
#include "engine/runtime/test_model.h"

namespace hearth {
namespace {

using testing::expect_value;

struct Reads {
  int64_t count = 0;
  uint64_t bytes = 0;
  int64_t of_highest = 0;
};

/// Counts what is read; finds the highest if it may.
class CountsReads final : public DelegatingBackend {
 public:
  CountsReads(Backend& device, bool finds, Reads& reads)
      : DelegatingBackend(device), finds_(finds), reads_(reads) {}

  void begin_read(Buffer from, std::span<std::byte> into) override {
    ++reads_.count;
    reads_.bytes += into.size();
    DelegatingBackend::begin_read(from, into);
  }
  bool find_highest(Tensor x, int64_t columns, Tensor out) override {
    if (!finds_) return false;
    ++reads_.of_highest;
    return DelegatingBackend::find_highest(x, columns, out);
  }

 private:
  bool finds_;
  Reads& reads_;
};

class StepOutputsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    HEARTH_REQUIRE_TESTDATA();
    model_ = expect_value(Model::load(testing::stories_path(), LoadOptions{.device = "reference"}));
  }

  GenerationRequest request(float temperature, uint64_t seed = 1) const {
    GenerationRequest made;
    made.prompt = model_->tokenizer().encode("Once upon a time", true);
    made.max_tokens = 24;
    made.temperature = temperature;
    made.seed = seed;
    return made;
  }

  /// Draws of rows that are seldom told by what is highest.
  GenerationRequest of_wide_rows() const {
    GenerationRequest made = request(3.0F);
    made.samplers = {"temperature", "minP"};
    made.min_p = 0.05F;
    return made;
  }

  /// Of few tokens, which are often not among the highest and soon come again in the same order.
  GenerationRequest of_few_tokens() const {
    GenerationRequest made = request(0.0F);
    for (TokenId token = 0; token < model_->tokenizer().vocabulary_size(); ++token) {
      if (token % 80 != 0) made.logit_bias.push_back({token, -std::numeric_limits<float>::infinity()});
    }
    return made;
  }

  struct Answers {
    std::vector<std::vector<TokenId>> tokens;
    std::vector<float> logprobs;
    Reads reads;
    int32_t accepted = 0;  // of drafts

    bool operator==(const Answers& other) const {
      return tokens == other.tokens && logprobs == other.logprobs && accepted == other.accepted;
    }
  };
  /// To all of them at once.
  Answers answer(const std::vector<GenerationRequest>& requests, bool finds) {
    Answers answers;
    LoadOptions options;
    options.max_sequences = 16;
    const auto scheduler = expect_value(Scheduler::create(*model_, options));
    scheduler->compute_through(std::make_unique<CountsReads>(model_->backend(), finds, answers.reads));
    std::vector<std::shared_ptr<Generation>> generations;
    for (const GenerationRequest& each : requests)
      generations.push_back(expect_value(scheduler->submit(each)));
    do {
      scheduler->begin_step();
      while (!scheduler->step_ready()) {
      }
    } while (scheduler->is_busy());
    for (const auto& generation : generations) {
      answers.tokens.emplace_back(generation->tokens().begin(), generation->tokens().end());
      while (const auto event = generation->next()) {
        EXPECT_FALSE(event->error) << event->error->message;
        for (const ChosenLogprob& chosen : event->logprobs) answers.logprobs.push_back(chosen.logprob);
        answers.accepted += event->finish == FinishReason::kNone ? 0 : event->usage.accepted_tokens;
      }
    }
    return answers;
  }

  std::unique_ptr<Model> model_;
};

TEST_F(StepOutputsTest, AnswersAreTheSameAsOfAllLogits) {
  std::vector<GenerationRequest> requests{request(0.0F), request(0.8F), request(1.5F, 5), of_wide_rows()};
  for (const float temperature : {0.0F, 0.8F}) {
    requests.push_back(request(temperature));
    requests.back().speculation = "lookup";
    requests.back().max_tokens = 100;  // in which some of its own text comes again
    requests.push_back(request(temperature));
    requests.back().repetition_penalty = 1.2F;
    requests.back().dry_multiplier = 1.0F;
    requests.push_back(request(temperature));
    requests.back().grammar = "root ::= \" \" [a-z ]+";
    requests.push_back(request(temperature));
    requests.back().logprobs = 2;
  }
  requests.push_back(of_wide_rows());
  requests.back().speculation = "lookup";
  const Answers of_highest = answer(requests, true);
  const Answers of_all = answer(requests, false);
  EXPECT_EQ(of_highest, of_all);
  EXPECT_GT(of_highest.accepted, 0);
  EXPECT_LT(of_highest.reads.bytes, of_all.reads.bytes);
}

TEST_F(StepOutputsTest, TheHighestAreAllThatIsReadOfAStep) {
  for (const float temperature : {0.0F, 0.8F}) {
    const Answers answers = answer({request(temperature)}, true);
    EXPECT_EQ(answers.reads.count, 24);
    EXPECT_EQ(answers.reads.bytes, 24 * sizeof(Highest));
  }
}

TEST_F(StepOutputsTest, AllLogitsAreReadOnceWhereTheyAreWantedFromTheBeginning) {
  GenerationRequest of_all = request(0.8F);
  of_all.logprobs = 0;
  const Answers answers = answer({of_all}, true);
  EXPECT_EQ(answers.reads.count, 24);
  EXPECT_EQ(answers.reads.bytes, 24 * sizeof(float) * static_cast<uint64_t>(model_->spec().n_vocab()));
}

TEST_F(StepOutputsTest, AllLogitsAreReadWhereTheHighestDoNotTellTheToken) {
  const Answers answers = answer({of_wide_rows()}, true);
  EXPECT_EQ(answers, answer({of_wide_rows()}, false));
  EXPECT_EQ(answers.reads.of_highest, 24);
  EXPECT_GT(answers.reads.count, 24);
  EXPECT_LT(answers.reads.count, 48);
}

TEST_F(StepOutputsTest, ADraftGoesOnBehindTheRowThatHadToBeRead) {
  GenerationRequest drafted = of_few_tokens();
  drafted.speculation = "lookup";
  const Answers answers = answer({drafted}, true);
  EXPECT_EQ(answers, answer({drafted}, false));
  EXPECT_EQ(answers.tokens, answer({of_few_tokens()}, false).tokens);
  EXPECT_GT(answers.accepted, 5);
  EXPECT_GT(answers.reads.count, answers.reads.of_highest) << "rows should have been read";
}

}  // namespace
}  // namespace hearth
