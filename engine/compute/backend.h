// The operations a transformer needs, and nothing else: what `forward` is written in.
//
// A backend owns its memory and its time. Operations are run in order, the CPU's at once, a GPU's some time
// later: what comes of them is there when the backend is `ready`. Spans that an operation is given are the
// caller's again when it returns. Shapes are checked when a model is loaded (engine/model/weights.h), so
// operations take them as right. On one backend and instruction set every output element is a fixed function
// of its inputs: the number of rows computed together, their order and the number of threads change no bit.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/compute/kernel_time.h"
#include "engine/compute/kv_layout.h"
#include "engine/compute/linear_attention.h"
#include "engine/compute/recurrence.h"
#include "engine/compute/tensor.h"
#include "engine/compute/weights/weight_store.h"

namespace hearth {

enum class NormKind {
  kRms,    // x / sqrt(mean(x^2) + epsilon) * weight            (Zhang & Sennrich 2019)
  kLayer,  // (x - mean) / sqrt(variance + epsilon) * weight + bias  (Ba et al. 2016)
};

/// A function of each element, or how what it gives opens another one (Backend::gate).
struct Activation {
  enum class Kind {
    kSilu,         // x * sigmoid(x)
    kGeluTanh,     // 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))), x and result rounded to halves below 10
    kRelu,         // max(x, 0)
    kSoftplus,     // log(1 + e^x)
    kReluSquared,  // max(x, 0)^2                                          (So et al. 2021)
    kSigmoid,      // 1 / (1 + e^-x)
    kIdentity,     // x
    kXielu,        // alpha_p x^2 + beta x above 0, else
                   // alpha_n (e^min(x, epsilon) - 1 - x) + beta x         (Huang & Schlag 2024)
    kClampedSwish,  // m * sigmoid(1.702 m) of m = min(x, 7); it opens 1 + y, of a y within 7 of 0 (gpt-oss)
  };
  struct Xielu {
    float alpha_n = 0.0F;
    float alpha_p = 0.0F;
    float beta = 0.0F;
    float epsilon = 0.0F;

    bool operator==(const Xielu&) const = default;
  };

  Kind kind = Kind::kSilu;
  float limit =
      0.0F;  // of a gate: of what it gives, from above, and of what it opens, to both sides; 0: none
  Xielu xielu = {};

  static const Activation kSilu, kGeluTanh, kRelu, kSoftplus, kReluSquared, kSigmoid, kIdentity,
      kClampedSwish;
  bool operator==(const Activation&) const = default;
};

inline constexpr Activation Activation::kSilu{Kind::kSilu};
inline constexpr Activation Activation::kGeluTanh{Kind::kGeluTanh};
inline constexpr Activation Activation::kRelu{Kind::kRelu};
inline constexpr Activation Activation::kSoftplus{Kind::kSoftplus};
inline constexpr Activation Activation::kReluSquared{Kind::kReluSquared};
inline constexpr Activation Activation::kSigmoid{Kind::kSigmoid};
inline constexpr Activation Activation::kIdentity{Kind::kIdentity};
inline constexpr Activation Activation::kClampedSwish{Kind::kClampedSwish};

enum class RopePairs {
  kAdjacent,  // dimensions 2i and 2i+1 turn together (llama)
  kHalves,    // dimensions i and i+d/2 turn together (GPT-NeoX)
};

/// Rotary position embedding (Su et al. 2021): pair i of each head turns by position * frequencies[i]; the
/// result is scaled by `magnitude` (YaRN's and longrope's attention factor). Dimensions past the pairs stay
/// as they are.
struct Rope {
  RopePairs pairs = RopePairs::kAdjacent;
  std::span<const float> frequencies;  // radians per position, one per pair
  float magnitude = 1.0F;
};

/// One of several matrices that read the same input: out = activation(x * weight^T * scale + bias).
struct Projection {
  Weight weight;
  Vector bias;  // optional
  Tensor out;   // [x.rows, weight.rows]
  std::optional<Activation> activation = {};
  Vector scale = {};  // one number; optional
};

/// Columns of a tensor whose rows are `n_head` heads side by side: those from `first` on of every head.
struct HeadColumns {
  Tensor x;
  int64_t n_head = 1;
  int64_t first = 0;

