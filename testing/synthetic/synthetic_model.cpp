#include "testing/synthetic/synthetic_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <memory>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

#include "engine/format/gguf.h"
#include "engine/model/families/family.h"
#include "engine/model/network.h"
#include "testing/synthetic/random_blocks.h"
#include "testing/synthetic/synthetic_metadata.h"
#include "testing/synthetic/vocabulary.h"

namespace hearth {
namespace {

// Logits with a deviation of about 3, as trained models have: the best token stands out.
constexpr float kLogitGain = 3.0F;
constexpr float kNormDeviation = 0.1F;
constexpr float kBiasDeviation = 0.2F;

// Tensors that trained models have values of another kind in than a matrix's, a norm's or a bias's.
struct SpecialTensor {
  std::string_view ending;
  float mean;
  float deviation;
};
constexpr SpecialTensor kSpecialTensors[] = {
    {"attn_sinks.weight", 0.0F, 1.0F},
    {"attn_rel_b.weight", 0.0F, 1.0F},
    {"ssm_a", -1.0F, 0.3F},  // a state decays
    // RWKV's shares of the position before, how fast its states decay, and what is new counts.
    {"lerp_fused.weight", 0.5F, 0.3F},
    {"lerp_x.weight", 0.5F, 0.3F},
    {"lerp_w.weight", 0.5F, 0.3F},
    {"lerp_k.weight", 0.5F, 0.3F},
    {"lerp_v.weight", 0.5F, 0.3F},
    {"lerp_r.weight", 0.5F, 0.3F},
    {"lerp_g.weight", 0.5F, 0.3F},
    {"time_mix_decay.weight", -1.0F, 1.0F},
    {"time_mix_w0.weight", -2.0F, 1.5F},
    {"time_mix_a0.weight", 0.0F, 1.0F},
    {"time_mix_v0.weight", 0.0F, 1.0F},
    {"time_mix_r_k.weight", 0.0F, 0.3F},
    {"time_mix_first.weight", 0.5F, 0.5F},
};

/// Gemma 3n's large matrices that are in no block type: they stay as they are published.
bool is_published_in_16_bits(std::string_view name) {
  constexpr std::string_view kParts[] = {"altup_proj", "altup_unembd_proj", "laurel_l.", "laurel_r.",
                                         "per_layer_model_proj"};
  return std::ranges::any_of(
      kParts, [name](std::string_view part) { return name.find(part) != std::string_view::npos; });
}

bool ends_with_any(std::string_view name, const std::vector<std::string_view>& endings) {
  return std::ranges::any_of(endings, [name](std::string_view ending) { return name.ends_with(ending); });
}

// FNV-1a, so that a tensor's weights depend on its name and not on what stands before it in the file.
uint64_t hash(std::string_view text) {
  uint64_t value = 0xCBF29CE484222325U;
  for (const char letter : text) value = (value ^ static_cast<unsigned char>(letter)) * 0x100000001B3U;
  return value;
}

// Llama 3.1: wavelengths beyond the original context are divided by the factor, those four times shorter are
// left, and between the two the change is smooth.
float llama3_factor(const SyntheticShape& shape, float wavelength) {
  constexpr float kLowFrequency = 1.0F;
  constexpr float kHighFrequency = 4.0F;
  const auto original = static_cast<float>(shape.original_context);
  if (wavelength < original / kHighFrequency) return 1.0F;
  if (wavelength > original / kLowFrequency) return shape.rope_factor;
  const float smooth = (original / wavelength - kLowFrequency) / (kHighFrequency - kLowFrequency);
  return 1.0F / ((1.0F - smooth) / shape.rope_factor + smooth);
}

std::vector<float> rope_factors(const SyntheticShape& shape, std::string_view name, int32_t pairs) {
  // Published lists of longrope grow from 1, the short ones to about 3 and the long ones to the extension and
  // more.
  const float extension =
      static_cast<float>(shape.context_length) / static_cast<float>(shape.original_context);
  std::vector<float> factors;
  for (int32_t pair = 0; pair < pairs; ++pair) {
    const float place = static_cast<float>(pair) / static_cast<float>(pairs - 1);
    if (name == "rope_factors_long.weight") {
      factors.push_back(std::pow(2.0F * extension, place));
    } else if (name == "rope_factors_short.weight") {
      factors.push_back(1.0F + 2.0F * place);
    } else {
      const float frequency =
          std::pow(shape.rope_theta, -static_cast<float>(pair) / static_cast<float>(pairs));
      factors.push_back(llama3_factor(shape, 2.0F * std::numbers::pi_v<float> / frequency));
    }
  }
  return factors;
}

// Adds a tensor of random weights for each that the network of the shape has.
class RandomTensors : public TensorVisitor {
 public:
  RandomTensors(const SyntheticShape& shape, const TypeMix& mix, uint64_t seed, GgufWriter& writer)
      : shape_(shape), mix_(mix), seed_(seed), writer_(writer) {}

