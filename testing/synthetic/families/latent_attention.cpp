// Families with latent attention.
#include "testing/synthetic/families/families.h"

namespace hearth {
namespace {

/// Two layers that are the same but for what a family says otherwise. Without `absorbed` matrices keys and
/// values of heads are what the file's lengths are of; with them these are of the latents.
SyntheticShape latent_shape(std::string_view name, std::string_view architecture, bool absorbed) {
  constexpr int32_t kRank = 64;
  constexpr int32_t kTurning = 32;
  SyntheticShape shape{
      .name = name,
      .architecture = architecture,
      .vocabulary = "llama2",
      .n_vocab = 512,
      .n_layer = 2,
      .n_embd = 256,
      .n_ff = 512,
      .n_head = 4,
      .n_head_kv = absorbed ? 1 : 4,
      .head_dimension = absorbed ? kRank + kTurning : 96,
      .context_length = 512,
      .norm_epsilon = 1e-6F,
      .rope_dimensions = kTurning,
      .keys = {{"attention.kv_lora_rank", kRank}, {"attention.value_length", absorbed ? kRank : 32}}};
  if (absorbed) {
    shape.keys.push_back({"attention.key_length_mla", 96});
    shape.keys.push_back({"attention.value_length_mla", 32});
  }
  return shape;
}

/// A layer without experts, and two with eight, of which two are used, and two that all rows go through.
SyntheticShape deepseek_shape(std::string_view name, std::string_view architecture, bool absorbed,
                              const std::vector<SyntheticKey>& keys) {
  SyntheticShape shape = latent_shape(name, architecture, absorbed);
  shape.n_layer = 3;
  shape.n_expert = 8;
  shape.n_expert_used = 2;
  shape.n_ff_expert = 128;
  shape.keys.push_back({"leading_dense_block_count", 1});
  shape.keys.push_back({"expert_shared_count", 2});
  shape.keys.insert(shape.keys.end(), keys.begin(), keys.end());
  return shape;
}

SyntheticShape with_yarn(SyntheticShape shape) {
  shape.rope = SyntheticRope::kYarn;
  shape.rope_factor = 8.0F;
  shape.original_context = 64;
  return shape;
}

/// V2 Lite has no latents of queries, which llama.cpp tells by its number of layers.
SyntheticShape lite_shape(std::string_view name) {
  SyntheticShape shape = deepseek_shape(name, "deepseek2", true, {});
  shape.n_layer = 26;
  shape.n_ff = 256;
  shape.n_expert = 4;
  shape.n_ff_expert = 64;
  return shape;
}

/// Two thirds of what is compared lie beyond what it leaves whole. It has so many heads that few scores are
/// 0.
SyntheticShape with_indexer(SyntheticShape shape) {
  const std::vector<SyntheticKey> keys{{"attention.q_lora_rank", 128},
                                       {"attention.indexer.head_count", 16},
                                       {"attention.indexer.key_length", 64},
                                       {"attention.indexer.top_k", 16}};
  shape.keys.insert(shape.keys.end(), keys.begin(), keys.end());
  for (const std::string_view name : {"indexer.k_norm.weight", "indexer.k_norm.bias", "indexer.proj.weight",
                                      "indexer.attn_k.weight", "indexer.attn_q_b.weight"}) {
    shape.optional_tensors.push_back(name);
  }
  return shape;
}

/// Attention as others have it.
SyntheticShape ocr_shape() {
  SyntheticShape shape = deepseek_shape("tiny-deepseek2-ocr", "deepseek2-ocr", false, {});
  shape.head_dimension = 64;
  shape.rope_dimensions = 0;
  shape.keys = {{"leading_dense_block_count", 1}, {"expert_shared_count", 2}};
  return shape;
}

/// Two layers look at what others chose, and have indexers that nothing reads.
SyntheticShape glm_dsa_shape() {
  SyntheticShape shape = with_indexer(deepseek_shape(
      "tiny-glm-dsa", "glm-dsa", true, {{"attention.indexer.types", SyntheticKey::Integers{1, 0, 1, 0}}}));
  shape.n_layer = 4;
  return shape;
}

/// As it is in V3: scores by sigmoids, and groups.
SyntheticShape with_groups(SyntheticShape shape) {
  const std::vector<SyntheticKey> keys{{"expert_gating_func", 2},
                                       {"expert_group_count", 4},
                                       {"expert_group_used_count", 2},
                                       {"expert_weights_norm", true},
                                       {"expert_weights_scale", 2.5F}};
  shape.keys.insert(shape.keys.end(), keys.begin(), keys.end());
  shape.optional_tensors.emplace_back("exp_probs_b.bias");
  return shape;
}

}  // namespace

std::vector<SyntheticShape> latent_attention_shapes() {
  SyntheticShape minicpm3 = latent_shape("tiny-minicpm3", "minicpm3", false);
  minicpm3.rope = SyntheticRope::kLongRope;
  minicpm3.original_context = 128;
  minicpm3.keys.push_back({"attention.q_lora_rank", 128});
  SyntheticShape plm = latent_shape("tiny-plm", "plm", false);
  plm.tied = true;
  const SyntheticKey query_rank{"attention.q_lora_rank", 128};
  const SyntheticKey multiplier{"rope.scaling.yarn_log_multiplier", 0.1F};
  const SyntheticKey small_multiplier{"rope.scaling.yarn_log_multiplier", 0.0707F};
  return {
      deepseek_shape("tiny-deepseek2", "deepseek2", true, {query_rank, {"nextn_predict_layers", 1}}),
      lite_shape("tiny-deepseek2-lite"),
      with_groups(
          with_yarn(deepseek_shape("tiny-deepseek2-v3", "deepseek2", true, {query_rank, multiplier}))),
      with_yarn(deepseek_shape("tiny-deepseek2-v2", "deepseek2", false,
                               {query_rank, small_multiplier, {"expert_weights_scale", 1.5F}})),
      with_yarn(deepseek_shape("tiny-deepseek2-yarn", "deepseek2", true, {query_rank})),
      with_yarn(deepseek_shape("tiny-mistral4", "mistral4", true,
                               {query_rank,
                                small_multiplier,
                                {"attention.temperature_scale", 0.3F},
                                {"attention.temperature_length", 16}})),
      with_indexer(with_groups(with_yarn(deepseek_shape("tiny-deepseek32", "deepseek32", true, {})))),
      glm_dsa_shape(),
      ocr_shape(),
      minicpm3,
      plm,
  };
}

}  // namespace hearth
