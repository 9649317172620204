// What is computed on devices that are lost meanwhile.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/runtime/losing_device_testing.h"
#include "engine/runtime/scheduler.h"
#include "engine/runtime/synthetic_model_testing.h"

namespace hearth {
namespace {

using ::testing::ElementsAre;
using testing::expect_value;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// Adds a product of rank 1 to the first layer's output of attention.
std::shared_ptr<const ByteSource> adapter_for(const Model& model) {
  const auto width = static_cast<uint64_t>(model.spec().n_embd());
  GgufWriter writer;
  writer.add_string("general.architecture", "llama");
  writer.add_string("general.type", "adapter");
  writer.add_string("adapter.type", "lora");
  const auto fill = [](uint64_t offset, std::span<std::byte> into) -> Result<void> {
    for (size_t i = 0; i + sizeof(float) <= into.size(); i += sizeof(float)) {
      const float value = (offset + i) / sizeof(float) % 3 == 0 ? 4.0F : -1.0F;
      std::memcpy(into.data() + i, &value, sizeof value);
    }
    return {};
  };
  writer.add_tensor("blk.0.attn_output.weight.lora_a", BlockType::kF32, {width, 1}, fill);
  writer.add_tensor("blk.0.attn_output.weight.lora_b", BlockType::kF32, {1, width}, fill);
  return own_memory(expect_value(writer.write_to_memory()), "adapter.gguf");
}

class LostDevice : public ::testing::Test {
 protected:
  LostDevice() { load("tiny-llama", "reference"); }

  void load(std::string_view shape, const std::string& device, int32_t context_size = 256) {
    scheduler_.reset();
    moves_.clear();
    model_ = testing::load_synthetic(shape, device);
    LoadOptions options;
    options.context_size = context_size;
    scheduler_ = expect_value(Scheduler::create(*model_, options));
    scheduler_->change_device_with([this, device](bool to_cpu, const auto& move) {
      moves_.emplace_back(to_cpu ? "cpu" : "again");
      if (!to_cpu && opens_no_more_) return Result<void>(Error{ErrorCode::kUnsupported, "no GPU"});
      LoadOptions chosen;
      chosen.threads = 1;
      chosen.device = to_cpu ? "cpu" : device;
      return model_->change_device(chosen, nullptr, move);
    });
  }

  void lose_after(int steps) {
    scheduler_->compute_through(std::make_unique<testing::LosesItself>(model_->backend(), steps));
  }

  static std::vector<TokenId> text(TokenId first, TokenId count = 70) {
    std::vector<TokenId> tokens;
    for (TokenId token = first; token < first + count; ++token) tokens.push_back(token);
    return tokens;
  }

  static GenerationRequest question(TokenId first) {
    GenerationRequest request;
    request.prompt = text(first);
    request.max_tokens = 12;
    request.temperature = 0.0F;
    request.ignore_end = true;
    return request;
  }

  std::shared_ptr<Generation> ask(GenerationRequest request) {
    return expect_value(scheduler_->submit(std::move(request)));
  }
  std::shared_ptr<Generation> ask(TokenId first) { return ask(question(first)); }

  void finish() {
    while (scheduler_->step()) {
    }
  }

  struct Told {
    std::vector<std::string> warnings;
    std::optional<ComputedBy> computed_by;
    std::optional<Error> error;
  };
  static Told told_of(Generation& generation) {
    Told told;
    while (const auto event = generation.next()) {
      told.warnings.insert(told.warnings.end(), event->warnings.begin(), event->warnings.end());
      if (event->computed_by) told.computed_by = event->computed_by;
      if (event->error) told.error = event->error;
    }
    return told;
  }

  static std::vector<TokenId> tokens_of(const Generation& generation) {
    return {generation.tokens().begin(), generation.tokens().end()};
  }

