// Which of the instruction sets that Hearth has kernels for this machine runs.
#pragma once

#include <span>
#include <string_view>

namespace hearth {

/// Their names, best first; the last is always "portable". Each stands for all that its kernels use:
/// "avx512_vnni" (AVX-512 F, BW, DQ, VL and VNNI), "avx2" (with FMA, F16C and BMI2), "neon_dot" (with dot
/// products and f16 arithmetic), "neon_i8mm" (with 8-bit matrix products, too). Looked up once; valid for
/// ever.
std::span<const std::string_view> supported_instruction_sets();

}  // namespace hearth
