// Layers of a mapped model, of which no more than a budget's worth are in memory: as many as fit stay for
// good (kept_layers.h), and the rest come and go in the order in which forward uses them, each fetched while
// the one before is computed with.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "engine/base/result.h"
#include "engine/base/thread.h"
#include "engine/compute/weights/weight_store.h"

namespace hearth {

class WeightsWindow {
 public:
  /// Where the bytes of one layer lie.
  using Layer = std::vector<std::span<const std::byte>>;

  /// All bytes must be mapped from a file, and stay so. OUT_OF_MEMORY if the budget holds less than the two
  /// layers that are there at once, the one in use and the one that is fetched, or where the thread that
  /// fetches cannot be started.
  static Result<std::unique_ptr<WeightsWindow>> create(std::vector<Layer> layers, uint64_t budget);
  WeightsWindow(const WeightsWindow&) = delete;
  WeightsWindow& operator=(const WeightsWindow&) = delete;
  ~WeightsWindow();

  /// Returns when the layer is in memory, and has the next one fetched meanwhile. Then `release` it.
  void acquire(int32_t index);
  void release(int32_t index);

  WeightStatistics statistics() const;

 private:
  enum class Place { kKept, kOut, kComing, kIn };

  explicit WeightsWindow(std::vector<Layer> layers) : layers_(std::move(layers)) {}

  void keep_some(uint64_t budget);
  void fetch_in_background();
  void want(int32_t index);
  int32_t next_streamed(int32_t index) const;

  std::vector<Layer> layers_;
  mutable std::mutex mutex_;
  std::condition_variable wanted_, arrived_;
  std::vector<Place> places_;
  std::vector<int32_t> queue_;  // to fetch, in order
  WeightStatistics statistics_;
  bool stopping_ = false;
  Thread fetcher_;  // last: it uses all of the above
};

}  // namespace hearth
