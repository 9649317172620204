#include "engine/model/convert/type_mix.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace hearth {
namespace {

struct NamedMix {
  std::string_view name;
  BlockType base;
  FileType file_type;
};

constexpr std::array kMixes = {
    NamedMix{"F32", BlockType::kF32, FileType::kF32},
    NamedMix{"F16", BlockType::kF16, FileType::kF16},
    NamedMix{"BF16", BlockType::kBF16, FileType::kBF16},
    NamedMix{"Q4_0", BlockType::kQ4_0, FileType::kQ4_0},
    NamedMix{"Q4_1", BlockType::kQ4_1, FileType::kQ4_1},
    NamedMix{"Q5_0", BlockType::kQ5_0, FileType::kQ5_0},
    NamedMix{"Q5_1", BlockType::kQ5_1, FileType::kQ5_1},
    NamedMix{"Q8_0", BlockType::kQ8_0, FileType::kQ8_0},
    NamedMix{"Q2_K", BlockType::kQ2_K, FileType::kQ2_K},
    NamedMix{"Q2_K_S", BlockType::kQ2_K, FileType::kQ2_K_S},
    NamedMix{"Q3_K_S", BlockType::kQ3_K, FileType::kQ3_K_S},
    NamedMix{"Q3_K_M", BlockType::kQ3_K, FileType::kQ3_K_M},
    NamedMix{"Q3_K_L", BlockType::kQ3_K, FileType::kQ3_K_L},
    NamedMix{"Q4_K_S", BlockType::kQ4_K, FileType::kQ4_K_S},
    NamedMix{"Q4_K_M", BlockType::kQ4_K, FileType::kQ4_K_M},
    NamedMix{"Q5_K_S", BlockType::kQ5_K, FileType::kQ5_K_S},
    NamedMix{"Q5_K_M", BlockType::kQ5_K, FileType::kQ5_K_M},
    NamedMix{"Q6_K", BlockType::kQ6_K, FileType::kQ6_K},
    NamedMix{"IQ1_S", BlockType::kIQ1_S, FileType::kIQ1_S},
    NamedMix{"IQ1_M", BlockType::kIQ1_M, FileType::kIQ1_M},
    NamedMix{"IQ2_XXS", BlockType::kIQ2_XXS, FileType::kIQ2_XXS},
    NamedMix{"IQ2_XS", BlockType::kIQ2_XS, FileType::kIQ2_XS},
    NamedMix{"IQ2_S", BlockType::kIQ2_XS, FileType::kIQ2_S},  // not of IQ2_S, which IQ2_M is
    NamedMix{"IQ2_M", BlockType::kIQ2_S, FileType::kIQ2_M},
    NamedMix{"IQ3_XXS", BlockType::kIQ3_XXS, FileType::kIQ3_XXS},
    NamedMix{"IQ3_XS", BlockType::kIQ3_S, FileType::kIQ3_XS},
    NamedMix{"IQ3_S", BlockType::kIQ3_S, FileType::kIQ3_S},
    NamedMix{"IQ3_M", BlockType::kIQ3_S, FileType::kIQ3_M},
    NamedMix{"IQ4_NL", BlockType::kIQ4_NL, FileType::kIQ4_NL},
    NamedMix{"IQ4_XS", BlockType::kIQ4_XS, FileType::kIQ4_XS},
    NamedMix{"TQ1_0", BlockType::kTQ1_0, FileType::kTQ1_0},
    NamedMix{"TQ2_0", BlockType::kTQ2_0, FileType::kTQ2_0},
    NamedMix{"MXFP4_MOE", BlockType::kMXFP4, FileType::kMXFP4_MOE},
};

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& letter : result) letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
  return result;
}

std::optional<TypeMix> find_mix(std::string_view name) {
  for (const NamedMix& mix : kMixes) {
    if (mix.name == name) return TypeMix{std::string(mix.name), mix.base, mix.file_type};
  }
  return std::nullopt;
}

// Of files that are mostly of this type.
FileType file_type_of(BlockType type) {
  for (const NamedMix& mix : kMixes) {
    if (mix.base == type) return mix.file_type;
  }
  return FileType::kOther;
}

bool contains_any(std::string_view name, std::initializer_list<std::string_view> parts) {
  return std::any_of(parts.begin(), parts.end(),
                     [&](std::string_view part) { return name.find(part) != std::string_view::npos; });
}

