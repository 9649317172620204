// llama.cpp's rules: where a mix spends more bits, or fewer, than its base.
#include <initializer_list>

#include "engine/model/convert/type_mix.h"

namespace hearth {
namespace {

using Type = BlockType;
using File = FileType;

bool is_any_of(File file, std::initializer_list<File> files) {
  for (const File one : files) {
    if (file == one) return true;
  }
  return false;
}

}  // namespace

bool is_1_or_2_bits(FileType file) {
  return is_any_of(file,
                   {File::kIQ1_S, File::kIQ1_M, File::kIQ2_XXS, File::kIQ2_XS, File::kIQ2_S, File::kIQ2_M});
}

namespace {

// The larger two of the mixes with 2 bits.
bool is_larger_2_bits(File file) { return file == File::kIQ2_S || file == File::kIQ2_M; }

// The first and last eighth of the layers and every third one between.
bool gets_more_bits(TensorOrder order) {
  return order.index < order.count / 8 || order.index >= 7 * order.count / 8 ||
         (order.index - order.count / 8) % 3 == 2;
}

bool in_first_eighth(TensorOrder order) { return order.index < order.count / 8; }
bool in_first_sixteenth(TensorOrder order) { return order.index < order.count / 16; }

Type output_type(const TypeMix& mix, const ModelTraits& traits) {
  if (mix.base == Type::kQ8_0 || block_layout(mix.base).block_size == 1) return mix.base;
  if (traits.is_falcon) return Type::kQ8_0;
  if (mix.plain) return Type::kQ6_K;
  if (is_1_or_2_bits(mix.file_type) || mix.file_type == File::kIQ3_XXS) return Type::kQ5_K;
  return Type::kQ6_K;
}

Type embedding_type(const TypeMix& mix) {
  switch (mix.file_type) {
    case File::kIQ1_S:
    case File::kIQ1_M:
    case File::kIQ2_XXS:
    case File::kIQ2_XS:
      return Type::kQ2_K;
    case File::kIQ2_S:
    case File::kIQ2_M:
    case File::kIQ3_XXS:
      return Type::kIQ3_S;
    case File::kTQ1_0:
    case File::kTQ2_0:
      return Type::kQ4_K;
    default:
      return mix.base;
  }
}

Type value_type_of_1_or_2_bits(const TypeMix& mix, const ModelTraits& traits) {
  if (traits.heads_per_key_value >= 4 || traits.n_expert >= 4) return Type::kQ4_K;
  return is_larger_2_bits(mix.file_type) ? Type::kIQ3_S : Type::kQ2_K;
}

Type value_type_of_dense(const TypeMix& mix, TensorOrder order, const ModelTraits& traits) {
  const bool shared = traits.heads_per_key_value >= 4;
  switch (mix.file_type) {
    case File::kQ2_K:
      return shared ? Type::kQ4_K : Type::kQ3_K;
    case File::kIQ3_XXS:
      if (shared) return Type::kQ4_K;
      return traits.has_importance ? Type::kIQ3_XXS : Type::kIQ3_S;
    case File::kQ2_K_S:
    case File::kIQ3_XS:
    case File::kIQ3_S:
      return shared ? Type::kQ4_K : mix.base;
    case File::kIQ3_M:
      return Type::kQ4_K;
    case File::kQ3_K_M:
      return order.index < 2 ? Type::kQ5_K : Type::kQ4_K;
    case File::kQ3_K_L:
      return Type::kQ5_K;
    case File::kIQ4_NL:
    case File::kIQ4_XS:
      return shared ? Type::kQ5_K : mix.base;
    case File::kQ4_K_M:
    case File::kQ5_K_M:
      return gets_more_bits(order) ? Type::kQ6_K : mix.base;
    case File::kQ4_K_S:
      return order.index < 4 ? Type::kQ5_K : mix.base;
    default:
      return mix.base;
  }
}

Type value_type(const TypeMix& mix, TensorOrder order, const ModelTraits& traits) {
  if (is_1_or_2_bits(mix.file_type)) return value_type_of_1_or_2_bits(mix, traits);
  if (traits.n_expert == 8) return Type::kQ8_0;  // small beside the experts
  const Type type = value_type_of_dense(mix, order, traits);
  // An eighth of the size of the queries' matrix.
  const bool more = traits.is_llama_70b && (type == Type::kQ3_K || type == Type::kQ4_K);
  return more ? Type::kQ5_K : type;
}

Type query_or_key_type(const TypeMix& mix, bool is_key, const ModelTraits& traits) {
  if (is_key && traits.n_expert == 8) return is_1_or_2_bits(mix.file_type) ? Type::kQ4_K : Type::kQ8_0;
  if (mix.file_type == File::kIQ3_XS) return Type::kIQ3_XXS;
  if (mix.file_type == File::kIQ3_XXS) return Type::kIQ2_S;
  return mix.base;
}

Type attention_output_type_of_eight_experts(const TypeMix& mix) {
  const bool more = is_1_or_2_bits(mix.file_type) ||
                    is_any_of(mix.file_type, {File::kQ2_K, File::kIQ3_XS, File::kIQ3_XXS, File::kQ3_K_S,
                                              File::kQ3_K_M, File::kIQ4_NL, File::kQ4_K_S, File::kQ4_K_M,
                                              File::kIQ3_S, File::kIQ3_M, File::kIQ4_XS});
  return more ? Type::kQ5_K : mix.base;
}

Type attention_output_type(const TypeMix& mix, const ModelTraits& traits) {
  if (traits.is_falcon && !is_1_or_2_bits(mix.file_type)) {
    return mix.file_type == File::kQ3_K_L ? Type::kQ4_K : mix.base;
  }
  if (traits.n_expert == 8) return attention_output_type_of_eight_experts(mix);
  switch (mix.file_type) {
    case File::kIQ1_S:
    case File::kIQ1_M:
      return Type::kIQ2_XXS;
    case File::kIQ2_S:
    case File::kIQ2_M:
    case File::kIQ3_XXS:
      return Type::kIQ3_S;
    case File::kQ2_K:
      return Type::kQ3_K;
    case File::kQ3_K_M:
    case File::kIQ3_M:
      return Type::kQ4_K;
    case File::kQ3_K_L:
      return Type::kQ5_K;
    default:
      return mix.base;
  }
}

Type down_type_of_falcon(const TypeMix& mix, TensorOrder order) {
  switch (mix.file_type) {
    case File::kQ3_K_M:
      if (in_first_sixteenth(order)) return Type::kQ5_K;
      return gets_more_bits(order) ? Type::kQ4_K : Type::kQ3_K;
    case File::kQ3_K_L:
      return Type::kQ4_K;
    case File::kQ4_K_M:
      if (in_first_sixteenth(order)) return Type::kQ6_K;
      return gets_more_bits(order) ? Type::kQ5_K : Type::kQ4_K;
    default:
      return mix.base;
  }
}

Type down_type(const TypeMix& mix, TensorOrder order, const ModelTraits& traits) {
  const bool first = in_first_eighth(order);
  switch (mix.file_type) {
    case File::kIQ1_S:
    case File::kIQ1_M:
    case File::kIQ2_XXS:
    case File::kIQ2_XS:
      return first ? Type::kQ2_K : mix.base;
    case File::kIQ2_S:
    case File::kIQ2_M:
      return first ? Type::kIQ3_S : mix.base;
    case File::kQ2_K:
      return Type::kQ3_K;
    case File::kQ2_K_S:
      return first ? Type::kQ4_K : mix.base;
    case File::kIQ3_XXS:
      if (traits.has_importance) return mix.base;
      return first ? Type::kQ4_K : Type::kQ3_K;
    case File::kIQ3_M:
      return first || (traits.n_expert == 8 && gets_more_bits(order)) ? Type::kQ4_K : mix.base;
    case File::kIQ4_NL:
    case File::kIQ4_XS:
      return first && !traits.has_importance ? Type::kQ5_K : mix.base;
    case File::kQ5_K_M:
      return gets_more_bits(order) ? Type::kQ6_K : mix.base;
    case File::kQ4_0:
      return first && traits.has_importance ? Type::kQ4_1 : mix.base;
    case File::kQ5_0:
      return first && traits.has_importance ? Type::kQ5_1 : mix.base;
    default:
      break;
  }
  if (traits.is_falcon) return down_type_of_falcon(mix, order);
  switch (mix.file_type) {
    case File::kQ3_K_M:
      return in_first_sixteenth(order) ? Type::kQ5_K : Type::kQ4_K;
    case File::kQ3_K_L:
      return Type::kQ5_K;
    case File::kQ4_K_M:
      return gets_more_bits(order) ? Type::kQ6_K : mix.base;
    case File::kQ4_K_S:
      return first ? Type::kQ5_K : mix.base;
    default:
      return mix.base;
  }
}

// The middle six eighths of the layers get fewer.
Type gate_or_up_type(const TypeMix& mix, TensorOrder order) {
  const bool fewer =
      mix.file_type == File::kIQ3_XS && !in_first_eighth(order) && order.index < 7 * order.count / 8;
  return fewer ? Type::kIQ3_XXS : mix.base;
}

}  // namespace

BlockType type_in_mix(const TypeMix& mix, TensorRole role, TensorOrder order, const ModelTraits& traits,
                      bool many) {
  if (role == TensorRole::kVector) return Type::kF32;
  if (mix.file_type == File::kMXFP4_MOE && !mix.plain) return many ? Type::kMXFP4 : Type::kQ8_0;
  if (role == TensorRole::kOutput) return output_type(mix, traits);
  if (mix.plain || block_layout(mix.base).block_size == 1) return mix.base;
  switch (role) {
    case TensorRole::kEmbedding:
      return embedding_type(mix);
    case TensorRole::kAttentionValue:
      return value_type(mix, order, traits);
    case TensorRole::kAttentionQuery:
    case TensorRole::kAttentionKey:
      return mix.file_type == File::kOther
                 ? mix.base
                 : query_or_key_type(mix, role == TensorRole::kAttentionKey, traits);
    case TensorRole::kAttentionOutput:
      return attention_output_type(mix, traits);
    case TensorRole::kFeedForwardDown:
      return down_type(mix, order, traits);
    case TensorRole::kFeedForwardGate:
    case TensorRole::kFeedForwardUp:
      return gate_or_up_type(mix, order);
    default:
      return mix.base;
  }
}

}  // namespace hearth
