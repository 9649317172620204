#include "engine/compute/gpu/self_check.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/compute/cpu/device.h"
#include "engine/compute/devices.h"
#include "engine/compute/gpu/checked_operations.h"

namespace hearth::gpu {
namespace {

/// Of the largest result: above what sums in another order, halves in tiles, an exponential of a few ulp and
/// activations in 8 bits between two products make of it (1 to 2 percent), far below what a wrong index or a
/// missing barrier does.
constexpr float kTolerance = 1.0F / 32;

bool are_close(std::span<const float> expected, std::span<const float> actual) {
  float largest = 0.0F;
  for (const float value : expected) largest = std::max(largest, std::abs(value));
  for (size_t i = 0; i < expected.size(); ++i) {
    // Not the other way round: what is no number is not close.
    if (!(std::abs(expected[i] - actual[i]) <= kTolerance * largest)) return false;
  }
  return true;
}

/// Has what the operation gives be read. False where it took more memory than there is.
bool run(const CheckedOperation& operation, Backend& device, Buffer memory,
         std::vector<std::vector<float>>& results) {
  CheckInputs inputs(device, memory);
  operation(inputs);
  if (!inputs.fitted()) return false;
  for (const Tensor& result : inputs.results()) {
    results.emplace_back(static_cast<size_t>(result.rows * result.columns));
  }
  for (size_t i = 0; i < results.size(); ++i) {
    device.begin_read(inputs.results()[i].data, std::as_writable_bytes(std::span(results[i])));
  }
  return true;
}

/// The processor, with memory for an operation.
struct Processor {
  std::unique_ptr<Backend> device;
  Buffer memory;

  ~Processor() {
    if (device != nullptr) device->release(memory);
  }
  Result<void> open() {
    HEARTH_ASSIGN(device, cpu::make_backend({.threads = 1}));
    HEARTH_ASSIGN(memory, device->allocate(CheckInputs::kBytes));
    return {};
  }
};

}  // namespace

SelfCheck::SelfCheck(Backend& gpu, const DeviceProperties& device)
    : gpu_(gpu), device_(device.name), driver_(device.driver), record_(DriverRecord::of(device)) {}

SelfCheck::~SelfCheck() { gpu_.release(memory_); }

Result<bool> SelfCheck::begin(std::span<const std::string> kernels) {
  if (record_ == nullptr) return false;
  Processor processor;
  for (const std::string& kernel : kernels) {
    const CheckedOperation operation = operation_of(kernel);
    if (!operation || record_->was_right(kernel)) continue;
    if (processor.device == nullptr) {
      HEARTH_TRY(processor.open());
      const Result<Buffer> memory = gpu_.allocate(CheckInputs::kBytes);
      if (!memory.ok()) return false;
      memory_ = *memory;
    }
    auto outcome = std::make_unique<Outcome>();
    outcome->kernel = kernel;
    if (run(operation, *processor.device, processor.memory, outcome->expected) &&
        run(operation, gpu_, memory_, outcome->actual)) {
      outcomes_.push_back(std::move(outcome));
    }
  }
  return goes_on();
}

Result<void> SelfCheck::end() {
  const auto outcomes = std::exchange(outcomes_, {});
  gpu_.release(std::exchange(memory_, {}));
  std::set<std::string> right, wrong, extensions;
  for (const auto& outcome : outcomes) {
    const bool is_right = std::ranges::equal(outcome->expected, outcome->actual, are_close);
    (is_right ? right : wrong).insert(outcome->kernel);
    if (!is_right) extensions.merge(extensions_of(outcome->kernel));
  }
  if (!outcomes.empty()) record_->note(right, extensions);
  if (!wrong.empty()) {
    found_ = Error{ErrorCode::kDeviceLost,
                   fmt::format("{} ({}) computes wrongly: {}; install another driver, or choose the device "
                               "'cpu'",
                               device_, driver_, fmt::join(wrong, ", "))};
  }
  return found_;
}

}  // namespace hearth::gpu
