// What a model is, as data: its embedding, its layers from the first to the last, its head.
//
// A family's file (engine/model/families) fills one in from a GGUF's metadata. Every layer may differ in
// everything.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/model/blocks/altup.h"
#include "engine/model/blocks/attention.h"
#include "engine/model/blocks/channel_mix.h"
#include "engine/model/blocks/classifier.h"
#include "engine/model/blocks/delta_net.h"
#include "engine/model/blocks/dense_layers.h"
#include "engine/model/blocks/embedding.h"
#include "engine/model/blocks/experts.h"
#include "engine/model/blocks/experts_beside.h"
#include "engine/model/blocks/gated.h"
#include "engine/model/blocks/gated_and_experts.h"
#include "engine/model/blocks/gated_or_plain.h"
#include "engine/model/blocks/head.h"
#include "engine/model/blocks/kimi_delta.h"
#include "engine/model/blocks/latent_attention.h"
#include "engine/model/blocks/laurel.h"
#include "engine/model/blocks/linear_mixer.h"
#include "engine/model/blocks/mamba.h"
#include "engine/model/blocks/mamba2.h"
#include "engine/model/blocks/per_layer.h"
#include "engine/model/blocks/plain.h"
#include "engine/model/blocks/rwkv6_time_mix.h"
#include "engine/model/blocks/rwkv7_time_mix.h"
#include "engine/model/blocks/short_convolution.h"
#include "engine/model/blocks/sparse_gated.h"
#include "engine/model/blocks/summed.h"
#include "engine/model/decoder.h"
#include "engine/model/encoder.h"

