// What kernels in relaxed SIMD of WebAssembly have in common. Its dot product takes signed bytes by bytes of
// 7 bits. What machines make of 8 bits there differs, and each has its own file:
// integers_wasm_relaxed_unsigned-,
// ..._signed- and ..._pairs-inl.h.
#include "engine/compute/cpu/matrix/integers_wasm-inl.h"

namespace hearth::cpu {
namespace {

inline void store_bytes(void* to, Bytes v) { wasm_v128_store(to, v); }
inline Bytes splat_four_bytes(const int8_t* from) { return wasm_v128_load32_splat(from); }

// Of 16 registers: 8 sums, 4 weights and what an input needs.
constexpr int kTileInputs = 2;
constexpr int kTilePanels = 4;
constexpr int kLeastColumnRows = 0;
constexpr int kMostColumnRows = 0;

}  // namespace
}  // namespace hearth::cpu
