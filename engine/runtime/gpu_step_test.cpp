// What writing a token costs on a GPU, counted: how many kernels, how much of memory, how often something is
// read back, how long the processor is busy with it. By a device that computes nothing.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/compute/gpu/limited_gpu.h"
#include "engine/compute/gpu/vulkan/make_runner.h"
#include "engine/runtime/scheduler.h"
#include "engine/runtime/synthetic_model_testing.h"

namespace {

thread_local int64_t allocations = 0;

}  // namespace

// Sanitizers have allocations of their own. Clang tells of them by a feature, GCC by macros.
#if defined(__has_feature)
#if !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)
#define HEARTH_COUNTS_ALLOCATIONS
#endif
#elif !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define HEARTH_COUNTS_ALLOCATIONS
#endif

#ifdef HEARTH_COUNTS_ALLOCATIONS

// Not inlined, where the compiler would see memory of one given back to the other.
[[gnu::noinline]] void* operator new(size_t bytes) {
  ++allocations;
  if (void* const memory = std::malloc(bytes)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, size_t /*bytes*/) noexcept { std::free(memory); }

#endif

namespace hearth {
namespace {

using testing::expect_value;

struct Counts {
  int64_t lists = 0;
  int64_t new_lists = 0;  // unlike any before, so that no runner can send again what it recorded
  int64_t dispatches = 0;
  int64_t reads = 0;
  uint64_t read_bytes = 0;
  int64_t allocations = 0;
  uint64_t weight_bytes = 0;    // of the weights that products were given
  uint64_t cache_bytes = 0;     // of keys and values that attention reads
  double submit_seconds = 1.0;  // of the processor, for the list that took least
};

/// A device that computes nothing, and counts what it was to do. All that it holds is zero.
class IdleRunner final : public gpu::Runner {
 public:
  explicit IdleRunner(Counts& counts) : counts_(counts) {}

  const gpu::DeviceProperties& device() const override { return device_; }
  Result<gpu::BlockId> create_block(uint64_t /*bytes*/) override { return ++last_block_; }
  void destroy_block(gpu::BlockId /*block*/) override {}
  Result<gpu::KernelId> kernel(std::string_view name) override {
    kernels_.emplace_back(name);
    return static_cast<gpu::KernelId>(kernels_.size() - 1);
  }
  void write(gpu::BlockId, uint64_t, std::span<const std::byte>) override {}
  void submit(const gpu::CommandList& list) override {
    ++counts_.lists;
    std::pair like(list.commands, list.bindings);
    if (std::ranges::count(known_, like) == 0) {
      ++counts_.new_lists;
      known_.push_back(std::move(like));
    }
    counts_.dispatches += std::ssize(list.commands);
    for (size_t i = 0; i < list.commands.size(); ++i) {
      const gpu::Command& command = list.commands[i];
      const std::string& kernel = kernels_[command.kernel];
      if (kernel.starts_with("matrix_")) {
        counts_.weight_bytes += list.bindings[command.first_binding + kWeightsOperand].bytes;
      } else if (kernel.starts_with("attend/")) {
        counts_.cache_bytes += cache_bytes_of(list, i);
      }
    }
  }
  void begin_read(const gpu::Binding& /*from*/, std::span<std::byte> into) override {
    ++counts_.reads;
    counts_.read_bytes += into.size();
    std::ranges::fill(into, std::byte{0});
  }
  Result<bool> ready() override { return true; }
  Result<void> wait() override { return {}; }

 private:
  static constexpr uint32_t kWeightsOperand = 1;  // of kernels that multiply

  /// Of halves, by the parameters of kernel attend and its words for each group (struct Work).
  static uint64_t cache_bytes_of(const gpu::CommandList& list, size_t command) {
    const auto parameters =
        std::span(list.parameters).subspan(command * gpu::CommandList::kParameterBytes / sizeof(uint32_t));
    const auto& [works, key_heads, tiles] = list.commands[command].groups;
    uint64_t positions = 0;
    for (size_t i = 0; i < works; ++i) {
      const auto work = std::span(list.data).subspan(parameters[0] + 6 * i);
      positions += work[5] - work[4];
    }
    const uint64_t dimensions = parameters[3] + parameters[4];
    return positions * key_heads * dimensions * sizeof(uint16_t);
  }

  Counts& counts_;
  gpu::DeviceProperties device_ = [] {
    gpu::DeviceProperties device;
    device.name = "none";
    device.block_bytes = device.binding_bytes = 1 << 30;
    device.group_memory_bytes = 32 << 10;
    return device;
  }();
  gpu::BlockId last_block_ = 0;
  std::vector<std::string> kernels_;
  std::vector<std::pair<std::vector<gpu::Command>, std::vector<gpu::Binding>>> known_;
};

/// A device of Vulkan, and how long it has the processor for the lists that it is handed.
class TimedRunner final : public LimitedRunner {
 public:
  TimedRunner(std::unique_ptr<gpu::Runner> runner, Counts& counts)
      : LimitedRunner(std::move(runner)), counts_(counts) {}

  void submit(const gpu::CommandList& list) override {
    const double begin = processor_seconds();
    LimitedRunner::submit(list);
    counts_.submit_seconds = std::min(counts_.submit_seconds, processor_seconds() - begin);
  }

 private:
  static double processor_seconds() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
  }

  Counts& counts_;
};

SyntheticShape shape_of(int32_t layers) {
  SyntheticShape shape = *find_synthetic_shape("tiny-llama");
  shape.n_layer = layers;
  shape.n_vocab = 2100;  // more than one group looks through
  // Matrices that are too large to share a block with others.
  shape.n_embd = 512;
  shape.n_ff = 1024;
  shape.n_head = 8;
  shape.n_head_kv = 2;
  shape.context_length = 8192;
  return shape;
}

template <typename T, typename... Given>
Result<std::unique_ptr<gpu::Runner>> made_runner(Given&&... given) {
  return std::unique_ptr<gpu::Runner>(std::make_unique<T>(std::forward<Given>(given)...));
}

class GpuStep : public ::testing::Test {
 protected:
  std::unique_ptr<Model> load(const SyntheticShape& shape, std::string_view type,
                              const gpu::MakeRunner& runner = nullptr) {
    GgufWriter writer;
    const auto added = add_synthetic_model(shape, expect_value(find_type_mix(type)), 1, writer);
    EXPECT_TRUE(added.ok());
    return expect_value(Model::load({own_memory(expect_value(writer.write_to_memory()))},
                                    LoadOptions{.device = "gpu"}, nullptr, runner));
  }
  std::unique_ptr<Model> load_idle(const SyntheticShape& shape, std::string_view type) {
    return load(shape, type, [&] { return made_runner<IdleRunner>(counts_); });
  }

  /// What each of the last tokens of an answer took.
  std::vector<Counts> counts_of_tokens(Model& model, int32_t prompt, int32_t tokens) {
    LoadOptions load;
    load.context_size = prompt + tokens + 2 * kWarmUp;
    const auto scheduler = expect_value(Scheduler::create(model, load));
    GenerationRequest request;
    request.prompt.assign(static_cast<size_t>(prompt), 1);
    request.max_tokens = tokens + kWarmUp;
    request.temperature = 0.0F;
    request.ignore_end = true;
    const auto generation = expect_value(scheduler->submit(std::move(request)));
    std::vector<Counts> each;
    for (bool goes_on = true; goes_on; each.push_back(std::exchange(counts_, {}))) {
      const int64_t before = allocations;
      goes_on = scheduler->step();
      counts_.allocations = allocations - before;
    }
    while (const auto event = generation->next()) {
      EXPECT_FALSE(event->error) << event->error->message;
    }
    each.pop_back();  // which found nothing to do
    EXPECT_GE(std::ssize(each), tokens);
    return {each.end() - tokens, each.end()};
  }

  /// A short one, of the highest logits or of all.
  static std::vector<TokenId> answer(Scheduler& scheduler, float temperature, bool of_all) {
    GenerationRequest request;
    request.prompt = {1, 2, 3};
    request.max_tokens = 4;
    request.temperature = temperature;
    request.seed = 5;
    request.ignore_end = true;
    if (of_all) request.logprobs = 0;
    const auto generation = expect_value(scheduler.submit(std::move(request)));
    while (scheduler.step()) {
    }
    return {generation->tokens().begin(), generation->tokens().end()};
  }

  /// The prompt, and as many tokens as lists may be on their way at once.
  static constexpr int32_t kWarmUp = 10;
  Counts counts_;
};

TEST_F(GpuStep, OfATokenHasEightKernelsForEachLayerAndReadsEachWeightOnce) {
  constexpr int32_t kLayers = 4;
  const auto model = load_idle(shape_of(kLayers), "F16");
  const uint64_t all = model->info().file_size;
  for (const Counts& token : counts_of_tokens(*model, 3, 4)) {
    // Beside the layers': the token's row, the last norm, the logits, and two that find the highest of them.
    EXPECT_LE(token.dispatches, 8 * kLayers + 5);
    EXPECT_EQ(token.reads, 1);
    EXPECT_LE(token.read_bytes, 512U);
    EXPECT_LE(static_cast<double>(token.weight_bytes), 1.05 * static_cast<double>(all));
    EXPECT_GE(static_cast<double>(token.weight_bytes), 0.9 * static_cast<double>(all));
  }
}

TEST_F(GpuStep, GivesTheTokensOfAllLogitsByTheHighest) {
  HEARTH_REQUIRE_GPU();
  const auto model = load(shape_of(4), "F16");
  LoadOptions options;
  options.context_size = 128;
  const auto scheduler = expect_value(Scheduler::create(*model, options));
  for (const float temperature : {0.8F, 2.0F}) {
    const std::vector<TokenId> tokens = answer(*scheduler, temperature, false);
    EXPECT_EQ(tokens.size(), 3U + 4U);
    EXPECT_EQ(tokens, answer(*scheduler, temperature, true));
  }
}

// But for one in 256, behind which attention has one tile of positions more.
TEST_F(GpuStep, OfATokenIsTheListOfTheOneBefore) {
  const auto model = load_idle(shape_of(2), "F16");
  int64_t new_lists = 0;
  for (const Counts& token : counts_of_tokens(*model, 1000, 300)) {
    EXPECT_EQ(token.lists, 1);
    new_lists += token.new_lists;
  }
  EXPECT_LE(new_lists, 2);
}

TEST_F(GpuStep, FarIntoAContextReadsEachKeyAndValueOnceForAllHeadsThatShareIt) {
  constexpr int32_t kLayers = 2;
  constexpr int32_t kPositions = 8000;
  for (const int32_t dimension : {64, 256}) {
    SCOPED_TRACE(dimension);
    SyntheticShape shape = shape_of(kLayers);
    shape.n_head_kv = 1;  // of 8
    shape.head_dimension = dimension;
    const auto model = load_idle(shape, "F16");
    const auto cached = static_cast<double>(kPositions) * kLayers * 2 * dimension * sizeof(uint16_t);
    const auto all = static_cast<double>(model->info().file_size) + cached;
    for (const Counts& token : counts_of_tokens(*model, kPositions, 4)) {
      EXPECT_GE(static_cast<double>(token.cache_bytes), cached);
      EXPECT_LE(static_cast<double>(token.weight_bytes + token.cache_bytes), 1.05 * all);
    }
  }
}

// What putting a kernel down costs is mostly what it allocates.
TEST_F(GpuStep, OfATokenAllocatesLittleForEachKernel) {
#ifndef HEARTH_COUNTS_ALLOCATIONS
  GTEST_SKIP() << "a sanitizer allocates here";
#endif
  constexpr int32_t kLayers = 22;
  const auto model = load_idle(shape_of(kLayers), "Q4_0");
  for (const Counts& token : counts_of_tokens(*model, 3, 4)) {
    EXPECT_LE(token.allocations, 9 * token.dispatches);
  }
}

// At most 0.3 ms for 22 layers: half of that is for what all models have besides.
TEST_F(GpuStep, OfATokenTakesVulkanLittleOfTheProcessor) {
  auto runner = gpu::vulkan::make_runner();
  if (!runner.ok()) GTEST_SKIP() << runner.error().message;
  constexpr int32_t kLayers = 4;
  const auto model =
      load(shape_of(kLayers), "Q4_0", [&] { return made_runner<TimedRunner>(std::move(*runner), counts_); });
  const std::vector<Counts> tokens = counts_of_tokens(*model, 3, 15);
  // A slow device is handed a step in several lists, and the machine may have others to compute for.
  EXPECT_LE(std::ranges::min(tokens, {}, &Counts::submit_seconds).submit_seconds,
            0.15e-3 + 0.15e-3 * kLayers / 22);
}

}  // namespace
}  // namespace hearth