namespace hearth {

/// What brings positions together.
using MixerSpec = std::variant<AttentionSpec, LatentAttentionSpec, LinearMixerSpec, ShortConvolutionSpec,
                               DeltaNetSpec, KimiDeltaSpec, Rwkv6TimeMixSpec, Rwkv7TimeMixSpec, MambaSpec,
                               Mamba2Spec, SummedSpec, std::monostate>;
/// What works on every position by itself.
using FeedForwardSpec = std::variant<GatedSpec, PlainSpec, GatedOrPlainSpec, ExpertsSpec, ExpertsBesideSpec,
                                     ChannelMixSpec, SparseGatedSpec, GatedAndExpertsSpec, std::monostate>;

/// How the heads of a mixer turn; nullptr where it has none that do.
const RopeSpec* rope_of(const MixerSpec& mixer);

/// What files call a norm, without its ".weight".
struct NormName {
  std::string_view name = {};       // empty: there is no norm
  std::string_view otherwise = {};  // what it is where the file has none of that name; empty: it must
};

/// Where a layer has norms: of what its mixer and its feed-forward network read, and of what each gives,
/// before that is added. Where both read through the norm of one name, they read the same: side by side.
struct LayerNorms {
  NormName mixer = {"attn_norm"};
  NormName feed_forward = {"ffn_norm"};
  NormName mixer_output = {};
  NormName feed_forward_output = {};
};

inline constexpr LayerNorms kNormsBeforeAndAfter{.mixer_output = {"post_attention_norm"},
                                                 .feed_forward_output = {"post_ffw_norm"}};  // Gemma 2
inline constexpr LayerNorms kNormsAfter{.mixer = {},
                                        .feed_forward = {},
                                        .mixer_output = {"post_attention_norm"},
                                        .feed_forward_output = {"post_ffw_norm"}};  // OLMo 2
inline constexpr LayerNorms kOneNorm{.feed_forward = {"attn_norm"}};                // Phi 2

/// A tensor of a layer that nothing reads, and its shape, the fastest dimension first.
struct UnreadTensor {
  std::string_view name;
  std::vector<int64_t> shape;
};

/// Either part may be absent (std::monostate), with its norms.
struct LayerSpec {
  MixerSpec mixer;
  FeedForwardSpec feed_forward;
  NormSpec norm;  // all that `norms` names
  LayerNorms norms = {};
  bool parallel_residual = false;   // both read the stream as it came into the layer (GPT-NeoX)
  float mixer_scale = 1.0F;         // of what is added of each
  float feed_forward_scale = 1.0F;  //
  float output_scale = 1.0F;        // of all that leaves the layer
  bool has_output_scale = true;     // of all that leaves the layer, where the file has it
  bool adds_embedding = false;      // times that scale, in place of scaling (Talkie: Step::carried has it)
  std::vector<UnreadTensor> unread = {};  // that some files have: for images, say
  bool norms_sums =
      false;  // not what each reads is normalised, but its sum with that (BERT); `norms` is not read
};

/// A layer's attention, alone or beside another mixer; null where it has none.
const AttentionSpec* find_attention(const LayerSpec& layer);

/// How a text's hidden states become its one vector: their mean, the first, the last; or the numbers that the
/// classifier gives for that.
enum class Pooling { kMean, kCls, kLast, kRank };

/// Which tokens of a canvas a model that writes by diffusion reveals first: those that it holds the likeliest
/// (LLaDA's low_confidence), where its probabilities have the least entropy, or the largest margin between
/// the best two (Dream), or any.
enum class Reveal { kConfidence, kEntropy, kMargin, kRandom };

/// How a model writes by diffusion (engine/runtime/canvas.h), where a request does not say otherwise.
struct DiffusionSpec {
  bool shift_logits = true;  // a row's logits tell of the next position, as a decoder's
  int32_t block_length = 0;  // blocks are written one after the other; 0: all is one block
  Reveal reveal = Reveal::kConfidence;
  float temperature = 0.0F;
  float top_p = 1.0F;
};

struct ModelSpec {
  std::string architecture;
  int32_t context_length = 0;  // positions the model was trained for
  int32_t most_positions = 0;  // up to which it is computed as it was trained; 0: any number
  EmbeddingSpec embedding;
  std::vector<LayerSpec> layers;
  /// Layers that files may have behind the last, to guess tokens further on (NextN, multi-token prediction):
  /// they are not read.
  int32_t n_layer_nextn = 0;
  int64_t carried_width = 0;       // of what layers hand on beside the residual stream (Step::carried)
  bool carries_embedding = false;  // what the embedding gave is handed on
  /// How often a row goes through all layers, each time with keys and values of its own (Nanbeige).
  int32_t n_round = 1;
  bool norms_rounds = true;  // by the last norm, between one and the next
  HeadSpec head;
  ClassifierSpec classifier;
  DenseLayersSpec dense_layers;            // of an encoder, behind its last norm
  PerLayerSpec per_layer;                  // of the networks of Gemma 3n and 4
  AltUpSpec altup;                         // of that of Gemma 3n
  std::optional<DiffusionSpec> diffusion;  // where it writes so, not token by token
  std::optional<Pooling> pooling;          // what the file says
  Pooling rank_pooling = Pooling::kCls;    // what its classifier reads
  /// Keys that tell how to compute and that the family applies, where that does not show in the rest of the
  /// spec (families/unread_keys.h).
  std::vector<std::string_view> applied_keys;
  /// Of an encoder-decoder: so many of its layers, the first, are the encoder's; 0: it is none.
  int32_t n_layer_encoder = 0;
  int32_t answer_start = 0;            // the token that its answers begin with
  std::string_view layer_prefix = {};  // before "blk.<layer>." in the names of its layers' tensors
  /// A family whose blocks are wired otherwise puts its own here.
  std::unique_ptr<Network> (*network)(const ModelSpec& spec) = make_decoder;

  int64_t n_embd() const { return embedding.n_embd; }
  int32_t n_vocab() const { return embedding.n_vocab; }
  int32_t n_layer() const { return static_cast<int32_t>(layers.size()); }
  /// Whether positions see what follows them.
  bool sees_both_ways() const;
  /// Whether it only reads so, and answers none.
  bool is_encoder() const { return sees_both_ways() && !diffusion; }
  /// Whether it answers texts that it has read so.
  bool is_encoder_decoder() const { return n_layer_encoder > 0; }
  /// Whether it reads a text as a whole, in one batch.
  bool reads_whole() const { return sees_both_ways() || is_encoder_decoder(); }
};

}  // namespace hearth
