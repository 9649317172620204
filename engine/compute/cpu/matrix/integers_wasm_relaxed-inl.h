// What kernels in relaxed SIMD of WebAssembly have in common. Its dot product takes signed bytes by bytes of
// 7 bits. What machines make of 8 bits there differs: integers_wasm_relaxed_{unsigned,signed,pairs}-inl.h.
#include "engine/compute/cpu/matrix/integers_wasm-inl.h"

namespace hearth::cpu {
namespace {

// Of 16 registers: 8 sums, 4 weights and what an input needs.
constexpr int kTileInputs = 2;
constexpr int kTilePanels = 4;

}  // namespace
}  // namespace hearth::cpu
