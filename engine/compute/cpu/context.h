// What every operation on the CPU works with: the threads, the kernels, and each thread's memory to work in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "engine/base/thread_pool.h"
#include "engine/compute/cpu/matrix/matrix_product.h"
#include "engine/compute/cpu/prepared_forms.h"
#include "engine/compute/cpu/vector/vector_kernels.h"

namespace hearth::cpu {

/// Floats for intermediate results, aligned to a cache line and kept from call to call.
class Scratch {
 public:
  /// At least `count` floats of undefined content; what an earlier call gave is void.
  float* floats(int64_t count);

 private:
  struct Free {
    void operator()(float* memory) const;
  };
  std::unique_ptr<float, Free> memory_;
  int64_t capacity_ = 0;
};

struct ThreadScratch {
  Scratch floats;
  std::vector<std::byte> panel;  // MatrixKernels::multiply's own
  std::vector<int32_t> slots;    // PageAttention::first_slot and end_slot
  std::vector<float> slopes;     // PageAttention::slopes
  std::vector<float> places;     // PageAttention::places
  std::vector<float> gains;      // PageAttention::gains
  std::vector<uint64_t> ranks;   // of positions to choose from
};

struct Context {
  Context(int threads, const MatrixKernels& matrix_kernels, const VectorKernels& vector_kernels)
      : pool(threads),
        matrix(matrix_kernels),
        vector(vector_kernels),
        input(matrix_kernels),
        thread_scratch(static_cast<size_t>(pool.thread_count())) {}

  ThreadScratch& scratch(int thread) { return thread_scratch[static_cast<size_t>(thread)]; }

  ThreadPool pool;
  const MatrixKernels& matrix;
  const VectorKernels& vector;
  // Of the operation that runs:
  PreparedForms input;
  std::vector<PreparedForms> expert_inputs;  // one for each expert that any row chose, or for each head
  Scratch shared;
  std::vector<ThreadScratch> thread_scratch;
};

/// Calls task(index, thread) for every index in [0, count): on the pool if there is enough to do to be worth
/// waking it, else on this thread. `elements` says how many floats one task reads or writes, about.
void parallel_for(Context& context, int64_t count, int64_t elements,
                  const std::function<void(int64_t index, int thread)>& task);

}  // namespace hearth::cpu
