// The shapes of published models, as data: what their config.json says, so that a model with random weights
// takes the same time and memory as the real one. The tiny shapes are ours: one per way of computing.
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

namespace hearth {

enum class SyntheticRope {
  kPlain,
  kLinear,    // all frequencies divided by the factor
  kYarn,      // Peng et al. 2023
  kLlama3,    // a factor per frequency, by wavelength (Llama 3.1)
  kLongRope,  // two lists of factors, one for contexts up to the original length, one beyond (Phi 3)
};

/// Metadata that a family's files have beside what all have, or another value for that.
struct SyntheticKey {
  struct Absent {};  // files of the shape do not have the key
  using Integers = std::vector<int32_t>;
  using Numbers = std::vector<float>;

  std::string_view name;  // without the architecture before it
  std::variant<Absent, bool, int32_t, float, std::string_view, Integers, Numbers> value;
};

/// Tensors whose names end so are this many times as large.
struct SyntheticGain {
  std::string_view ending;
  float gain;
};

struct SyntheticShape {
  std::string_view name;
  std::string_view architecture;  // as in general.architecture
  std::string_view vocabulary;    // a name known to vocabulary.h
  int32_t n_vocab;
  int32_t n_layer;
  int32_t n_embd;
  int32_t n_ff;
  int32_t n_head;
  int32_t n_head_kv;
  int32_t head_dimension;
  int32_t context_length;
  float rope_theta = 10000.0F;
  float norm_epsilon = 1e-5F;
  bool tied = false;            // token_embd is the output matrix, too
  int32_t rope_dimensions = 0;  // 0: all of head_dimension
  SyntheticRope rope = SyntheticRope::kPlain;
  float rope_factor = 1.0F;
  int32_t original_context = 0;  // before rope scaling
  int32_t n_expert = 0;
  int32_t n_expert_used = 0;
  int32_t n_ff_expert = 0;  // 0: n_ff
  int32_t window = 0;       // of sliding layers
  float attention_soft_cap = 0.0F;
  float final_soft_cap = 0.0F;
  int32_t pooling = 0;  // as the format numbers it: mean, cls, last, rank; 0: the file says nothing
  int32_t labels = 0;   // of a classifier
  bool is_encoder = false;
  bool layer_norm = false;  // else norms are of the root mean square
  std::vector<SyntheticKey> keys = {};
  /// How the names end of tensors that only some files of the family have: which of them are in this one.
  /// Beside these it has what shapes without such a list have.
  std::vector<std::string_view> optional_tensors = {};
  std::vector<std::string_view> absent_tensors = {};
  std::vector<SyntheticGain> gains = {};
  // Of what is added to the residual stream, where a model shall be easier to foresee than weights at random
  // are.
  float attention_gain = 1.0F;
  float later_gain = 1.0F;  // by layers after the first
};

const std::vector<SyntheticShape>& synthetic_shapes();

/// nullptr where there is none of that name.
const SyntheticShape* find_synthetic_shape(std::string_view name);

}  // namespace hearth
