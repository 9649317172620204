// Norms and rotations.
#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>

#include "engine/compute/gpu/gpu_backend.h"

namespace hearth::gpu {
namespace {

/// Of a group of these kernels.
constexpr uint64_t kNormThreads = 256;

/// Threads that share a run of a norm. Each has about four of its elements; fewer than a subgroup of most
/// devices would gain nothing.
uint64_t lanes_of(int64_t size) {
  return std::clamp<uint64_t>(std::bit_ceil(static_cast<uint64_t>(size) / 4), 32, kNormThreads);
}

int64_t heads_of(Tensor x, int64_t head_dimension) { return x.data ? x.columns / head_dimension : 0; }

}  // namespace

std::vector<uint32_t> fractions_of_turns(std::span<const float> frequencies) {
  std::vector<uint32_t> words;
  words.reserve(2 * frequencies.size());
  for (const float frequency : frequencies) {
    const double turns = frequency / (2.0 * std::numbers::pi);
    const double high = (turns - std::floor(turns)) * 0x1p32;
    words.push_back(static_cast<uint32_t>((high - std::floor(high)) * 0x1p32));
    words.push_back(static_cast<uint32_t>(high));
  }
  return words;
}

std::span<const uint32_t> TurnFractions::of(std::span<const float> frequencies) {
  for (const Known& known : known_) {
    if (std::ranges::equal(known.frequencies, frequencies)) return known.words;
  }
  if (known_.size() == kMost) known_.pop_back();
  known_.push_front({{frequencies.begin(), frequencies.end()}, fractions_of_turns(frequencies)});
  return known_.front().words;
}

void GpuBackend::norm(NormKind kind, Tensor x, Vector weight, Vector bias, float epsilon, Tensor out) {
  const auto runs = static_cast<uint64_t>(x.rows * x.columns / weight.size);
  const uint64_t lanes = lanes_of(weight.size);
  recorder_.call("norm", {reads(x), reads(weight), reads(bias), writes(out)},
                 {static_cast<uint32_t>(runs), weight.size, static_cast<uint32_t>(lanes),
                  kind == NormKind::kLayer, epsilon},
                 recorder_.groups_for(runs, kNormThreads / lanes));
}

// Queries and keys turn alike, one after the other: by one command, where nothing is between.
void GpuBackend::rope(const Rope& rope, std::span<const int32_t> positions, int64_t head_dimension,
                      Tensor x) {
  RecordedRotation own{
      {recorder_.data(positions), recorder_.data(turn_fractions_.of(rope.frequencies)),
       static_cast<uint32_t>(rope.frequencies.size()), rope.pairs == RopePairs::kAdjacent, rope.magnitude},
      head_dimension,
      x,
      {},
      {}};
  if (own.rotation.pairs == 0) return;
  const RecordedRotation* last = last_rotation();
  if (last != nullptr && last->rotation == own.rotation && last->head_dimension == head_dimension &&
      last->x.rows == x.rows && !last->y.data && last->x.data != x.data) {
    own.y = std::exchange(own.x, last->x);
    recorder_.take_back_last();
  }
  record_rotation(own);
}

void GpuBackend::record_rotation(RecordedRotation rotation) {
  const auto& [turns, head_dimension, x, y, calls] = rotation;
  const int64_t x_heads = heads_of(x, head_dimension);
  const int64_t y_heads = heads_of(y, head_dimension);
  const auto pairs = static_cast<uint64_t>(x.rows * (x_heads + y_heads)) * turns.pairs;
  recorder_.call("rope", {writes(x), writes(y)},
                 {x.rows, x_heads, y_heads, head_dimension, turns.positions, turns.frequencies, turns.pairs,
                  turns.is_adjacent, turns.magnitude},
                 recorder_.groups_for(pairs, kNormThreads));
  rotation.calls = recorder_.calls();
  last_rotation_ = rotation;
}

const RecordedRotation* GpuBackend::last_rotation() const {
  const bool is_last =
      last_rotation_ && !recorder_.list().empty() && recorder_.calls() == last_rotation_->calls;
  return is_last ? &*last_rotation_ : nullptr;
}

}  // namespace hearth::gpu
