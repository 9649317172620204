#include "engine/model/convert/type_mix.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace hearth {
namespace {

// llama.cpp's numbers (include/llama.h, enum llama_ftype) of the mixes that are mostly of one type.
struct FileType {
  BlockType type;
  uint32_t number;
};
constexpr std::array kFileTypes = {
    FileType{BlockType::kF32, 0},      FileType{BlockType::kF16, 1},     FileType{BlockType::kQ4_0, 2},
    FileType{BlockType::kQ4_1, 3},     FileType{BlockType::kQ8_0, 7},    FileType{BlockType::kQ5_0, 8},
    FileType{BlockType::kQ5_1, 9},     FileType{BlockType::kQ2_K, 10},   FileType{BlockType::kQ3_K, 11},
    FileType{BlockType::kQ4_K, 14},    FileType{BlockType::kQ5_K, 16},   FileType{BlockType::kQ6_K, 18},
    FileType{BlockType::kIQ2_XXS, 19}, FileType{BlockType::kIQ2_XS, 20}, FileType{BlockType::kIQ3_XXS, 23},
    FileType{BlockType::kIQ1_S, 24},   FileType{BlockType::kIQ4_NL, 25}, FileType{BlockType::kIQ3_S, 26},
    FileType{BlockType::kIQ2_S, 28},   FileType{BlockType::kIQ4_XS, 30}, FileType{BlockType::kIQ1_M, 31},
    FileType{BlockType::kBF16, 32},    FileType{BlockType::kTQ1_0, 36},  FileType{BlockType::kTQ2_0, 37},
    FileType{BlockType::kMXFP4, 38},
};
constexpr uint32_t kUnknownFileType = 1024;  // llama.cpp's "guessed"

const std::array kMixes = {
    TypeMix{"Q4_K_S", BlockType::kQ4_K, false, true, 14},
    TypeMix{"Q4_K_M", BlockType::kQ4_K, true, false, 15},
    TypeMix{"Q5_K_S", BlockType::kQ5_K, false, true, 16},
    TypeMix{"Q5_K_M", BlockType::kQ5_K, true, false, 17},
};

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& letter : result) letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
  return result;
}

// The first and last eighth of the layers and every third one between.
bool gets_more_bits(int32_t layer, int32_t n_layer) {
  return layer < n_layer / 8 || layer >= 7 * n_layer / 8 || (layer - n_layer / 8) % 3 == 2;
}

BlockType wanted_type(const TypeMix& mix, TensorRole role, int32_t layer, int32_t n_layer) {
  const bool below_8_bits = mix.base != BlockType::kQ8_0 && block_layout(mix.base).block_size > 1;
  switch (role) {
    case TensorRole::kVector:
      return BlockType::kF32;
    case TensorRole::kOutput:
      return below_8_bits ? BlockType::kQ6_K : mix.base;
    case TensorRole::kAttentionQueryKeyValue:
      if (mix.medium) return mix.base == BlockType::kQ4_K ? BlockType::kQ5_K : BlockType::kQ6_K;
      return mix.base;
    case TensorRole::kAttentionValue:
      if (mix.medium && gets_more_bits(layer, n_layer)) return BlockType::kQ6_K;
      if (mix.small && mix.base == BlockType::kQ4_K && layer < 4) return BlockType::kQ5_K;
      return mix.base;
    case TensorRole::kFeedForwardDown:
      if (mix.medium && gets_more_bits(layer, n_layer)) return BlockType::kQ6_K;
      if (mix.small && mix.base == BlockType::kQ4_K && layer < n_layer / 8) return BlockType::kQ5_K;
      return mix.base;
    case TensorRole::kEmbedding:
    case TensorRole::kMatrix:
      return mix.base;
  }
  return mix.base;
}

// Types of blocks of 32 that stand in for super-blocks of 256 of about the same size.
BlockType smaller_blocks(BlockType type) {
  switch (type) {
    case BlockType::kQ4_K:
      return BlockType::kQ5_0;
    case BlockType::kQ5_K:
      return BlockType::kQ5_1;
    case BlockType::kQ6_K:
    case BlockType::kQ8_K:
      return BlockType::kQ8_0;
    default:
      return BlockType::kIQ4_NL;
  }
}

bool ends_with_any(std::string_view name, std::initializer_list<std::string_view> endings) {
  for (const std::string_view ending : endings) {
    if (name.ends_with(ending)) return true;
  }
  return false;
}

}  // namespace

TensorRole role_of(std::string_view name, size_t dimensions, bool tied_output) {
  if (dimensions < 2 || !name.ends_with(".weight")) return TensorRole::kVector;
  if (ends_with_any(name, {"norm.weight", "ffn_gate_inp.weight"}) || name.starts_with("rope_") ||
      name == "position_embd.weight" || name == "token_types.weight") {
    return TensorRole::kVector;
  }
  if (name == "output.weight" || (tied_output && name == "token_embd.weight")) return TensorRole::kOutput;
  if (name == "token_embd.weight") return TensorRole::kEmbedding;
  if (name.ends_with("attn_qkv.weight")) return TensorRole::kAttentionQueryKeyValue;
  if (name.ends_with("attn_v.weight")) return TensorRole::kAttentionValue;
  if (ends_with_any(name, {"ffn_down.weight", "ffn_down_exps.weight"})) return TensorRole::kFeedForwardDown;
  return TensorRole::kMatrix;
}

bool can_hold_weights(BlockType type) {
  switch (type) {
    case BlockType::kI8:
    case BlockType::kI16:
    case BlockType::kI32:
    case BlockType::kI64:
    case BlockType::kF64:
      return false;
    default:
      return true;
  }
}

Result<TypeMix> find_type_mix(std::string_view name) {
  const std::string wanted = upper(name);
  for (const TypeMix& mix : kMixes) {
    if (mix.name == wanted) return mix;
  }
  const auto type = find_block_type(wanted);
  if (!type || !can_hold_weights(*type)) {
    return Error{
        ErrorCode::kInvalidArgument,
        fmt::format("'{}' is no type for weights; there are F32, F16, BF16, Q8_0, Q6_K, Q4_K_M and the "
                    "other block types of GGUF",
                    name)};
  }
  const auto file_type = std::find_if(kFileTypes.begin(), kFileTypes.end(),
                                      [&](const FileType& entry) { return entry.type == *type; });
  return TypeMix{std::string(block_layout(*type).name), *type, false, false,
                 file_type == kFileTypes.end() ? kUnknownFileType : file_type->number};
}

BlockType type_in_mix(const TypeMix& mix, TensorRole role, int32_t layer, int32_t n_layer, uint64_t columns) {
  const BlockType type = wanted_type(mix, role, layer, n_layer);
  if (columns % block_layout(type).block_size == 0) return type;
  const BlockType smaller = smaller_blocks(type);
  return columns % block_layout(smaller).block_size == 0 ? smaller : BlockType::kF16;
}

}  // namespace hearth
