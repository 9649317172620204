#include "engine/compute/gpu/gpu_backend.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "engine/compute/weights/device_weights.h"

namespace hearth::gpu {
namespace {

/// What a runner writes is whole ones of these.
constexpr size_t kWord = 4;

}  // namespace

GpuBackend::~GpuBackend() {
  // What the check reads must have come before its memory goes.
  if (self_check_.goes_on()) (void)runner_->wait();
}

std::string GpuBackend::description() const { return fmt::format("gpu ({})", runner_->device().name); }

DeviceCapacity GpuBackend::capacity() const {
  const DeviceProperties& device = runner_->device();
  return {device.memory_bytes, device.is_software};
}

Result<Buffer> GpuBackend::allocate_zeroed(uint64_t bytes) {
  HEARTH_ASSIGN(const Buffer buffer, memory_.allocate(bytes));
  const uint64_t words = (bytes + 3) / 4;
  recorder_.call("clear", {{buffer, bytes, true}}, {static_cast<uint32_t>(words)},
                 recorder_.groups_for(words, kElementThreads));
  return buffer;
}

void GpuBackend::release(Buffer buffer) {
  if (!buffer) return;
  recorder_.submit();
  memory_.release(buffer);
}

Buffer GpuBackend::scratch(uint64_t bytes) {
  if (bytes <= scratch_bytes_) return scratch_;
  release(std::exchange(scratch_, {}));
  scratch_bytes_ = 0;
  const uint64_t more = std::bit_ceil(bytes);  // so that a longer context seldom asks for more
  const Result<Buffer> larger = memory_.allocate(more);
  if (!larger.ok()) {
    recorder_.fail(larger.error());
    return {};
  }
  scratch_bytes_ = more;
  return scratch_ = *larger;
}

void GpuBackend::write(std::span<const std::byte> from, Buffer to) {
  recorder_.submit();
  const size_t whole = from.size() / kWord * kWord;
  write_words(from.first(whole), to);
  if (whole == from.size()) return;
  std::array<std::byte, kWord> last{};  // of which the rest is nobody's
  std::ranges::copy(from.subspan(whole), last.begin());
  write_words(last, to.at(whole));
}

void GpuBackend::write_words(std::span<const std::byte> from, Buffer to) {
  while (!from.empty()) {
    const Place place = place_of(to);
    const auto bytes = static_cast<size_t>(std::min<uint64_t>(from.size(), place.block_bytes - place.offset));
    runner_->write(place.block, place.offset, from.first(bytes));
    from = from.subspan(bytes);
    to = to.at(bytes);
  }
}

void GpuBackend::copy(Buffer from, Buffer to, uint64_t bytes) {
  const uint64_t words = (bytes + 3) / 4;
  recorder_.call("copy", {{from, bytes}, {to, bytes, true}}, {static_cast<uint32_t>(words)},
                 recorder_.groups_for(words, kElementThreads));
}

void GpuBackend::begin_read(Buffer from, std::span<std::byte> into) {
  recorder_.submit();
  const Place place = place_of(from);
  runner_->begin_read({place.block, place.offset, into.size()}, into);
}

Result<bool> GpuBackend::ready() {
  recorder_.submit();
  HEARTH_ASSIGN(const bool is_ready, runner_->ready());
  if (!is_ready) return false;
  // A fault is told when nothing is read any more: then its memory may go.
  HEARTH_TRY(recorder_.outcome());
  recorder_.done();
  return check_kernels();
}

Result<void> GpuBackend::wait() {
  for (bool is_checked = false; !is_checked;) {
    recorder_.submit();
    // Also behind a fault, as what is read must be there, or given up, before its memory goes.
    const Result<void> waited = runner_->wait();
    HEARTH_TRY(recorder_.outcome());
    HEARTH_TRY(waited);
    recorder_.done();
    HEARTH_ASSIGN(is_checked, check_kernels());
  }
  return {};
}

Result<bool> GpuBackend::check_kernels() {
  HEARTH_TRY(self_check_.end());
  HEARTH_ASSIGN(const bool goes_on, self_check_.begin(recorder_.take_new_kernels()));
  return !goes_on;
}

Result<std::unique_ptr<WeightStore>> GpuBackend::make_weight_store(const WeightPlan& plan) {
  return make_device_weights(*this, plan, [this](uint64_t bytes, uint64_t undivided) {
    return memory_.allocate_divided(bytes, undivided);
  });
}

}  // namespace hearth::gpu
