#include "engine/compute/weights/weights_window.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <numeric>
#include <utility>

#include "engine/base/pages.h"
#include "engine/compute/weights/kept_layers.h"

namespace hearth {
namespace {

uint64_t bytes_of_layer(const WeightsWindow::Layer& layer) {
  return std::accumulate(layer.begin(), layer.end(), uint64_t{0},
                         [](uint64_t sum, const auto& bytes) { return sum + bytes.size(); });
}

}  // namespace

Result<std::unique_ptr<WeightsWindow>> WeightsWindow::create(std::vector<Layer> layers, uint64_t budget) {
  uint64_t largest = 0;
  for (const Layer& layer : layers) largest = std::max(largest, bytes_of_layer(layer));
  if (budget < 2 * largest) {
    return Error{ErrorCode::kOutOfMemory,
                 fmt::format("the memory limit leaves {} bytes for layers; two of them, {} bytes, must fit",
                             budget, 2 * largest)};
  }
  std::unique_ptr<WeightsWindow> window(new WeightsWindow(std::move(layers)));
  window->keep_some(budget);
  HEARTH_ASSIGN(window->fetcher_, Thread::start([self = window.get()] { self->fetch_in_background(); }));
  return window;
}

/// Decides which layers stay, of which two come and go at a time.
void WeightsWindow::keep_some(uint64_t budget) {
  std::vector<uint64_t> sizes;
  for (const Layer& layer : layers_) sizes.push_back(bytes_of_layer(layer));
  for (const bool stays : layers_to_keep(sizes, budget, 2)) {
    places_.push_back(stays ? Place::kKept : Place::kOut);
    if (stays) ++statistics_.layers_resident;
  }
}

WeightsWindow::~WeightsWindow() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wanted_.notify_one();
  fetcher_.join();
}

void WeightsWindow::acquire(int32_t index) {
  std::unique_lock lock(mutex_);
  const auto layer = static_cast<size_t>(index);
  if (places_[layer] != Place::kKept) {
    want(index);
    const auto begin = std::chrono::steady_clock::now();
    arrived_.wait(lock, [&] { return places_[layer] == Place::kIn; });
    statistics_.wait_ms +=
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
  }
  want(next_streamed(index));
}

void WeightsWindow::release(int32_t index) {
  const auto layer = static_cast<size_t>(index);
  {
    const std::lock_guard lock(mutex_);
    if (places_[layer] != Place::kIn || next_streamed(index) == index) return;
    places_[layer] = Place::kOut;
    --statistics_.layers_resident;
  }
  for (const auto& bytes : layers_[layer]) drop_pages(bytes);
}

WeightStatistics WeightsWindow::statistics() const {
  const std::lock_guard lock(mutex_);
  return statistics_;
}

/// Has the layer fetched if it is one that comes and goes and is not there. The mutex is held.
void WeightsWindow::want(int32_t index) {
  Place& place = places_[static_cast<size_t>(index)];
  if (place != Place::kOut) return;
  place = Place::kComing;
  queue_.push_back(index);
  wanted_.notify_one();
}

/// The first layer after `index`, around the end, that comes and goes; `index` itself if there is no other.
int32_t WeightsWindow::next_streamed(int32_t index) const {
  const auto count = static_cast<int32_t>(places_.size());
  for (int32_t step = 1; step < count; ++step) {
    const int32_t next = (index + step) % count;
    if (places_[static_cast<size_t>(next)] != Place::kKept) return next;
  }
  return index;
}

void WeightsWindow::fetch_in_background() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wanted_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (stopping_) return;
    const auto layer = static_cast<size_t>(queue_.front());
    queue_.erase(queue_.begin());
    lock.unlock();
    for (const auto& bytes : layers_[layer]) fetch_pages(bytes);
    lock.lock();
    places_[layer] = Place::kIn;
    statistics_.bytes_read += bytes_of_layer(layers_[layer]);
    ++statistics_.layers_resident;
    arrived_.notify_all();
  }
}

}  // namespace hearth
