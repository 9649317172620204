#include "engine/compute/cpu/context.h"

#include <new>

#include "engine/compute/cpu/memory.h"

namespace hearth::cpu {
namespace {

/// Starting and joining threads takes one to two microseconds, in which one core passes over about so many
/// elements.
constexpr int64_t kWorthWaking = 16384;

}  // namespace

float* Scratch::floats(int64_t count) {
  if (count > capacity_) {
    memory_.reset();
    memory_.reset(static_cast<float*>(
        ::operator new (static_cast<size_t>(count) * sizeof(float), std::align_val_t{kCacheLine})));
    capacity_ = count;
  }
  return memory_.get();
}

void Scratch::Free::operator()(float* memory) const {
  ::operator delete (memory, std::align_val_t{kCacheLine});
}

void parallel_for(Context& context, int64_t count, int64_t elements,
                  const std::function<void(int64_t index, int thread)>& task) {
  if (count * elements >= kWorthWaking) return context.pool.run(count, task);
  for (int64_t index = 0; index < count; ++index) task(index, 0);
}

}  // namespace hearth::cpu
