// The operations on vectors of floats that are not matrix products, as one table of functions per instruction
// set.
//
// Within a table every output element is one fixed function of its inputs. Lengths are arbitrary, and no
// alignment is needed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/base/result.h"
#include "engine/compute/backend.h"

namespace hearth::cpu {

/// One page of keys and values, one key-value head, and the queries that look at it.
struct PageAttention {
  // The page (arranged as kv_pages.h says).
  BlockType type = BlockType::kF32;
  int64_t key_dimension = 0;
  int64_t value_dimension = 0;
  const std::byte* keys = nullptr;
  const std::byte* values = nullptr;     // null: a value is the beginning of its key
  const std::byte* next_keys = nullptr;  // that will be looked at next; null where there are none
  // The queries.
  int64_t rows = 0;
  const float* queries = nullptr;       // [rows, key_dimension], already times the scale of the scores
  const int32_t* first_slot = nullptr;  // [rows] a row sees the slots from here ...
  const int32_t* end_slot = nullptr;    // [rows] ... up to here, not included; none where not before it
  float soft_cap = 0.0F;                // of the scores, where not 0
  const float* slopes = nullptr;  // [rows] what a score loses for each slot between it and the row's place
  const float* places = nullptr;  // [rows] in slots, also before or behind the page; both null: nothing
  const float* gains = nullptr;   // [rows, kPagePositions] added to the scores; null: nothing
  // What the rows have seen so far, updated in place (running softmax, Milakov & Gimelshein 2018).
  float* maxima = nullptr;   // [rows] the largest score; the lowest float before the first page
  float* sums = nullptr;     // [rows] the sum of e^(score - maximum)
  float* outputs = nullptr;  // [rows, value_dimension] the sum of e^(score - maximum) * value
  // Memory to work in: page_attention_scratch(...) floats.
  float* scratch = nullptr;
};

/// For scores [rows, 64], two numbers for each row, and unpacked keys and values.
constexpr int64_t page_attention_scratch(int64_t rows, int64_t key_dimension, int64_t value_dimension) {
  return rows * (kPagePositions + 2) + kPagePositions * (key_dimension + value_dimension);
}

/// One position of a head's recurrence (engine/compute/linear_attention.h). For each row s of the state, old
/// = s . removed (0 where nothing is), and
///   out = s . queries + value * query_key + old * query_replacement,
///   s = s * decays + value * keys + old * replacement;
/// or where there is no replacement, what is removed goes by the keys it came by:
///   out = s . queries + (value - old) * query_key,
///   s = s * decays + (value - old) * keys.
struct MatrixStateStep {
  int64_t key_dimension = 0;
  int64_t value_dimension = 0;
  const float* queries = nullptr;  // [key_dimension] as they read the state before the step
  const float* keys = nullptr;     // [key_dimension], and so on
  const float* decays = nullptr;
  const float* removed = nullptr;      // may be null
  const float* replacement = nullptr;  // may be null
  float query_key = 0.0F;
  float query_replacement = 0.0F;
  const float* values = nullptr;  // [value_dimension]
  float* state = nullptr;         // [value_dimension, key_dimension]
  float* out = nullptr;           // [value_dimension]
};

/// Some channels at one row of a selective state space (SelectiveScan), whose heads are of one group.
struct ScanRow {
  int64_t channels = 0;
  int64_t head_channels = 0;  // channels are of whole heads, or of one
  int64_t n_state = 0;
  bool shares_decay = false;     // all numbers of a head
  const float* step = nullptr;   // [heads]
  const float* decay = nullptr;  // [heads], or [heads, n_state]
  const float* skip = nullptr;   // [heads]
  const float* x = nullptr;      // [channels]
  const float* in = nullptr;     // [n_state]
  const float* out = nullptr;    // [n_state]
  float* state = nullptr;        // [channels, n_state], updated in place
  float* y = nullptr;            // [channels]
};

struct VectorKernels {
  std::string_view name;  // as DeviceOptions::instruction_set

