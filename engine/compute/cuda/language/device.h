// What kernels stand on where a GPU runs them: CUDA's keywords and its threads, without a CUDA toolkit.
// Compiled by clang to PTX, for sm_80 and later (tools/gpu/cuda.ts).
#pragma once

#define HEARTH_INLINE __attribute__((always_inline))
// Inlined where the compiler finds that right: what ends a product is long, and called many times.
#define HEARTH_FUNCTION_OF_KERNEL __attribute__((device)) static inline
#define HEARTH_FUNCTION_OF_CLASS __attribute__((device)) HEARTH_INLINE
#define HEARTH_FUNCTION __attribute__((device)) inline HEARTH_INLINE

#include "engine/compute/cuda/language/vectors.h"

namespace hearth {

constexpr uint kWarpThreads = 32;
constexpr uint kWholeWarp = 0xFFFFFFFF;

HEARTH_FUNCTION uint thread() { return __nvvm_read_ptx_sreg_tid_x(); }
HEARTH_FUNCTION metal::uint3 group() {
  metal::uint3 at;
  at.x = __nvvm_read_ptx_sreg_ctaid_x();
  at.y = __nvvm_read_ptx_sreg_ctaid_y();
  at.z = __nvvm_read_ptx_sreg_ctaid_z();
  return at;
}
HEARTH_FUNCTION metal::uint3 groups() {
  metal::uint3 count;
  count.x = __nvvm_read_ptx_sreg_nctaid_x();
  count.y = __nvvm_read_ptx_sreg_nctaid_y();
  count.z = __nvvm_read_ptx_sreg_nctaid_z();
  return count;
}

HEARTH_FUNCTION void wait_for_group() { __syncthreads(); }

/// The value that another thread of the warp brings, which all of its threads call.
HEARTH_FUNCTION uint from_lane(uint value, uint lane) {
  return static_cast<uint>(
      __nvvm_shfl_sync_idx_i32(kWholeWarp, static_cast<int>(value), static_cast<int>(lane), 0x1F));
}

HEARTH_FUNCTION float float_of_half(unsigned short bits) {
  float value;
  asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"(bits));
  return value;
}
HEARTH_FUNCTION unsigned short half_of_float(float value) {
  unsigned short bits;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(bits) : "f"(value));
  return bits;
}

/// The sums of products of four signed, or unsigned, bytes.
HEARTH_FUNCTION int dot_of_signed(uint a, uint b) {
  int sum;
  asm("dp4a.s32.s32 %0, %1, %2, 0;" : "=r"(sum) : "r"(a), "r"(b));
  return sum;
}
HEARTH_FUNCTION uint dot_of_unsigned(uint a, uint b) {
  uint sum;
  asm("dp4a.u32.u32 %0, %1, %2, 0;" : "=r"(sum) : "r"(a), "r"(b));
  return sum;
}

/// What the matrix units of a warp make of 16 rows of a and 8 of b, of 32 signed bytes each: sums of
/// products. A lane's words and sums are those of "PTX ISA", mma.m16n8k32 (engine/compute/cuda/kernels).
HEARTH_FUNCTION metal::int4 products_of_warp(metal::uint4 a, metal::uint2 b) {
  int sums[4];
  asm("mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
      "{%10, %10, %10, %10};"
      : "=r"(sums[0]), "=r"(sums[1]), "=r"(sums[2]), "=r"(sums[3])
      : "r"(a.x), "r"(a.y), "r"(a.z), "r"(a.w), "r"(b.x), "r"(b.y), "r"(0));
  return {sums[0], sums[1], sums[2], sums[3]};
}

}  // namespace hearth

#include "engine/compute/cuda/language/functions.h"