 protected:
  // What some files have and others do not: in which of its forms the family is published.
  bool in_file(const std::string& name) const override {
    const auto is = [&](std::string_view architecture) { return shape_.architecture == architecture; };
    if (name == "output.weight") return !shape_.tied;
    if (name == "rope_freqs.weight") return shape_.rope == SyntheticRope::kLlama3;
    if (name.starts_with("rope_factors_")) return shape_.rope == SyntheticRope::kLongRope;
    if (ends_with_any(name, shape_.absent_tensors)) return false;
    if (ends_with_any(name, shape_.optional_tensors)) return true;
    if (name == "token_embd.weight") return true;
    if (name.starts_with("cls.")) return in_classifier(name);
    if (shape_.is_encoder) return in_encoder(name);
    if (name.ends_with("attn_qkv.weight")) return is("phi3");
    if (name.ends_with("ffn_gate.weight")) return !is("phi3");  // gate and up are one matrix
    if (name.ends_with("ffn_gate_shexp.weight")) return true;
    const bool of_query_key_value =
        name.ends_with("attn_q.bias") || name.ends_with("attn_k.bias") || name.ends_with("attn_v.bias");
    return (is("phi2") && name.ends_with(".bias")) || (is("qwen2") && of_query_key_value);
  }

  bool in_classifier(const std::string& name) const {
    if (shape_.labels == 0) return false;
    const bool is_weight = name.ends_with(".weight");
    const bool is_modern = shape_.architecture == "modern-bert";
    if (name.starts_with("cls.norm.")) return is_modern && is_weight;
    if (!name.starts_with("cls.output.")) return shape_.is_encoder && (is_weight || !is_modern);
    return shape_.architecture != "jina-bert-v2" && (is_weight || shape_.is_encoder);
  }

  bool in_encoder(const std::string& name) const {
    const auto is = [&](std::string_view architecture) { return shape_.architecture == architecture; };
    const auto is_of = [&](std::string_view part) { return name.find(part) != std::string::npos; };
    const bool is_code = shape_.vocabulary == "roberta";  // Jina's for code
    if (name == "token_types.weight") return !is("modern-bert");
    if (is_of("attn_qkv.weight")) return !is("bert") && !is("jina-bert-v2");
    if (is_of("ffn_gate.weight")) return is("nomic-bert") || (is("jina-bert-v2") && !is_code);
    if (is_of("attn_q_norm.") || is_of("attn_k_norm.") || is_of("attn_norm_2.")) return is_code;
    if (is_of("_exps.") || is_of("ffn_gate_inp") || is_of("exp_probs_b")) return false;
    if (!name.ends_with(".bias") || is("modern-bert")) return false;
    if (is_of("ffn_gate.") || is_of("ffn_up.")) return is("bert") || is("jina-bert-v3");
    return is_of("norm.bias") || !is("nomic-bert");
  }

  void visit_matrix(const std::string& name, const std::vector<int64_t>& matrix_shape,
                    Weight& /*weight*/) override {
    const std::vector<uint64_t> tensor_shape(matrix_shape.begin(), matrix_shape.end());
    const TensorRole role = role_of(name, tensor_shape.size(), shape_.tied);
    const int32_t layer_index = std::max(layer(), 0);
    BlockType type =
        fitting_type(type_in_mix(mix_, role, {layer_index, shape_.n_layer}), tensor_shape.front());
    if (mix_.base != BlockType::kF32 && is_published_in_16_bits(name)) type = BlockType::kF16;
    const bool gives_logits = role == TensorRole::kEmbedding || role == TensorRole::kOutput;
    const float gain = gives_logits ? kLogitGain : residual_gain(name);
    const bool is_bias = name.ends_with(".bias");  // of experts, one each
    add(name, type, tensor_shape,
        is_bias ? kBiasDeviation : gain / std::sqrt(static_cast<float>(tensor_shape.front())));
  }