  int64_t head_columns() const { return x.columns / n_head; }
};

/// The rows of a batch: which sequence each belongs to and where in it. A row sees the keys of its own
/// sequence, as far as AttentionParameters lets it.
struct BatchRows {
  std::span<const int32_t> positions;               // per row
  std::span<const int32_t> sequences;               // per row: an index into `pages` and `slots`
  std::span<const std::span<const int32_t>> pages;  // per sequence: its pages in order (kv_layout.h)
  std::span<const int32_t> slots = {};              // per sequence: of SlotStates; -1: it has none
  /// Per sequence: so many of its first positions are the text that an encoder read, behind which the answer
  /// to it begins; empty: no sequence has such a text.
  std::span<const int32_t> sources = {};

  /// Of the row's sequence.
  int32_t source_of(size_t row) const { return sources[static_cast<size_t>(sequences[row])]; }
};

/// What of its sequence a row may see, where that begins with a text that an encoder read.
enum class SequencePart {
  kAll,
  kSource,  // that text, all of it
  kAnswer,  // what comes behind it
};

/// A layer's states of one size, one for each slot: what a recurrence knows of a sequence before the first of
/// its rows in a batch, and behind the last of them afterwards. That of a sequence that begins is all zero.
struct SlotStates {
  Buffer memory;
  uint64_t stride = 0;  // bytes from slot to slot

  Buffer of(int32_t slot) const { return memory.at(static_cast<uint64_t>(slot) * stride); }
};

/// What an indexer chooses for rows: blocks of positions, by their numbers. A row that sees more of them than
/// a list has sees only those of its list, one for all heads, or one for each key-value head.
struct ChosenPositions {
  Tensor blocks;  // [rows, lists * count], each list ascending; no columns: every row sees all
  int32_t lists = 1;
  int32_t block = 1;   // positions of a block
  int32_t latest = 0;  // so many blocks up to the row's own are in every list; with block > 1 at least 1

  int64_t count() const { return blocks.columns / lists; }
  /// Whether a row at that position sees more blocks than a list has.
  bool chooses(int32_t position) const { return blocks.columns > 0 && position / block >= count(); }
  /// How many positions it sees then.
  int64_t positions(int32_t position) const { return (count() - 1) * block + position % block + 1; }
};

struct AttentionParameters {
  int32_t n_head = 0;
  float scale = 0.0F;     // scores are q.k * scale
  float soft_cap = 0.0F;  // then soft_cap * tanh(score / soft_cap), where not 0 (Gemma 2)
  int32_t window = 0;     // a row sees only the last `window` positions, its own included; 0: all
  /// A row sees positions up to its own; else, too, all later ones of its batch, or half a window on either
  /// side (encoders).
  bool causal = true;
  /// Per head: what a score loses for each position between the row and what it looks at (ALiBi, Press et al.
  /// 2022); empty: nothing.
  std::span<const float> slopes = {};
  /// Positions come in chunks of so many, and a row sees nothing before its own (Llama 4); 0: of any length.
  /// With causal only.
  int32_t chunk = 0;
  /// Per head: a score beside those of all keys, of which comes no value (gpt-oss; Xiao et al. 2024);
  /// nowhere: none.
  Vector sinks = {};
  /// [n_head][2 n + 1]: what a score gains where what it looks at lies n or more positions before the row, n
  /// - 1,
  /// ..., at the row, ..., n or more behind it (T5, Raffel et al. 2020); empty: nothing.
  std::span<const float> distance_gains = {};
  /// A row whose sequence begins with a source sees this of it. With causal only.
  SequencePart part = SequencePart::kAll;
  ChosenPositions chosen = {};  // with causal alone
};

/// How the router's logits become scores, from which experts are chosen and weighed.
enum class ExpertGating {
  kSoftmax,          // of all experts
  kSigmoid,          // of each
  kSoftmaxOfChosen,  // experts are chosen by their logits; the softmax is of those that are
};

/// A mixture of experts (Shazeer et al. 2017): each row goes through its `used` best experts by score.
struct ExpertParameters {
  int32_t count = 0;
  int32_t used = 0;
  int64_t n_ff = 0;  // hidden width of one expert
  ExpertGating gating = ExpertGating::kSoftmax;
  /// Experts lie in so many groups of one size, of which a row chooses among those of the `groups_used` that
  /// are best by the sum of their two best scores (DeepSeek-AI 2024).
  int32_t groups = 1;
  int32_t groups_used = 1;
  bool normalize_weights = true;  // the chosen experts' scores are scaled to sum to 1
  float weight_scale = 1.0F;      // then times this
  bool weighs_inputs = false;     // weights multiply what goes into the experts, not what comes out (Llama 4)
  /// So many experts one after the other have one matrix together, through which a row may go more than once
  /// (Wu et al. 2025); 1: each has its own.
  int32_t sharing = 1;
  Activation activation = Activation::kSilu;
};

/// What is added to the products with a matrix: scale * up (down x), of a low rank (LoRA, Hu et al. 2021). Of
/// several matrices stored one after the other, their halves are stored likewise.
struct LowRankProduct {
  Weight down;  // [rank, columns of the matrix]
  Weight up;    // [rows of the matrix, rank]
  float scale;
};

/// One matrix of each expert, stored one after the other: x * matrix^T * scale + bias.
struct ExpertMatrices {
  Weight all;
  int64_t stride = 0;                          // rows stored for one expert
  int64_t first_row = 0;                       // among those, of its matrix
  Weight bias = {};                            // [count, rows of a matrix]; nowhere: none
  Vector scale = {};                           // [count]; nowhere: none
  std::span<const LowRankProduct> added = {};  // to the products
  /// Where each expert's rows are while it is leased; nullptr where all are in their order.
  const ExpertPlaces* places = nullptr;

