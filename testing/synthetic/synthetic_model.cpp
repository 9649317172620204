#include "testing/synthetic/synthetic_model.h"

#include <fmt/format.h>

#include <cmath>
#include <memory>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

#include "testing/synthetic/random_blocks.h"
#include "testing/synthetic/synthetic_metadata.h"
#include "testing/synthetic/vocabulary.h"

namespace hearth {
namespace {

// Logits with a deviation of about 3, as trained models have: the best token stands out.
constexpr float kLogitGain = 3.0F;
constexpr float kNormDeviation = 0.1F;
constexpr float kBiasDeviation = 0.2F;

// FNV-1a, so that a tensor's weights depend on its name and not on what stands before it in the file.
uint64_t hash(std::string_view text) {
  uint64_t value = 0xCBF29CE484222325U;
  for (const char letter : text) value = (value ^ static_cast<unsigned char>(letter)) * 0x100000001B3U;
  return value;
}

class ModelMaker {
 public:
  ModelMaker(const SyntheticShape& shape, const TypeMix& mix, uint64_t seed, GgufWriter& writer)
      : shape_(shape), mix_(mix), seed_(seed), writer_(writer) {}

  void add_tensors() {
    add_embedding_and_output();
    add_rope_factors();
    for (layer_ = 0; layer_ < shape_.n_layer; ++layer_) {
      add_attention();
      if (shape_.n_expert > 0) {
        add_experts();
      } else {
        add_feed_forward();
      }
    }
  }

 private:
  bool is(std::string_view architecture) const { return shape_.architecture == architecture; }
  bool has_post_norms() const { return is("gemma2") || is("gemma3"); }
  bool has_query_key_norms() const { return is("qwen3") || is("qwen3moe") || is("gemma3"); }
  std::string in_layer(std::string_view name) const { return fmt::format("blk.{}.{}", layer_, name); }

  void add(std::string_view name, BlockType type, std::vector<uint64_t> tensor_shape, float deviation,
           float mean = 0.0F) {
    const RandomBlocks blocks(type, deviation, seed_ ^ hash(name), mean);
    writer_.add_tensor(name, type, std::move(tensor_shape),
                       [blocks](uint64_t offset, std::span<std::byte> into) -> Result<void> {
                         blocks.fill(offset, into);
                         return {};
                       });
  }

  // y = W x: `columns` inputs, `rows` outputs; a stack of `n_expert` such matrices where that is not 0.
  void add_matrix(std::string_view name, TensorRole role, int64_t columns, int64_t rows, float gain = 1.0F,
                  int64_t n_expert = 0) {
    std::vector<uint64_t> tensor_shape{static_cast<uint64_t>(columns), static_cast<uint64_t>(rows)};
    if (n_expert > 0) tensor_shape.push_back(static_cast<uint64_t>(n_expert));
    const BlockType type = type_in_mix(mix_, role, layer_, shape_.n_layer, tensor_shape.front());
    add(name, type, std::move(tensor_shape), gain / std::sqrt(static_cast<float>(columns)));
  }

  void add_norm(const std::string& name, int64_t width) {
    add(name + ".weight", BlockType::kF32, {static_cast<uint64_t>(width)}, kNormDeviation, 1.0F);
    if (is("phi2")) add_bias(name, width);
  }

  void add_bias(const std::string& name, int64_t width) {
    add(name + ".bias", BlockType::kF32, {static_cast<uint64_t>(width)}, kBiasDeviation);
  }

  void add_embedding_and_output() {
    add_matrix("token_embd.weight", shape_.tied ? TensorRole::kOutput : TensorRole::kEmbedding, shape_.n_embd,
               shape_.n_vocab, kLogitGain);
    add_norm("output_norm", shape_.n_embd);
    if (!shape_.tied)
      add_matrix("output.weight", TensorRole::kOutput, shape_.n_embd, shape_.n_vocab, kLogitGain);
    if (is("phi2")) add_bias("output", shape_.n_vocab);
  }

  void add_factors(std::string_view name, std::vector<float> factors) {
    const std::vector<uint64_t> tensor_shape{factors.size()};
    auto bytes = std::make_shared<const std::vector<float>>(std::move(factors));
    writer_.add_tensor(name, BlockType::kF32, tensor_shape,
                       [bytes](uint64_t offset, std::span<std::byte> into) -> Result<void> {
                         const auto all = std::as_bytes(std::span(*bytes));
                         std::copy_n(all.begin() + static_cast<ptrdiff_t>(offset), into.size(), into.begin());
                         return {};
                       });
  }

  void add_rope_factors() {
    const int32_t dimensions = shape_.rope_dimensions > 0 ? shape_.rope_dimensions : shape_.head_dimension;
    if (shape_.rope == SyntheticRope::kLlama3)
      add_factors("rope_freqs.weight", llama3_factors(dimensions / 2));
    if (shape_.rope != SyntheticRope::kLongRope) return;
    // Published lists grow from 1, the short ones to about 3 and the long ones to the extension and more.
    const float extension =
        static_cast<float>(shape_.context_length) / static_cast<float>(shape_.original_context);
    std::vector<float> short_factors;
    std::vector<float> long_factors;
    const int32_t pairs = dimensions / 2;
    for (int32_t pair = 0; pair < pairs; ++pair) {
      const float place = static_cast<float>(pair) / static_cast<float>(pairs - 1);
      short_factors.push_back(1.0F + 2.0F * place);
      long_factors.push_back(std::pow(2.0F * extension, place));
    }
    add_factors("rope_factors_long.weight", long_factors);
    add_factors("rope_factors_short.weight", short_factors);
  }

