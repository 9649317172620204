// What writing a token costs on a GPU, counted: how many kernels, how much of memory, how often something is
// read back, how long the processor is busy with it. On any device of Vulkan, as fast or slow as that is.
#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "engine/compute/gpu/vulkan/make_runner.h"
#include "engine/runtime/scheduler.h"
#include "engine/runtime/synthetic_model_testing.h"

namespace hearth {
namespace {

using testing::expect_value;

double processor_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

struct Counts {
  int64_t dispatches = 0;
  int64_t reads = 0;
  uint64_t read_bytes = 0;
  uint64_t weight_bytes = 0;  // of the weights that products were given
  double submit_seconds = 0.0;
};

/// Passes everything on, and counts.
class CountingRunner final : public gpu::Runner {
 public:
  CountingRunner(std::unique_ptr<gpu::Runner> runner, Counts& counts)
      : runner_(std::move(runner)), counts_(counts) {}

  const gpu::DeviceProperties& device() const override { return runner_->device(); }
  Result<gpu::BlockId> create_block(uint64_t bytes) override { return runner_->create_block(bytes); }
  void destroy_block(gpu::BlockId block) override { runner_->destroy_block(block); }
  Result<gpu::KernelId> kernel(std::string_view name) override {
    const auto id = runner_->kernel(name);
    if (id.ok() && name.starts_with("matrix_")) products_.insert(*id);
    return id;
  }
  void write(gpu::BlockId to, uint64_t offset, std::span<const std::byte> bytes) override {
    runner_->write(to, offset, bytes);
  }
  void submit(const gpu::CommandList& list) override {
    counts_.dispatches += std::ssize(list.commands);
    for (const gpu::Command& command : list.commands) {
      if (!products_.contains(command.kernel)) continue;
      counts_.weight_bytes += list.bindings[command.first_binding + kWeightsOperand].bytes;
    }
    const double begin = processor_seconds();
    runner_->submit(list);
    counts_.submit_seconds += processor_seconds() - begin;
  }
  void begin_read(const gpu::Binding& from, std::span<std::byte> into) override {
    ++counts_.reads;
    counts_.read_bytes += into.size();
    runner_->begin_read(from, into);
  }
  Result<bool> ready() override { return runner_->ready(); }
  Result<void> wait() override { return runner_->wait(); }

 private:
  static constexpr uint32_t kWeightsOperand = 1;  // of kernels that multiply

  std::unique_ptr<gpu::Runner> runner_;
  Counts& counts_;
  std::set<gpu::KernelId> products_;
};

class GpuStep : public ::testing::Test {
 protected:
  static constexpr int32_t kLayers = 4;

  void SetUp() override {
    auto runner = gpu::vulkan::make_runner();
    if (!runner.ok()) GTEST_SKIP() << runner.error().message;
    SyntheticShape shape = *find_synthetic_shape("tiny-llama");
    shape.n_layer = kLayers;
    shape.n_vocab = 2100;  // more than one group looks through
    // Matrices that are too large to share a block with others.
    shape.n_embd = 512;
    shape.n_ff = 1024;
    shape.n_head = shape.n_head_kv = 8;
    shape.head_dimension = 64;
    GgufWriter writer;
    ASSERT_TRUE(add_synthetic_model(shape, expect_value(find_type_mix("F16")), 1, writer).ok());
    const auto counted = [&] {
      return Result<std::unique_ptr<gpu::Runner>>(
          std::make_unique<CountingRunner>(std::move(*runner), counts_));
    };
    model_ = expect_value(Model::load({own_memory(expect_value(writer.write_to_memory()))},
                                      LoadOptions{.device = "gpu"}, nullptr, counted));
    LoadOptions load;
    load.context_size = 128;
    scheduler_ = expect_value(Scheduler::create(*model_, load));
  }

  /// What each of the last tokens of an answer took.
  std::vector<Counts> counts_of_tokens(int32_t tokens) {
    GenerationRequest request;
    request.prompt = {1, 2, 3};
    request.max_tokens = tokens + kWarmUp;
    request.temperature = 0.0F;
    request.ignore_end = true;
    const auto generation = expect_value(scheduler_->submit(std::move(request)));
    std::vector<Counts> each;
    for (bool goes_on = true; goes_on; each.push_back(std::exchange(counts_, {})))
      goes_on = scheduler_->step();
    while (const auto event = generation->next()) {
      EXPECT_FALSE(event->error) << event->error->message;
    }
    each.pop_back();  // which found nothing to do
    EXPECT_GE(std::ssize(each), tokens);
    return {each.end() - tokens, each.end()};
  }

  /// A short one, of the highest logits or of all.
  std::vector<TokenId> answer(float temperature, bool of_all) {
    GenerationRequest request;
    request.prompt = {1, 2, 3};
    request.max_tokens = 4;
    request.temperature = temperature;
    request.seed = 5;
    request.ignore_end = true;
    if (of_all) request.logprobs = 0;
    const auto generation = expect_value(scheduler_->submit(std::move(request)));
    while (scheduler_->step()) {
    }
    return {generation->tokens().begin(), generation->tokens().end()};
  }

  /// The prompt, and as many tokens as lists may be on their way at once.
  static constexpr int32_t kWarmUp = 10;
  Counts counts_;
  std::unique_ptr<Model> model_;
  std::unique_ptr<Scheduler> scheduler_;
};

TEST_F(GpuStep, OfATokenHasEightKernelsForEachLayerAndReadsEachWeightOnce) {
  const uint64_t all = model_->info().file_size;
  for (const Counts& token : counts_of_tokens(4)) {
    // Beside the layers': the token's row, the last norm, the logits, and two that find the highest of them.
    EXPECT_LE(token.dispatches, 8 * kLayers + 5);
    EXPECT_EQ(token.reads, 1);
    EXPECT_LE(token.read_bytes, 512U);
    EXPECT_LE(static_cast<double>(token.weight_bytes), 1.05 * static_cast<double>(all));
    EXPECT_GE(static_cast<double>(token.weight_bytes), 0.9 * static_cast<double>(all));
  }
}

TEST_F(GpuStep, GivesTheTokensOfAllLogitsByTheHighest) {
  for (const float temperature : {0.8F, 2.0F}) {
    const std::vector<TokenId> tokens = answer(temperature, false);
    EXPECT_EQ(tokens.size(), 3U + 4U);
    EXPECT_EQ(tokens, answer(temperature, true));
  }
}

// At most 0.3 ms for 22 layers: half of that is for what all models have besides.
TEST_F(GpuStep, OfATokenTakesLittleOfTheProcessor) {
  std::vector<double> seconds;
  for (const Counts& token : counts_of_tokens(15)) seconds.push_back(token.submit_seconds);
  std::ranges::nth_element(seconds, seconds.begin() + 7);
  EXPECT_LE(seconds[7], 0.15e-3 + 0.15e-3 * kLayers / 22);
}

}  // namespace
}  // namespace hearth
