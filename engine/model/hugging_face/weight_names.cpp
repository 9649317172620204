#include "engine/model/hugging_face/weight_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <system_error>

namespace hearth {
namespace {

constexpr NamePair kDecoderOutside[] = {
    {"model.embed_tokens", "token_embd"},
    {"model.norm", "output_norm"},
    {"model.final_layernorm", "output_norm"},
    {"lm_head", "output"},
};
constexpr NamePair kDecoderLayer[] = {
    {"input_layernorm", "attn_norm"},
    {"self_attn.q_proj", "attn_q"},
    {"self_attn.k_proj", "attn_k"},
    {"self_attn.v_proj", "attn_v"},
    {"self_attn.qkv_proj", "attn_qkv"},
    {"self_attn.o_proj", "attn_output"},
    {"self_attn.q_norm", "attn_q_norm"},
    {"self_attn.k_norm", "attn_k_norm"},
    // Which older files store, and every program computes.
    {"self_attn.rotary_emb.inv_freq", ""},
    {"post_attention_layernorm", "ffn_norm"},
    {"mlp.gate_proj", "ffn_gate"},
    {"mlp.up_proj", "ffn_up"},
    {"mlp.gate_up_proj", "ffn_up"},
    {"mlp.down_proj", "ffn_down"},
    // Qwen's experts, then Mixtral's.
    {"mlp.gate", "ffn_gate_inp"},
    {"mlp.experts.*.gate_proj", "ffn_gate_exps"},
    {"mlp.experts.*.up_proj", "ffn_up_exps"},
    {"mlp.experts.*.down_proj", "ffn_down_exps"},
    {"block_sparse_moe.gate", "ffn_gate_inp"},
    {"block_sparse_moe.experts.*.w1", "ffn_gate_exps"},
    {"block_sparse_moe.experts.*.w3", "ffn_up_exps"},
    {"block_sparse_moe.experts.*.w2", "ffn_down_exps"},
};
constexpr NamePair kGemma2Layer[] = {
    {"post_attention_layernorm", "post_attention_norm"},
    {"pre_feedforward_layernorm", "ffn_norm"},
    {"post_feedforward_layernorm", "post_ffw_norm"},
};
constexpr NamePair kPhi2Layer[] = {
    {"self_attn.dense", "attn_output"},
    {"mlp.fc1", "ffn_up"},
    {"mlp.fc2", "ffn_down"},
};

constexpr NamePair kBertOutside[] = {
    {"embeddings.word_embeddings", "token_embd"},
    {"embeddings.token_type_embeddings", "token_types"},
    {"embeddings.position_embeddings", "position_embd"},
    {"embeddings.LayerNorm", "token_embd_norm"},
    {"embeddings.position_ids", ""},
    // XLM-RoBERTa's, which judges texts.
    {"classifier.dense", "cls"},
    {"classifier.out_proj", "cls.output"},
    // What made sense of the first token in training.
    {"pooler.dense", ""},
    {"cls.predictions", ""},
    {"cls.predictions.decoder", ""},
    {"cls.predictions.transform.dense", ""},
    {"cls.predictions.transform.LayerNorm", ""},
    {"cls.seq_relationship", ""},
    {"lm_head", ""},
    {"lm_head.decoder", ""},
    {"lm_head.dense", ""},
    {"lm_head.layer_norm", ""},
};
constexpr NamePair kBertLayer[] = {
    {"attention.self.query", "attn_q"},
    {"attention.self.key", "attn_k"},
    {"attention.self.value", "attn_v"},
    {"attention.output.dense", "attn_output"},
    {"attention.output.LayerNorm", "attn_output_norm"},
    {"intermediate.dense", "ffn_up"},
    {"output.dense", "ffn_down"},
    {"output.LayerNorm", "layer_output_norm"},
};
constexpr NamePair kNomicBertOutside[] = {
    {"embeddings.word_embeddings", "token_embd"},
    {"embeddings.token_type_embeddings", "token_types"},
    {"emb_ln", "token_embd_norm"},
};
constexpr NamePair kNomicBertLayer[] = {
    {"attn.Wqkv", "attn_qkv"},      {"attn.out_proj", "attn_output"}, {"norm1", "attn_output_norm"},
    {"mlp.fc11", "ffn_up"},         {"mlp.fc12", "ffn_gate"},         {"mlp.fc2", "ffn_down"},
    {"norm2", "layer_output_norm"},
};

std::optional<std::string_view> find(std::span<const NamePair> pairs, std::string_view theirs) {
  const auto found = std::ranges::find(pairs, theirs, &NamePair::first);
  return found == pairs.end() ? std::nullopt : std::optional(found->second);
}

/// Takes a number of at most five digits, and the dot behind it, from the beginning.
std::optional<uint32_t> take_number(std::string_view& text) {
  uint32_t number = 0;
  const auto [end, problem] =
      std::from_chars(text.data(), text.data() + std::min<size_t>(text.size(), 5), number);
  const auto digits = static_cast<size_t>(end - text.data());
  if (problem != std::errc() || digits == text.size() || text[digits] != '.') return std::nullopt;
  text.remove_prefix(digits + 1);
  return number;
}

/// Of a layer's part, such as "mlp.experts.3.up_proj".
std::optional<std::string_view> find_in_layer(std::string_view part, const WeightNames& names,
                                              std::optional<uint32_t>& expert) {
  std::string generic(part);
  constexpr std::string_view kExperts = ".experts.";
  if (const size_t at = part.find(kExperts); at != std::string_view::npos) {
    std::string_view behind = part.substr(at + kExperts.size());
    expert = take_number(behind);
    if (!expert) return std::nullopt;
    generic = fmt::format("{}{}*.{}", part.substr(0, at), kExperts, behind);
  }
  const auto own = find(names.own, generic);
  return own ? own : find(names.layer, generic);
}

}  // namespace

const WeightNames kDecoderNames = {"model.layers.", kDecoderOutside, kDecoderLayer};
const WeightNames kGemma2Names = {"model.layers.", kDecoderOutside, kDecoderLayer, kGemma2Layer};
const WeightNames kPhi2Names = {"model.layers.", kDecoderOutside, kDecoderLayer, kPhi2Layer};
const WeightNames kBertNames = {"encoder.layer.", kBertOutside, kBertLayer, {}, "bert."};
const WeightNames kRobertaNames = {"encoder.layer.", kBertOutside, kBertLayer, {}, "roberta."};
const WeightNames kNomicBertNames = {"encoder.layers.", kNomicBertOutside, kNomicBertLayer};

std::optional<WeightName> gguf_name(std::string_view theirs, const WeightNames& names) {
  if (theirs.starts_with(names.prefix)) theirs.remove_prefix(names.prefix.size());
  std::string_view ending;
  for (const std::string_view possible : {".weight", ".bias"}) {
    if (theirs.ends_with(possible)) ending = possible;
  }
  theirs.remove_suffix(ending.size());
  std::string before;
  std::optional<std::string_view> ours;
  std::optional<uint32_t> expert;
  if (theirs.starts_with(names.layers)) {
    theirs.remove_prefix(names.layers.size());
    const auto layer = take_number(theirs);
    if (layer) ours = find_in_layer(theirs, names, expert);
    before = fmt::format("blk.{}.", layer.value_or(0));
  } else {
    ours = find(names.outside, theirs);
  }
  if (ours && ours->empty()) return WeightName{};
  if (!ours || ending.empty()) return std::nullopt;
  return WeightName{fmt::format("{}{}{}", before, *ours, ending), expert};
}

}  // namespace hearth