  /// x += y.
  void (*add)(const float* y, int64_t count, float* x);
  /// x *= factor.
  void (*scale)(float factor, int64_t count, float* x);
  /// x = x * x_factor + y * y_factor.
  void (*combine)(float x_factor, const float* y, float y_factor, int64_t count, float* x);
  float (*dot)(const float* x, const float* y, int64_t count);
  /// out = x * y. out may be either.
  void (*multiply)(const float* x, const float* y, int64_t count, float* out);
  /// out = x + (y - x) * amounts.
  void (*blend)(const float* x, const float* y, const float* amounts, int64_t count, float* out);
  /// x = min(max(x, -limit), limit).
  void (*clamp)(float limit, int64_t count, float* x);
  void (*activate)(const Activation& activation, int64_t count, float* x);
  /// out = activation(gate) * up.
  void (*gate)(const Activation& activation, const float* gate, const float* up, int64_t count, float* out);
  /// x = cap * tanh(x / cap).
  void (*soft_cap)(float cap, int64_t count, float* x);
  /// x = e^(x - max(x)) / sum of the same.
  void (*softmax)(int64_t count, float* x);
  /// The norms of backend.h over one run. out may be x; weight and bias may be null.
  void (*rms_norm)(const float* x, const float* weight, const float* bias, float epsilon, int64_t count,
                   float* out);
  void (*layer_norm)(const float* x, const float* weight, const float* bias, float epsilon, int64_t count,
                     float* out);
  /// Turns the first 2 * pairs elements of one head. `cosines` and `sines` hold one value per pair, for
  /// adjacent pairs one per element: the cosine twice, the sine negated and as it is.
  void (*rope_adjacent)(const float* cosines, const float* sines, int64_t pairs, float* x);
  void (*rope_halves)(const float* cosines, const float* sines, int64_t pairs, float* x);
  void (*store_f16)(const float* x, int64_t count, uint16_t* out);
  void (*attend_page)(const PageAttention& page);
  /// scores [rows, kPagePositions] = queries . keys; room: [key_dimension, kPagePositions]. Of `page` it
  /// reads what says where those are.
  void (*score_page)(const PageAttention& page, float* scores, float* room);
  /// x = e^(rate * ln(1 + e^(x + biases))).
  void (*softplus_decay)(const float* biases, float rate, int64_t count, float* x);
  /// x = e^(-e^x).
  void (*double_exponential_decay)(int64_t count, float* x);
  /// x = e^(-e^(-1/2) sigmoid(x)).
  void (*sigmoid_decay)(int64_t count, float* x);
  void (*step_matrix_state)(const MatrixStateStep& step);
  /// out[i] = bias[i] + weights[0][i] * inputs[0][i] + ..., the weights of `terms` rows; bias may be null.
  void (*weighted_sum)(const float* const* inputs, const float* weights, int64_t terms, const float* bias,
                       int64_t count, float* out);
  void (*scan_row)(const ScanRow& row);
};

/// Each instruction set's source defines its own.
extern const VectorKernels kPortableVectors;
#if defined(__x86_64__)
extern const VectorKernels kAvx2Vectors;
extern const VectorKernels kAvx512VnniVectors;
#elif defined(__aarch64__)
extern const VectorKernels kNeonDotVectors;
extern const VectorKernels kNeonI8mmVectors;
#elif defined(__wasm_relaxed_simd__)
extern const VectorKernels kWasmRelaxedUnsignedVectors;
extern const VectorKernels kWasmRelaxedSignedVectors;
extern const VectorKernels kWasmRelaxedPairsVectors;
#elif defined(__wasm_simd128__)
extern const VectorKernels kWasmSimd128Vectors;
#endif

/// The kernels of that instruction set, or with "" the best that this machine runs. Static lifetime.
/// INVALID_ARGUMENT as choose_instruction_set().
Result<const VectorKernels*> find_vector_kernels(std::string_view instruction_set);

}  // namespace hearth::cpu
