// Loops over a kernel's registers must vanish, whatever the compiler's own measure says.
#pragma once

#if defined(__clang__)
#define HEARTH_UNROLL _Pragma("unroll")
#else
#define HEARTH_UNROLL _Pragma("GCC unroll 16")
#endif
// The steps of a group must stay a loop for WebAssembly: without one, the compiler takes one sum after the
// other, each through all its steps, and has the input of all steps in registers instead of the sums.
#if defined(__wasm__)
#define HEARTH_UNROLL_STEPS _Pragma("clang loop unroll(disable)")
#define HEARTH_UNROLL_TWICE HEARTH_UNROLL_STEPS
#elif defined(__clang__)
#define HEARTH_UNROLL_STEPS HEARTH_UNROLL
#define HEARTH_UNROLL_TWICE _Pragma("unroll(2)")
#else
#define HEARTH_UNROLL_STEPS HEARTH_UNROLL
#define HEARTH_UNROLL_TWICE _Pragma("GCC unroll 2")
#endif
