#include "engine/model/hugging_face/folder_family.h"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

namespace hearth {
namespace {

namespace fs = std::filesystem;

Result<void> add_gemma2(const fs::path& /*folder*/, const ConfigKeys& keys) {
  HEARTH_TRY(keys.copy_integer_if_there("attention.sliding_window", "sliding_window"));
  HEARTH_TRY(keys.copy_number_if_there("attn_logit_softcapping", "attn_logit_softcapping"));
  return keys.copy_number_if_there("final_logit_softcapping", "final_logit_softcapping");
}

Result<void> add_gemma3(const fs::path& /*folder*/, const ConfigKeys& keys) {
  HEARTH_TRY(keys.copy_integer_if_there("attention.sliding_window", "sliding_window"));
  HEARTH_TRY(keys.copy_number_if_there("rope.freq_base_swa", "rope_local_base_freq"));
  const JsonFile rope = JsonFile::member(keys.config(), "rope_parameters");
  const JsonFile sliding = JsonFile::member(rope, "sliding_attention");
  if (sliding.find("rope_theta") == nullptr) return {};
  HEARTH_ASSIGN(const float theta, sliding.number("rope_theta"));
  keys.add("rope.freq_base_swa", theta);
  return {};
}

Result<void> add_phi3(const fs::path& /*folder*/, const ConfigKeys& keys) {
  return keys.copy_integer_if_there("attention.sliding_window", "sliding_window");
}

Result<void> add_mixtral(const fs::path& /*folder*/, const ConfigKeys& keys) {
  HEARTH_TRY(keys.copy_integer("expert_count", "num_local_experts"));
  return keys.copy_integer("expert_used_count", "num_experts_per_tok");
}

Result<void> add_qwen3moe(const fs::path& /*folder*/, const ConfigKeys& keys) {
  HEARTH_TRY(keys.copy_integer("expert_count", "num_experts"));
  HEARTH_TRY(keys.copy_integer("expert_used_count", "num_experts_per_tok"));
  HEARTH_TRY(keys.copy_integer("expert_feed_forward_length", "moe_intermediate_size"));
  HEARTH_ASSIGN(const bool normalize, keys.config().boolean("norm_topk_prob", true));
  if (!normalize) keys.add("expert_weights_norm", false);
  return {};
}

// How sentence-transformers makes one vector of a text's.
Result<void> add_pooling(const fs::path& folder, const ConfigKeys& keys) {
  HEARTH_ASSIGN(const JsonFile pooling, JsonFile::read_if_there(folder / "1_Pooling" / "config.json"));
  for (const auto& [theirs, number] : {std::pair<const char*, uint32_t>{"pooling_mode_mean_tokens", 1},
                                       {"pooling_mode_cls_token", 2},
                                       {"pooling_mode_lasttoken", 3}}) {
    HEARTH_ASSIGN(const bool is_on, pooling.boolean(theirs, false));
    if (!is_on) continue;
    keys.add("pooling_type", number);
    break;
  }
  return {};
}

Result<void> add_both_directions(const ConfigKeys& keys) {
  keys.add("attention.causal", false);
  HEARTH_ASSIGN(const uint32_t types, keys.config().integer("type_vocab_size", 0));
  if (types > 0) keys.writer().add_uint32("tokenizer.ggml.token_type_count", types);
  return {};
}

Result<void> add_encoder(const fs::path& folder, const ConfigKeys& keys) {
  HEARTH_TRY(add_both_directions(keys));
  return add_pooling(folder, keys);
}

Result<void> add_reranker(const fs::path& /*folder*/, const ConfigKeys& keys) {
  constexpr uint32_t kRank = 4;
  HEARTH_TRY(add_both_directions(keys));
  keys.add("pooling_type", kRank);
  const JsonFile labels = JsonFile::member(keys.config(), "id2label");
  if (labels.object().size() < 2) return {};
  std::vector<std::string> names;
  for (size_t number = 0; number < labels.object().size(); ++number) {
    HEARTH_ASSIGN(std::string name, labels.string(std::to_string(number)));
    names.push_back(std::move(name));
  }
  keys.add("classifier.output_labels", names);
  return {};
}

Result<void> add_nomic_bert(const fs::path& folder, const ConfigKeys& keys) {
  HEARTH_TRY(keys.copy_number("rope.freq_base", "rotary_emb_base"));
  return add_encoder(folder, keys);
}

constexpr ConfigNames kLayerNormConfig = {.epsilon = "layer_norm_eps"};
constexpr ConfigNames kNomicBertConfig = {.context = "max_trained_positions",
                                          .width = "n_embd",
                                          .layers = "n_layer",
                                          .feed_forward = "n_inner",
                                          .heads = "n_head",
                                          .epsilon = "layer_norm_epsilon"};

// clang-format off
const FolderFamily kFolderFamilies[] = {
    {.model_class = "LlamaForCausalLM", .architecture = "llama", .weights = kDecoderNames, .paired_rows = true},
    {.model_class = "MistralForCausalLM", .architecture = "llama", .weights = kDecoderNames, .paired_rows = true},
    {.model_class = "MixtralForCausalLM", .architecture = "llama", .weights = kDecoderNames, .paired_rows = true,
     .add_own = add_mixtral},
    {.model_class = "Qwen2ForCausalLM", .architecture = "qwen2", .weights = kDecoderNames},
    {.model_class = "Qwen3ForCausalLM", .architecture = "qwen3", .weights = kDecoderNames},
    {.model_class = "Qwen3MoeForCausalLM", .architecture = "qwen3moe", .weights = kDecoderNames,
     .add_own = add_qwen3moe},
    {.model_class = "GemmaForCausalLM", .architecture = "gemma", .weights = kDecoderNames, .norms_less_one = true,
     .tied_by_default = true},
    {.model_class = "Gemma2ForCausalLM", .architecture = "gemma2", .weights = kGemma2Names, .norms_less_one = true,
     .tied_by_default = true, .add_own = add_gemma2},
    {.model_class = "Gemma3ForCausalLM", .architecture = "gemma3", .weights = kGemma2Names, .norms_less_one = true,
     .tied_by_default = true, .rope = {.theta = 1000000.0F}, .add_own = add_gemma3},
    {.model_class = "PhiForCausalLM", .architecture = "phi2", .weights = kPhi2Names, .config = kLayerNormConfig,
     .layer_norm = true, .rope = {.part = 0.5F}},
    {.model_class = "Phi3ForCausalLM", .architecture = "phi3", .weights = kDecoderNames, .add_own = add_phi3},
    {.model_class = "BertModel", .architecture = "bert", .weights = kBertNames, .config = kLayerNormConfig,
     .layer_norm = true, .tied_by_default = true, .has_rope = false, .add_own = add_encoder},
    {.model_class = "BertForMaskedLM", .architecture = "bert", .weights = kBertNames, .config = kLayerNormConfig,
     .layer_norm = true, .tied_by_default = true, .has_rope = false, .add_own = add_encoder},
    {.model_class = "XLMRobertaModel", .architecture = "bert", .weights = kRobertaNames, .config = kLayerNormConfig,
     .layer_norm = true, .tied_by_default = true, .has_rope = false, .pads_positions = true,
     .add_own = add_encoder},
    {.model_class = "XLMRobertaForMaskedLM", .architecture = "bert", .weights = kRobertaNames, .config = kLayerNormConfig,
     .layer_norm = true, .tied_by_default = true, .has_rope = false, .pads_positions = true,
     .add_own = add_encoder},
    {.model_class = "XLMRobertaForSequenceClassification", .architecture = "bert", .weights = kRobertaNames, .config = kLayerNormConfig,
     .layer_norm = true, .tied_by_default = true, .has_rope = false, .pads_positions = true,
     .add_own = add_reranker},
    {.model_class = "NomicBertModel", .architecture = "nomic-bert", .weights = kNomicBertNames,
     .config = kNomicBertConfig, .layer_norm = true, .tied_by_default = true, .has_rope = false,
     .add_own = add_nomic_bert},
};
// clang-format on

}  // namespace

Result<const FolderFamily*> find_folder_family(const JsonFile& config) {
  const nlohmann::json* classes = config.find("architectures");
  const bool is_named =
      classes != nullptr && classes->is_array() && !classes->empty() && classes->front().is_string();
  const std::string name = is_named ? classes->front().get<std::string>() : "";
  std::string known;
  for (const FolderFamily& family : kFolderFamilies) {
    if (family.model_class == name) return &family;
    known += fmt::format("{}{}", known.empty() ? "" : ", ", family.model_class);
  }
  return Error{
      ErrorCode::kUnsupportedModel,
      fmt::format("{}: key 'architectures' names '{}'; converted are {}", config.name(), name, known)};
}

}  // namespace hearth
