// What a model is, as data: its embedding, its layers from the first to the last, its head.
//
// A family's file (engine/model/families) fills one in from a GGUF's metadata. Every layer may differ in
// everything.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/model/blocks/attention.h"
#include "engine/model/blocks/classifier.h"
#include "engine/model/blocks/embedding.h"
#include "engine/model/blocks/experts.h"
#include "engine/model/blocks/gated.h"
#include "engine/model/blocks/head.h"
#include "engine/model/blocks/plain.h"
#include "engine/model/decoder.h"
#include "engine/model/encoder.h"

namespace hearth {

/// What brings positions together.
using MixerSpec = std::variant<AttentionSpec>;
/// What works on every position by itself.
using FeedForwardSpec = std::variant<GatedSpec, PlainSpec, ExpertsSpec>;

struct LayerSpec {
  MixerSpec mixer;
  FeedForwardSpec feed_forward;
  NormSpec norm;                   // before each of them
  bool post_norms = false;         // what they give is normalised, too, before it is added (Gemma 2, 3)
  bool parallel_residual = false;  // both read the same normalised input (Phi 2)
  bool norms_sums = false;         // not what each reads is normalised, but its sum with that (BERT)
  bool bare_mixer = false;         // the mixer reads the stream as it is (ModernBERT's first layer)
};

/// How a text's hidden states become its one vector: their mean, the first, the last; or the numbers that the
/// classifier gives for that.
enum class Pooling { kMean, kCls, kLast, kRank };

struct ModelSpec {
  std::string architecture;
  int32_t context_length = 0;  // positions the model was trained for
  EmbeddingSpec embedding;
  std::vector<LayerSpec> layers;
  /// Layers that files may have behind the last, to guess tokens further on (NextN, multi-token prediction):
  /// they are not read.
  int32_t n_layer_nextn = 0;
  HeadSpec head;
  ClassifierSpec classifier;
  std::optional<Pooling> pooling;        // what the file says
  Pooling rank_pooling = Pooling::kCls;  // what its classifier reads
  /// A family whose blocks are wired otherwise puts its own here.
  std::unique_ptr<Network> (*network)(const ModelSpec& spec) = make_decoder;

  int64_t n_embd() const { return embedding.n_embd; }
  int32_t n_vocab() const { return embedding.n_vocab; }
  int32_t n_layer() const { return static_cast<int32_t>(layers.size()); }
  /// Whether it reads whole texts, in both directions, and answers none.
  bool is_encoder() const;
};

}  // namespace hearth