  explicit operator bool() const { return static_cast<bool>(all) || places != nullptr; }
  /// Where the rows of an expert's matrix begin.
  int64_t row_of(int32_t expert) const { return expert * stride + first_row; }
  Weight of(int32_t expert, int64_t rows) const {
    Weight own = all.slice_rows(row_of(expert), rows);
    if (places != nullptr) {
      own.data =
          places->at[static_cast<size_t>(expert)].at(static_cast<uint64_t>(first_row * all.row_bytes()));
    }
    return own;
  }
  bool is_plain() const { return !bias && !scale && added.empty(); }
};

struct ExpertWeights {
  ExpertMatrices gate;    // [n_ff, n_embd] each; nowhere: down(activation(up(x)))
  ExpertMatrices up;      // likewise
  ExpertMatrices down;    // [n_embd, n_ff] each
  Vector selection_bias;  // [count], added to the scores by which experts are chosen, not to those by which
                          // they are weighed (Wang et al. 2024); nowhere: none
  WeightStore* store =
      nullptr;  // which has experts come and go one by one; nullptr: all are there with their layer

  /// How many experts can be computed with at once.
  int32_t room() const { return store == nullptr ? INT32_MAX : store->expert_room(); }
  /// To be called before these experts are computed with: has them be brought to their places, where they
  /// stay until the next call. False where they cannot be.
  bool lease(std::span<const int32_t> experts) const {
    return store == nullptr || store->lease_experts(up.places->layer, experts);
  }
  /// Whether an expert of the lease is in its place.
  bool has(int32_t expert) const { return store == nullptr || store->has_expert(up.places->layer, expert); }
  /// Returns when it is; false where it could not be read.
  bool bring(int32_t expert) const {
    return store == nullptr || store->bring_expert(up.places->layer, expert);
  }
};

/// A part of what a network remembers, and the layers that use it.
struct StatePart {
  uint64_t bytes = 0;
  LayerRange layers;
};

inline uint64_t bytes_of(std::span<const StatePart> parts) {
  uint64_t bytes = 0;
  for (const StatePart& part : parts) bytes += part.bytes;
  return bytes;
}

/// What of a model a device can take, and whether it is worth while.
struct DeviceCapacity {
  uint64_t memory_bytes = 0;  // for a model; 0: not known
  bool is_emulated = false;   // what it is called is computed by the processor
};

class Backend {
 public:
  virtual ~Backend() = default;

  /// As the table of devices has it: "cpu". How keys and values lie in their pages is the same on all devices
  /// of one name.
  virtual std::string_view name() const = 0;
  /// For people: "cpu (AVX-512 VNNI, 2 threads)".
  virtual std::string description() const = 0;
  virtual DeviceCapacity capacity() const { return {}; }