  void visit_vector(const std::string& name, const std::vector<int64_t>& vector_shape,
                    Vector& /*vector*/) override {
    const std::vector<uint64_t> tensor_shape(vector_shape.begin(), vector_shape.end());
    const bool is_convolution = name.ends_with("conv.weight") || name.find("conv1d") != std::string::npos;
    if (name.ends_with("ssm_a")) {  // below 0: how fast a state fades, here by half in about three positions
      add(name, BlockType::kF32, tensor_shape, 0.05F, -0.3F);
    } else if (name.ends_with(".bias")) {
      add(name, BlockType::kF32, tensor_shape, kBiasDeviation);
    } else if (is_convolution) {
      add(name, BlockType::kF32, tensor_shape, 1.0F / std::sqrt(static_cast<float>(vector_shape.front())));
    } else {
      add(name, BlockType::kF32, tensor_shape, kNormDeviation, 1.0F);
    }
  }

  void visit_floats(const std::string& name, const std::vector<int64_t>& tensor_shape,
                    std::vector<float>& factors) override {
    if (!name.starts_with("rope_")) {
      return add(name, BlockType::kF32, {tensor_shape.begin(), tensor_shape.end()}, kBiasDeviation);
    }
    const int64_t size = tensor_shape.front();
    factors = rope_factors(shape_, name, static_cast<int32_t>(size));
    auto values = std::make_shared<const std::vector<float>>(factors);
    writer_.add_tensor(name, BlockType::kF32, {static_cast<uint64_t>(size)},
                       [values](uint64_t offset, std::span<std::byte> into) -> Result<void> {
                         const auto all = std::as_bytes(std::span(*values));
                         std::copy_n(all.begin() + static_cast<ptrdiff_t>(offset), into.size(), into.begin());
                         return {};
                       });
  }

  /// Of a matrix that adds to the residual stream.
  float residual_gain(const std::string& name) const {
    const bool of_attention = name.ends_with("attn_output.weight");
    if (!of_attention && !name.ends_with("ffn_down.weight")) return 1.0F;
    return (of_attention ? shape_.attention_gain : 1.0F) * (layer() > 0 ? shape_.later_gain : 1.0F);
  }

  void add(const std::string& name, BlockType type, const std::vector<uint64_t>& tensor_shape,
           float deviation, float mean = 0.0F) {
    for (const SyntheticGain& gain : shape_.gains) {
      if (!name.ends_with(gain.ending)) continue;
      deviation *= gain.gain;
      mean *= gain.gain;
    }
    const auto* const special = std::ranges::find_if(
        kSpecialTensors, [&](const SpecialTensor& tensor) { return name.ends_with(tensor.ending); });
    const RandomBlocks blocks =
        special == std::end(kSpecialTensors)
            ? RandomBlocks(type, deviation, seed_ ^ hash(name), mean)
            : RandomBlocks(type, special->deviation, seed_ ^ hash(name), special->mean);
    writer_.add_tensor(name, type, tensor_shape,
                       [blocks](uint64_t offset, std::span<std::byte> into) -> Result<void> {
                         blocks.fill(offset, into);
                         return {};
                       });
  }

 private:
  const SyntheticShape& shape_;
  const TypeMix& mix_;
  uint64_t seed_;
  GgufWriter& writer_;
};

// Adds a low-rank pair for each matrix that the network of the shape has.
class RandomPairs final : public RandomTensors {
 public:
  RandomPairs(const SyntheticShape& shape, const TypeMix& mix, int32_t rank, uint64_t seed,
              GgufWriter& writer)
      : RandomTensors(shape, mix, seed, writer), rank_(static_cast<uint64_t>(rank)) {}