  std::unique_ptr<Model> model_;
  std::unique_ptr<Scheduler> scheduler_;
  std::vector<std::string> moves_;
  bool opens_no_more_ = false;
};

TEST_F(LostDevice, AnswersGoOnFromTheTokensThatWereThere) {
  const auto alone = ask(1);
  finish();
  lose_after(5);
  const auto first = ask(1);
  const auto second = ask(100);
  finish();
  EXPECT_EQ(tokens_of(*first), tokens_of(*alone));
  EXPECT_THAT(told_of(*first).warnings, ElementsAre("the GPU went away: the answer goes on on a device "
                                                    "that was opened anew"));
  EXPECT_FALSE(told_of(*second).error.has_value());
  EXPECT_THAT(moves_, ElementsAre("again"));
  const auto later = ask(100);
  finish();
  EXPECT_EQ(tokens_of(*later), tokens_of(*second)) << "from what was kept since";
  EXPECT_THAT(told_of(*later).warnings, ElementsAre());
}

TEST_F(LostDevice, TheSecondTimeTheCpuTakesOver) {
  lose_after(2);
  ask(1);
  finish();
  lose_after(3);
  const auto generation = ask(1);
  finish();
  const Told told = told_of(*generation);
  EXPECT_FALSE(told.error.has_value());
  EXPECT_THAT(told.warnings, ElementsAre(HasSubstr("on the CPU")));
  ASSERT_TRUE(told.computed_by.has_value());
  EXPECT_EQ(told.computed_by->device, model_->info().device);
  EXPECT_EQ(told.computed_by->device_reason, model_->info().device_reason);
  EXPECT_THAT(model_->info().device, StartsWith("cpu ("));
  EXPECT_EQ(model_->info().device_reason, "the GPU went away");
  EXPECT_EQ(generation->tokens().size(), 82U);
  EXPECT_THAT(moves_, ElementsAre("again", "cpu"));
  EXPECT_THAT(model_->backend().name(), "cpu");
}

TEST_F(LostDevice, TheCpuTakesOverWhereNoOtherDeviceIsThere) {
  opens_no_more_ = true;
  lose_after(2);
  const auto generation = ask(1);
  finish();
  EXPECT_FALSE(told_of(*generation).error.has_value());
  EXPECT_THAT(moves_, ElementsAre("again", "cpu"));
}

TEST_F(LostDevice, AfterThatNothingIsTriedAnyMore) {
  opens_no_more_ = true;
  lose_after(0);
  ask(1);
  finish();
  lose_after(0);
  const auto generation = ask(1);
  finish();
  EXPECT_EQ(told_of(*generation).error->code, ErrorCode::kDeviceLost);
}

TEST_F(LostDevice, AdaptersComeAlongAlsoThoseThatWereUnloaded) {
  const int32_t id = expect_value(scheduler_->adapters().load(adapter_for(*model_)));
  GenerationRequest adapted = question(1);
  adapted.adapters = {{id, 1.0F}};
  const auto undisturbed = ask(adapted);
  const auto plain = ask(1);
  finish();
  ASSERT_NE(tokens_of(*undisturbed), tokens_of(*plain));
  lose_after(4);
  const auto generation = ask(adapted);
  ASSERT_TRUE(scheduler_->adapters().unload(id).ok());
  finish();
  EXPECT_EQ(tokens_of(*generation), tokens_of(*undisturbed));
  EXPECT_THAT(moves_, ElementsAre("again"));
}

TEST_F(LostDevice, CanvasesAreReadAgain) {
  load("tiny-llada", "cpu");
  GenerationRequest drawn = question(6);
  drawn.prompt = text(6, 5);
  drawn.max_tokens = 4;
  drawn.temperature = 1.0F;
  drawn.seed = 5;
  drawn.diffusion_algorithm = "random";
  const auto undisturbed = ask(drawn);
  finish();
  for (const int waits : {0, 1, 4, 5}) {  // two a step
    load("tiny-llada", "cpu");
    lose_after(waits);
    const auto generation = ask(drawn);
    finish();
    EXPECT_EQ(tokens_of(*generation), tokens_of(*undisturbed));
    EXPECT_THAT(told_of(*generation).warnings, ElementsAre(HasSubstr("opened anew")));
  }
}

TEST_F(LostDevice, VectorsAreComputedAgain) {
  const std::vector<std::vector<TokenId>> texts{text(1), text(50, 200), text(9, 3)};
  const Embeddings expected = expect_value(scheduler_->embed(texts, {}));
  lose_after(0);
  const auto answer = ask(1);  // which waits meanwhile
  EXPECT_EQ(expect_value(scheduler_->embed(texts, {})).values, expected.values);
  finish();
  EXPECT_FALSE(told_of(*answer).error.has_value());
  EXPECT_THAT(moves_, ElementsAre("again"));
}

TEST_F(LostDevice, LogitsAreVisitedOnce) {
  const std::vector<TokenId> tokens = text(1, 200);
  const auto logits = [&] {
    std::vector<float> all;
    const auto visit = [&](size_t position, std::span<const float> row) {
      EXPECT_EQ(position, 20 + all.size() / row.size());
      all.insert(all.end(), row.begin(), row.end());
      return true;
    };
    EXPECT_TRUE(scheduler_->logits(tokens, 20, visit).ok());
    return all;
  };
  const std::vector<float> expected = logits();
  for (const int waits : {0, 1}) {
    load("tiny-llama", "reference");
    lose_after(waits);
    EXPECT_EQ(logits(), expected);
    EXPECT_THAT(moves_, ElementsAre("again"));
  }
}

/// Whenever devices are lost: two that are lost one after the other, in the midst of a batch of answers of
/// which one is cancelled and another moves its context on. All devices are the CPU, so that answers are the
/// same to the bit.
TEST_F(LostDevice, NeverChangesAnAnswer) {
  const auto answers = [&](int first, int second) {
    load("tiny-llama", "cpu", 96);
    if (first >= 0) lose_after(first);
    GenerationRequest long_one = question(100);
    long_one.max_tokens = 40;
    long_one.keep_tokens = 8;
    GenerationRequest drawn = question(200);
    drawn.temperature = 1.0F;
    drawn.seed = 3;
    const auto cancelled = ask(300);
    const std::vector generations{ask(1), ask(std::move(long_one)), ask(std::move(drawn))};
    for (int step = 0; scheduler_->step(); ++step) {
      if (step == 5) cancelled->cancel();
      if (moves_.size() == 1 && std::exchange(first, -1) >= 0) lose_after(second);
    }
    std::vector<std::vector<TokenId>> all;
    for (const auto& generation : generations) {
      EXPECT_FALSE(told_of(*generation).error.has_value());
      all.push_back(tokens_of(*generation));
    }
    return all;
  };
  const auto undisturbed = answers(-1, 0);
  for (int waits = 0; waits < 50; waits += 3) {
    EXPECT_EQ(answers(waits, waits * 7 % 11), undisturbed) << waits;
    EXPECT_FALSE(moves_.empty() && waits < 40);
  }
}

TEST_F(LostDevice, EndsAnswersWhereNothingTakesOver) {
  scheduler_->change_device_with(nullptr);
  lose_after(2);
  const auto generation = ask(1);
  finish();
  const Told told = told_of(*generation);
  ASSERT_TRUE(told.error.has_value());
  EXPECT_EQ(told.error->code, ErrorCode::kDeviceLost);
}

}  // namespace
}  // namespace hearth