  /// Memory of undefined content, aligned to 64 bytes at least, that lives until `release`. OUT_OF_MEMORY.
  virtual Result<Buffer> allocate(uint64_t bytes) = 0;
  /// The same, all zero.
  virtual Result<Buffer> allocate_zeroed(uint64_t bytes) = 0;
  /// Likewise, for `count` times these parts, one behind the other: each where its layers are computed.
  virtual Result<Buffer> allocate_states(std::span<const StatePart> parts, uint64_t count) {
    return allocate_zeroed(count * bytes_of(parts));
  }
  /// Takes back what these gave, when the operations so far are done; nowhere is nothing.
  virtual void release(Buffer buffer) = 0;
  virtual void write(std::span<const std::byte> from, Buffer to) = 0;
  virtual void copy(Buffer from, Buffer to, uint64_t bytes) = 0;
  /// Has `into` filled from `from`; it must stay until the backend is ready.
  virtual void begin_read(Buffer from, std::span<std::byte> into) = 0;

  /// Whether all that was asked for is done; never waits for it. DEVICE_LOST.
  virtual Result<bool> ready() = 0;
  /// Waits until it is.
  virtual Result<void> wait() = 0;

  /// From now on the times of a device's kernels are taken, where it has a clock for them.
  virtual void begin_profile() {}
  /// Those of all that is done since then, the longest first; empty where it has none.
  virtual std::vector<KernelTime> profile() const { return {}; }

  /// Where the weights of a model will lie.
  virtual Result<std::unique_ptr<WeightStore>> make_weight_store(const WeightPlan& plan) = 0;

