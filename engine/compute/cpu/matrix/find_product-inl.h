// The table of products by weight type. Included once by each instruction set's kernels, after its
// multiply_float<Element>() and multiply_integer<type>().
namespace hearth::cpu {
namespace {

ProductFunction find_product(BlockType type) {
  switch (type) {
#if defined(HEARTH_MMLA_GROUPS)
    case BlockType::kF32:
    case BlockType::kF16:
    case BlockType::kBF16:
      return kNeonDotKernels.find_product(type);
#else
    case BlockType::kF32:
      return multiply_float<F32Element>;
    case BlockType::kF16:
      return multiply_float<F16Element>;
    case BlockType::kBF16:
      return multiply_float<BF16Element>;
#endif
    case BlockType::kQ4_0:
      return multiply_integer<BlockType::kQ4_0>;
    case BlockType::kQ4_1:
      return multiply_integer<BlockType::kQ4_1>;
    case BlockType::kQ5_0:
      return multiply_integer<BlockType::kQ5_0>;
    case BlockType::kQ5_1:
      return multiply_integer<BlockType::kQ5_1>;
    case BlockType::kQ8_0:
      return multiply_integer<BlockType::kQ8_0>;
    case BlockType::kQ8_1:
      return multiply_integer<BlockType::kQ8_1>;
    case BlockType::kIQ4_NL:
      return multiply_integer<BlockType::kIQ4_NL>;
    case BlockType::kMXFP4:
      return multiply_integer<BlockType::kMXFP4>;
    case BlockType::kQ2_K:
      return multiply_integer<BlockType::kQ2_K>;
    case BlockType::kQ3_K:
      return multiply_integer<BlockType::kQ3_K>;
    case BlockType::kQ4_K:
      return multiply_integer<BlockType::kQ4_K>;
    case BlockType::kQ5_K:
      return multiply_integer<BlockType::kQ5_K>;
    case BlockType::kQ6_K:
      return multiply_integer<BlockType::kQ6_K>;
    case BlockType::kQ8_K:
      return multiply_integer<BlockType::kQ8_K>;
    case BlockType::kIQ4_XS:
      return multiply_integer<BlockType::kIQ4_XS>;
    case BlockType::kTQ1_0:
      return multiply_integer<BlockType::kTQ1_0>;
    case BlockType::kTQ2_0:
      return multiply_integer<BlockType::kTQ2_0>;
    case BlockType::kIQ1_S:
      return multiply_integer<BlockType::kIQ1_S>;
    case BlockType::kIQ1_M:
      return multiply_integer<BlockType::kIQ1_M>;
    case BlockType::kIQ2_XXS:
      return multiply_integer<BlockType::kIQ2_XXS>;
    case BlockType::kIQ2_XS:
      return multiply_integer<BlockType::kIQ2_XS>;
    case BlockType::kIQ2_S:
      return multiply_integer<BlockType::kIQ2_S>;
    case BlockType::kIQ3_XXS:
      return multiply_integer<BlockType::kIQ3_XXS>;
    case BlockType::kIQ3_S:
      return multiply_integer<BlockType::kIQ3_S>;
    default:
      return nullptr;
  }
}

}  // namespace
}  // namespace hearth::cpu
