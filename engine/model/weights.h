// A model's weights, bound to the file's tensors: checked once, then handed out a layer at a time.
//
// Matrices stay where the file has them (mapped, or read once into memory where the source cannot be mapped).
// Norms and biases, a few KiB a layer, are held as f32.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "engine/base/result.h"
#include "engine/compute/tensor.h"
#include "engine/format/model_file.h"
#include "engine/model/layer_stream.h"
#include "engine/model/spec.h"
#include "engine/model/weights_window.h"

namespace hearth {

struct NormWeights {
  Vector weight;
  Vector bias;  // layer norm only
};

/// A matrix and its optional bias.
struct LinearWeights {
  Weight weight;
  Vector bias;
};

struct LayerWeights {
  NormWeights attention_norm;
  LinearWeights query, key, value;
  Vector query_norm, key_norm;  // per head
  LinearWeights attention_output;
  Vector post_attention_norm;

  NormWeights feed_forward_norm;
  Weight gate;
  LinearWeights up, down;
  ExpertWeights experts;
  Vector post_feed_forward_norm;
};

/// Keeps a layer's weights in memory while it lives.
using LayerLease = std::shared_ptr<const LayerWeights>;

class Weights {
 public:
  /// Called with bytes done and to do; returning false cancels.
  using Progress = std::function<bool(uint64_t done, uint64_t total)>;

  /// Finds every tensor that `spec` needs in `file` and checks its shape; every tensor of the file must have
  /// a use. INVALID_MODEL naming the tensor, its shape and the one expected; UNSUPPORTED_MODEL naming a
  /// tensor without a use; ABORTED. `file` must outlive the weights. Sets spec.n_vocab, which the token
  /// embedding decides.
  ///
  /// Sources that cannot be mapped are read into memory. With a `memory_limit`, at most so many bytes of
  /// weights are in memory, by streaming layers from the file or the read function while they are used:
  /// OUT_OF_MEMORY naming the least that would do, INVALID_ARGUMENT for sources that are in memory already.
  static Result<std::unique_ptr<Weights>> bind(const ModelFile& file, ModelSpec& spec,
                                               const Progress& progress = nullptr, uint64_t memory_limit = 0);

  const Weight& token_embedding() const { return token_embedding_; }
  const NormWeights& output_norm() const { return output_norm_; }
  /// The token embedding again where the model ties them.
  const LinearWeights& output() const { return output_; }
  /// IO where it could not be read; without a memory limit that cannot be.
  Result<LayerLease> layer(int32_t index) const;

  /// Of the streaming; of a model without a limit, every layer is resident and nothing read.
  WindowStatistics statistics() const;

  /// Divisors of the rope frequencies (rope_table.h): Llama 3's, or longrope's pair. Empty where there are
  /// none.
  std::span<const float> rope_factors(bool long_context) const;

 private:
  friend class WeightBinder;

  /// Of layers in a mapped file.
  Result<void> limit_window(uint64_t bytes);
  /// Of layers that will be read.
  Result<void> limit_stream(const ModelFile& file, uint64_t bytes);

  Weight token_embedding_;
  NormWeights output_norm_;
  LinearWeights output_;
  std::vector<LayerWeights> layers_;
  Vector rope_factors_, rope_factors_long_, rope_factors_short_;
  std::vector<std::unique_ptr<float[]>> vectors_;
  std::vector<std::unique_ptr<std::byte[]>> loaded_;  // matrices of sources that cannot be mapped
  std::unique_ptr<WeightsWindow> window_;             // where memory is limited and the file mapped
  std::unique_ptr<LayerStream> stream_;               // where memory is limited and the file read
};

}  // namespace hearth