  /// out[r] = table[tokens[r]] * scale. Tokens are within the table.
  virtual void embed(const Weight& table, std::span<const int32_t> tokens, float scale, Tensor out) = 0;
  /// Normalises each run of `weight.size` columns of x on its own (whole rows, or each head); a weight that
  /// is nowhere is all ones. out may be x.
  virtual void norm(NormKind kind, Tensor x, Vector weight, Vector bias, float epsilon, Tensor out) = 0;
  /// Each run of `by.size` columns of x *= by, element by element.
  virtual void multiply(Tensor x, Vector by) = 0;
  /// Each run of `y.size` columns of x += y.
  virtual void add_vector(Tensor x, Vector y) = 0;
  /// Every row of x becomes as long as that of `like`, of the same shape; one that is all zero stays so.
  virtual void match_lengths(Tensor x, Tensor like) = 0;
  /// x = max(0, x - (mean + deviations * s)), with the mean and the sample's standard deviation s of its row:
  /// where a row is spread normally, the same share of it is left in all rows (Gemma 3n).
  virtual void keep_largest(float deviations, Tensor x) = 0;
  /// All projections of one input at once (q, k and v; or one).
  virtual void linear(Tensor x, std::span<const Projection> projections) = 0;
  /// out = activation(x * gate^T) * (x * up^T), element by element (Shazeer 2020, "GLU variants").
  virtual void gated_linear(Tensor x, const Weight& gate, const Weight& up, Activation activation,
                            Tensor out) = 0;
  /// Every head by a matrix of its own: `weight` is as many matrices, one after the other, as x and out have
  /// heads side by side, and out's head h = x's head h * (matrix h)^T.
  virtual void linear_by_head(Tensor x, const Weight& weight, Tensor out) = 0;
  /// Copies `count` columns of every head to the same head of `to`; of an only head to all of them. They are
  /// of different tensors.
  virtual void copy_heads(const HeadColumns& from, const HeadColumns& to, int64_t count) = 0;
  virtual void activate(Activation activation, Tensor x) = 0;
  /// out = activation(gates) * up, element by element. out may be either. Where `gates` has fewer columns,
  /// each goes with as many of up's (one for each head), and out may not be `gates`.
  virtual void gate(Activation activation, Tensor gates, Tensor up, Tensor out) = 0;
  /// Turns every head of `head_dimension` columns of x in place.
  virtual void rope(const Rope& rope, std::span<const int32_t> positions, int64_t head_dimension,
                    Tensor x) = 0;
  /// Stores k and v of every row in its sequence's pages, converted to the cache's type; k alone where values
  /// lie in their keys.
  virtual void append_kv(const KvPages& kv, const BatchRows& rows, Tensor k, Tensor v) = 0;
  /// Writes the blocks with the best scores for each row that sees more than a list has; what other rows hold
  /// means nothing. A position's score is the sum over the heads h of weights[r][h] * max(q[r][h] . key, 0)
  /// (DeepSeek-AI 2025, "DeepSeek-V3.2"), with one key for all heads; with weights nowhere each head has a
  /// list of its own, and the score is q[r][h] . key (MiniMax M3). A block's is the best of those that the
  /// row sees; of equal ones the earlier block's is the better.
  virtual void choose_positions(const KvPages& keys, const BatchRows& rows, Tensor q, Tensor weights,
                                const ChosenPositions& chosen) = 0;
  /// out[r] = softmax(mask(q[r] . K^T * scale)) V, head by head, grouped-query (Ainslie et al. 2023). The
  /// scores are never materialised as a matrix: keys are visited in tiles with a running maximum and sum
  /// (Milakov & Gimelshein 2018), in an order fixed by key position alone.
  virtual void attend(const AttentionParameters& parameters, const KvPages& kv, const BatchRows& rows,
                      Tensor q, Tensor out) = 0;
  /// y[r][c] = taps[c][0] x[r - count + 1][c] + ... + taps[c][count - 1] x[r][c] + bias[c] over the rows of
  /// r's sequence: those before the batch are in its state, which goes on to hold the last ones. y is not x.
  virtual void convolve(const Convolution& convolution, const SlotStates& states, const BatchRows& rows,
                        Tensor x, Tensor y) = 0;
  /// A selective state space (recurrence.h), row after row of each sequence.
  virtual void scan(const SelectiveScan& scan, const SlotStates& states, const BatchRows& rows,
                    const ScanInputs& inputs, Tensor y) = 0;
  /// out = the weighted sum of the chosen experts' outputs. logits [rows, count] are the router's; of equal
  /// scores the lower expert's is the better.
  virtual void experts(const ExpertParameters& parameters, const ExpertWeights& weights, Tensor logits,
                       Tensor x, Tensor out) = 0;
  /// Recurrences with a matrix as each head's state, row after row of each sequence (linear_attention.h): the
  /// states are those of floats [n_head, value_dimension, key_dimension].
  virtual void delta_rule(const DeltaRule& rule, const SlotStates& states, const BatchRows& rows,
                          const DeltaRuleInputs& inputs, Tensor out) = 0;
  virtual void wkv6(const Wkv6& rule, const SlotStates& states, const BatchRows& rows,
                    const Wkv6Inputs& inputs, Tensor out) = 0;
  virtual void wkv7(const Wkv7& rule, const SlotStates& states, const BatchRows& rows,
                    const Wkv7Inputs& inputs, Tensor out) = 0;
  /// out[r] = the row of x before r in its sequence; for the first one here what the state holds, which holds
  /// the last one afterwards: floats [columns].
  virtual void shift(const SlotStates& states, const BatchRows& rows, Tensor x, Tensor out) = 0;
  /// out = x + (y - x) * (weight + amounts). out may be any of the tensors.
  virtual void blend(Tensor x, Tensor y, const Blend& by, Tensor out) = 0;
  /// x += y.
  virtual void add(Tensor x, Tensor y) = 0;
  /// x += y * scale.
  virtual void add_scaled(Tensor x, Tensor y, float scale) = 0;
  /// x[r] += y[r] * weights[r][column], row by row.
  virtual void add_weighted(Tensor x, Tensor y, Tensor weights, int64_t column) = 0;
  /// x *= factor.
  virtual void scale(float factor, Tensor x) = 0;
  /// x = cap * tanh(x / cap).
  virtual void soft_cap(float cap, Tensor x) = 0;
  /// x[r] *= factors[r].
  virtual void scale_rows(Tensor x, std::span<const float> factors) = 0;
  /// x = min(max(x, -limit), limit).
  virtual void clamp(float limit, Tensor x) = 0;
  /// out[i] = x[rows[i]].
  virtual void gather_rows(Tensor x, std::span<const int32_t> rows, Tensor out) = 0;
  /// Has `out` hold what is highest among the first `columns` of each row of x: a Highest (highest.h) for
  /// each. False where the device leaves that to whoever reads x, as one does whose memory is the caller's.
  virtual bool find_highest([[maybe_unused]] Tensor x, [[maybe_unused]] int64_t columns,
                            [[maybe_unused]] Tensor out) {
    return false;
  }
};

}  // namespace hearth
