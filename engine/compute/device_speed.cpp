#include "engine/compute/device_speed.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>
#include <vector>

#include "engine/format/block_type.h"

namespace hearth {
namespace {

constexpr int64_t kColumns = 4096;
constexpr BlockType kType = BlockType::kQ4_0;
/// With so many it is soon seen that a device is slow, such as a driver on the processor: then that is
/// enough.
constexpr int64_t kFewRows = 512;
constexpr double kSlowSeconds = 0.005;
/// The first run has kernels made and memory touched; of the others the fastest counts, as it was disturbed
/// least.
constexpr int kRuns = 4;

/// Gives back what it took.
class Memory {
 public:
  explicit Memory(Backend& device) : device_(device) {}
  ~Memory() {
    for (const Buffer& buffer : taken_) device_.release(buffer);
  }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  Result<Buffer> take(uint64_t bytes) {
    HEARTH_ASSIGN(const Buffer buffer, device_.allocate_zeroed(bytes));
    taken_.push_back(buffer);
    return buffer;
  }

 private:
  Backend& device_;
  std::vector<Buffer> taken_;
};

/// Seconds of the fastest run.
Result<double> seconds_of(Backend& device, Weight matrix, Tensor x, Tensor out) {
  using Clock = std::chrono::steady_clock;
  double shortest = std::numeric_limits<double>::infinity();
  for (int run = 0; run < kRuns; ++run) {
    const Clock::time_point begin = Clock::now();
    const Projection projection{matrix, {}, out};
    device.linear(x, {&projection, 1});
    HEARTH_TRY(device.wait());
    const std::chrono::duration<double> time = Clock::now() - begin;
    if (run > 0) shortest = std::min(shortest, time.count());
    if (shortest > kSlowSeconds && run > 0) break;
  }
  return std::max(shortest, 1e-9);
}

}  // namespace

Result<double> weight_bytes_per_second(Backend& device, int64_t rows) {
  Memory memory(device);
  Weight matrix{kType, rows, kColumns, {}};
  Tensor x{{}, 1, kColumns};
  Tensor out{{}, 1, rows};
  HEARTH_ASSIGN(matrix.data, memory.take(static_cast<uint64_t>(rows * matrix.row_bytes())));
  HEARTH_ASSIGN(x.data, memory.take(x.bytes()));
  HEARTH_ASSIGN(out.data, memory.take(out.bytes()));
  HEARTH_TRY(device.wait());
  int64_t measured = std::min(rows, kFewRows);
  double seconds = 0.0;
  for (;; measured = rows) {
    HEARTH_ASSIGN(seconds, seconds_of(device, matrix.slice_rows(0, measured), x, {out.data, 1, measured}));
    if (measured == rows || seconds > kSlowSeconds) break;
  }
  return static_cast<double>(measured * matrix.row_bytes()) / seconds;
}

}  // namespace hearth