// Of RWKV's: what is blended with, and the halves of low-rank products. Its large matrices have such names,
// too.
bool is_small_time_mix(std::string_view name) {
  return contains_any(
      name, {"time_mix_first.weight", "time_mix_w0.weight", "time_mix_w1.weight", "time_mix_w2.weight",
             "time_mix_v0.weight", "time_mix_v1.weight", "time_mix_v2.weight", "time_mix_a0.weight",
             "time_mix_a1.weight", "time_mix_a2.weight", "time_mix_g1.weight", "time_mix_g2.weight",
             "time_mix_decay_w1.weight", "time_mix_decay_w2.weight", "time_mix_lerp_fused.weight"});
}

// Matrices that are small, and tables that are no factor of a product.
bool stays_as_it_is(std::string_view name) {
  return name.ends_with("norm.weight") || name.starts_with("rope_") || is_small_time_mix(name) ||
         contains_any(name, {"_norm.weight", "ffn_gate_inp.weight", "ffn_gate_inp_shexp.weight",
                             "ffn_gate_tid2eid.weight", "altup", "laurel", "per_layer_model_proj",
                             "position_embd", "token_types", "ssm_conv1d", "shortconv.conv", "attn_rel_b",
                             "indexer.k_proj.weight", "indexer.q_proj.weight"});
}

}  // namespace

TensorRole role_of(std::string_view name, size_t dimensions, bool tied_output) {
  if (dimensions < 2 || !name.ends_with("weight") || stays_as_it_is(name)) return TensorRole::kVector;
  if (name == "output.weight") return TensorRole::kOutput;
  if (name == "token_embd.weight" || name == "per_layer_token_embd.weight") {
    return tied_output ? TensorRole::kOutput : TensorRole::kEmbedding;
  }
  const auto has = [&](std::string_view part) { return name.find(part) != std::string_view::npos; };
  if (contains_any(name, {"attn_qkv.weight", "attn_v.weight", "attn_kv_b.weight"}))
    return TensorRole::kAttentionValue;
  if (has("attn_k.weight")) return TensorRole::kAttentionKey;
  if (has("attn_q.weight")) return TensorRole::kAttentionQuery;
  if (has("attn_output.weight")) return TensorRole::kAttentionOutput;
  if (has("ffn_up")) return TensorRole::kFeedForwardUp;
  if (has("ffn_gate")) return TensorRole::kFeedForwardGate;
  if (has("ffn_down")) return TensorRole::kFeedForwardDown;
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

Result<BlockType> find_weight_type(std::string_view name) {
  const auto type = find_block_type(upper(name));
  if (type && can_hold_weights(*type)) return *type;
  return Error{
      ErrorCode::kInvalidArgument,
      fmt::format("'{}' is no type for weights; there are F32, F16, BF16, Q8_0, Q6_K, Q4_K_M and the "
                  "other block types of GGUF",
                  name)};
}

Result<TypeMix> find_type_mix(std::string_view name) {
  const std::string wanted = upper(name);
  if (const auto mix = find_mix(wanted)) return *mix;
  if (const auto medium = find_mix(wanted + "_M"); medium && wanted.ends_with("_K")) return *medium;
  return find_plain_mix(name);
}

Result<TypeMix> find_plain_mix(std::string_view name) {
  const std::string wanted = upper(name);
  auto mix = find_mix(wanted);
  if (mix && !find_block_type(wanted)) return *mix;
  HEARTH_ASSIGN(const BlockType type, find_weight_type(name));
  return TypeMix{std::string(block_layout(type).name), type, mix ? mix->file_type : file_type_of(type), true};
}

BlockType fitting_type(BlockType wanted, uint64_t columns) {
  const auto fits = [&](BlockType type) { return columns % block_layout(type).block_size == 0; };
  if (fits(wanted)) return wanted;
  const auto smaller = [&] {
    switch (wanted) {
      case BlockType::kQ2_K:
      case BlockType::kQ3_K:
      case BlockType::kTQ1_0:
      case BlockType::kTQ2_0:
        return BlockType::kQ4_0;
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
  }();
  return fits(smaller) ? smaller : BlockType::kF16;
}

}  // namespace hearth