 protected:
  void visit_matrix(const std::string& name, const std::vector<int64_t>& matrix_shape,
                    Weight& /*weight*/) override {
    if (name.ends_with(".bias")) return;
    const bool of_embeddings = name == "token_embd.weight";
    if (of_embeddings && !in_file("output.weight")) return;  // whose output would be adapted, too
    const auto columns = static_cast<uint64_t>(matrix_shape[of_embeddings ? 1 : 0]);
    const auto rows = static_cast<uint64_t>(matrix_shape[of_embeddings ? 0 : 1]);
    const float down = of_embeddings ? kLogitGain : 1.0F;
    std::vector<uint64_t> down_shape =
        of_embeddings ? std::vector{rank_, columns} : std::vector{columns, rank_};
    std::vector<uint64_t> up_shape{rank_, rows};
    for (size_t i = 2; i < matrix_shape.size(); ++i) {  // as many as there are experts
      down_shape.push_back(static_cast<uint64_t>(matrix_shape[i]));
      up_shape.push_back(static_cast<uint64_t>(matrix_shape[i]));
    }
    add(name + ".lora_a", BlockType::kF32, down_shape, down / std::sqrt(static_cast<float>(columns)));
    add(name + ".lora_b", BlockType::kF32, up_shape, 1.0F / std::sqrt(static_cast<float>(rank_)));
  }
  void visit_looked_up(const std::string& /*name*/, const std::vector<int64_t>& /*shape*/,
                       StoredMatrix& /*matrix*/) override {}
  void visit_unread(const std::string& /*name*/, const std::vector<int64_t>& /*shape*/) override {}
  void visit_vector(const std::string& /*name*/, const std::vector<int64_t>& /*shape*/,
                    Vector& /*vector*/) override {}
  void visit_floats(const std::string& /*name*/, const std::vector<int64_t>& /*shape*/,
                    std::vector<float>& /*floats*/) override {}

 private:
  uint64_t rank_;
};

// Shapes come from the command line, too.
Result<void> check(const SyntheticShape& shape) {
  const auto refuse = [](std::string_view reason) {
    return Error{ErrorCode::kInvalidArgument, fmt::format("this shape makes no model: {}", reason)};
  };
  constexpr int32_t kMaxWidth = 1 << 20;  // beyond any model, and products of two widths are far below 2^63
  for (const int32_t size : {shape.n_layer, shape.n_embd, shape.n_ff, shape.n_head, shape.n_head_kv,
                             shape.head_dimension, shape.n_vocab, shape.context_length}) {
    if (size < 1 || size > kMaxWidth)
      return refuse(fmt::format("{} is not between 1 and {}", size, kMaxWidth));
  }
  if (shape.n_head % shape.n_head_kv != 0) return refuse("the key-value heads must divide the heads");
  if (shape.head_dimension % 2 != 0) return refuse("the head dimension must be even");
  if (shape.rope_dimensions > shape.head_dimension) return refuse("more dimensions turn than a head has");
  if (shape.n_expert < 0 || shape.n_expert > 1024 || shape.n_expert_used > shape.n_expert) {
    return refuse("a token cannot use that many experts");
  }
  return {};
}

// What Hearth makes of the metadata, as it would of a file's.
Result<ModelSpec> spec_of(const SyntheticShape& shape, const TypeMix& mix) {
  GgufWriter header;
  add_synthetic_metadata(shape, mix, header);
  HEARTH_ASSIGN(auto bytes, header.write_to_memory());
  HEARTH_ASSIGN(const auto gguf, Gguf::parse(own_memory(std::move(bytes))));
  HEARTH_ASSIGN(ModelSpec spec, read_model_spec(gguf));
  spec.embedding.n_vocab = shape.n_vocab;
  return spec;
}

}  // namespace

Result<void> add_synthetic_model(const SyntheticShape& shape, const TypeMix& mix, uint64_t seed,
                                 GgufWriter& writer) {
  HEARTH_TRY(check(shape));
  add_synthetic_metadata(shape, mix, writer);
  HEARTH_TRY(add_synthetic_vocabulary(shape.vocabulary, shape.n_vocab, writer));
  HEARTH_ASSIGN(const ModelSpec spec, spec_of(shape, mix));
  RandomTensors tensors(shape, mix, seed, writer);
  make_network(spec)->tensors(tensors);
  return {};
}

Result<void> add_synthetic_adapter(const SyntheticShape& shape, int32_t rank, uint64_t seed,
                                   GgufWriter& writer) {
  HEARTH_TRY(check(shape));
  HEARTH_ASSIGN(const TypeMix mix, find_type_mix("F32"));
  HEARTH_ASSIGN(const ModelSpec spec, spec_of(shape, mix));
  writer.add_string("general.architecture", shape.architecture);
  writer.add_string("general.type", "adapter");
  writer.add_string("adapter.type", "lora");
  writer.add_float32("adapter.lora.alpha", static_cast<float>(rank));
  RandomPairs pairs(shape, mix, rank, seed, writer);
  make_network(spec)->tensors(pairs);
  return {};
}

}  // namespace hearth