  // Llama 3.1: wavelengths beyond the original context are divided by the factor, those four times shorter
  // are left, and between the two the change is smooth.
  std::vector<float> llama3_factors(int32_t pairs) const {
    const auto original = static_cast<float>(shape_.original_context);
    const float low_frequency_factor = 1.0F;
    const float high_frequency_factor = 4.0F;
    std::vector<float> factors;
    for (int32_t pair = 0; pair < pairs; ++pair) {
      const float frequency =
          std::pow(shape_.rope_theta, -static_cast<float>(pair) / static_cast<float>(pairs));
      const float wavelength = 2.0F * std::numbers::pi_v<float> / frequency;
      if (wavelength < original / high_frequency_factor) {
        factors.push_back(1.0F);
      } else if (wavelength > original / low_frequency_factor) {
        factors.push_back(shape_.rope_factor);
      } else {
        const float smooth =
            (original / wavelength - low_frequency_factor) / (high_frequency_factor - low_frequency_factor);
        factors.push_back(1.0F / ((1.0F - smooth) / shape_.rope_factor + smooth));
      }
    }
    return factors;
  }

  void add_attention() {
    const int64_t query_width = int64_t{shape_.n_head} * shape_.head_dimension;
    const int64_t key_width = int64_t{shape_.n_head_kv} * shape_.head_dimension;
    add_norm(in_layer("attn_norm"), shape_.n_embd);
    if (is("phi3")) {
      add_matrix(in_layer("attn_qkv.weight"), TensorRole::kAttentionQueryKeyValue, shape_.n_embd,
                 query_width + 2 * key_width);
    } else {
      add_matrix(in_layer("attn_q.weight"), TensorRole::kMatrix, shape_.n_embd, query_width);
      add_matrix(in_layer("attn_k.weight"), TensorRole::kMatrix, shape_.n_embd, key_width);
      add_matrix(in_layer("attn_v.weight"), TensorRole::kAttentionValue, shape_.n_embd, key_width);
    }
    if (is("qwen2") || is("phi2")) {
      add_bias(in_layer("attn_q"), query_width);
      add_bias(in_layer("attn_k"), key_width);
      add_bias(in_layer("attn_v"), key_width);
    }
    if (has_query_key_norms()) {
      add_norm(in_layer("attn_q_norm"), shape_.head_dimension);
      add_norm(in_layer("attn_k_norm"), shape_.head_dimension);
    }
    add_matrix(in_layer("attn_output.weight"), TensorRole::kMatrix, query_width, shape_.n_embd);
    if (is("phi2")) add_bias(in_layer("attn_output"), shape_.n_embd);
    if (has_post_norms()) add_norm(in_layer("post_attention_norm"), shape_.n_embd);
  }

  void add_feed_forward() {
    if (!is("phi2")) add_norm(in_layer("ffn_norm"), shape_.n_embd);
    if (is("phi3")) {  // gate and up in one matrix
      add_matrix(in_layer("ffn_up.weight"), TensorRole::kMatrix, shape_.n_embd, 2 * int64_t{shape_.n_ff});
    } else {
      if (!is("phi2"))
        add_matrix(in_layer("ffn_gate.weight"), TensorRole::kMatrix, shape_.n_embd, shape_.n_ff);
      add_matrix(in_layer("ffn_up.weight"), TensorRole::kMatrix, shape_.n_embd, shape_.n_ff);
    }
    add_matrix(in_layer("ffn_down.weight"), TensorRole::kFeedForwardDown, shape_.n_ff, shape_.n_embd);
    if (is("phi2")) {
      add_bias(in_layer("ffn_up"), shape_.n_ff);
      add_bias(in_layer("ffn_down"), shape_.n_embd);
    }
    if (has_post_norms()) add_norm(in_layer("post_ffw_norm"), shape_.n_embd);
  }

  void add_experts() {
    const int64_t n_ff = shape_.n_ff_expert > 0 ? shape_.n_ff_expert : shape_.n_ff;
    const int64_t n_expert = shape_.n_expert;
    add_norm(in_layer("ffn_norm"), shape_.n_embd);
    add_matrix(in_layer("ffn_gate_inp.weight"), TensorRole::kVector, shape_.n_embd, n_expert);
    add_matrix(in_layer("ffn_gate_exps.weight"), TensorRole::kMatrix, shape_.n_embd, n_ff, 1.0F, n_expert);
    add_matrix(in_layer("ffn_up_exps.weight"), TensorRole::kMatrix, shape_.n_embd, n_ff, 1.0F, n_expert);
    add_matrix(in_layer("ffn_down_exps.weight"), TensorRole::kFeedForwardDown, n_ff, shape_.n_embd, 1.0F,
               n_expert);
  }

  const SyntheticShape& shape_;
  const TypeMix& mix_;
  uint64_t seed_;
  GgufWriter& writer_;
  int32_t layer_ = 0;
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

}  // namespace

Result<void> add_synthetic_model(const SyntheticShape& shape, const TypeMix& mix, uint64_t seed,
                                 GgufWriter& writer) {
  HEARTH_TRY(check(shape));
  add_synthetic_metadata(shape, mix, writer);
  HEARTH_TRY(add_synthetic_vocabulary(shape.vocabulary, shape.n_vocab, writer));
  ModelMaker(shape, mix, seed, writer).add_tensors();
  return {};
}

}  // namespace hearth
