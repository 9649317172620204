#include "engine/model/weight_binder.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <new>

#include "engine/format/dequantize.h"

namespace hearth {

WeightBinder::WeightBinder(const ModelFile& file, const ModelSpec& spec, const Weights::Progress& progress,
                           Weights& weights)
    : file_(file), spec_(spec), progress_(progress), weights_(weights) {}

Error WeightBinder::at_fault(std::string_view name, std::string_view reason) const {
  return {ErrorCode::kInvalidModel,
          fmt::format("{}: tensor '{}': {}", file_.metadata().source().name(), name, reason)};
}

bool WeightBinder::has(const std::string& name) const { return file_.find_tensor(name).tensor != nullptr; }

/// The tensor of that name and shape (fastest dimension first). Trailing dimensions of 1 do not count.
Result<TensorPlace> WeightBinder::find(const std::string& name, std::initializer_list<int64_t> shape) {
  const TensorPlace place = file_.find_tensor(name);
  if (place.tensor == nullptr) {
    return at_fault(name, fmt::format("is missing; architecture '{}' needs it", spec_.architecture));
  }
  std::vector<uint64_t> found = place.tensor->shape;
  while (found.size() > shape.size() && found.back() == 1) found.pop_back();
  while (found.size() < shape.size()) found.push_back(1);
  const bool same = found.size() == shape.size() &&
                    std::equal(found.begin(), found.end(), shape.begin(),
                               [](uint64_t a, int64_t b) { return a == static_cast<uint64_t>(b); });
  if (!same) {
    return at_fault(name, fmt::format("has shape [{}]; the metadata calls for [{}]",
                                      fmt::join(place.tensor->shape, ", "), fmt::join(shape, ", ")));
  }
  used_.insert(place.tensor->name);
  return place;
}

/// The tensor's bytes: in place where the source is mapped, read into memory otherwise.
Result<const std::byte*> WeightBinder::place(const TensorPlace& place) {
  const std::span<const std::byte> mapped = place.part->source().mapped();
  bytes_loaded_ += place.tensor->bytes;
  if (progress_ && !progress_(bytes_loaded_, file_.size())) {
    return Error{ErrorCode::kAborted,
                 fmt::format("{}: loading was cancelled", file_.metadata().source().name())};
  }
  if (!mapped.empty()) return mapped.data() + place.tensor->offset;
  if (weights_.stream_ != nullptr && layer_ >= 0 && !weights_.stream_->stays(layer_)) {
    return static_cast<const std::byte*>(
        weights_.stream_->add(layer_, place.part->source(), place.tensor->offset, place.tensor->bytes));
  }
  const auto size = static_cast<size_t>(place.tensor->bytes);
  std::unique_ptr<std::byte[]> copy;
  if (size == place.tensor->bytes) copy.reset(new (std::nothrow) std::byte[size]);  // it fits 32 bits
  if (copy == nullptr) {
    return Error{ErrorCode::kOutOfMemory,
                 fmt::format("{}: no memory for the {} bytes of tensor '{}'",
                             file_.metadata().source().name(), place.tensor->bytes, place.tensor->name)};
  }
  HEARTH_TRY(place.part->source().read(place.tensor->offset, {copy.get(), size}));
  weights_.loaded_.push_back(std::move(copy));
  return static_cast<const std::byte*>(weights_.loaded_.back().get());
}

Result<Weight> WeightBinder::matrix(const std::string& name, int64_t rows, int64_t columns) {
  HEARTH_ASSIGN(const TensorPlace found, find(name, {columns, rows}));
  HEARTH_ASSIGN(const std::byte* bytes, place(found));
  return Weight{found.tensor->type, rows, columns, bytes};
}

/// `count` matrices one after the other, seen as one of count * rows rows.
Result<Weight> WeightBinder::stacked(const std::string& name, int64_t count, int64_t rows, int64_t columns) {
  HEARTH_ASSIGN(const TensorPlace found, find(name, {columns, rows, count}));
  HEARTH_ASSIGN(const std::byte* bytes, place(found));
  return Weight{found.tensor->type, rows * count, columns, bytes};
}

/// Norms and biases are converted to f32, whatever they are stored as: they are small, and read element by
/// element.
Result<Vector> WeightBinder::vector(const std::string& name, int64_t size) {
  HEARTH_ASSIGN(const TensorPlace found, find(name, {size}));
  std::vector<std::byte> bytes(found.tensor->bytes);
  HEARTH_TRY(found.part->source().read(found.tensor->offset, bytes));
  auto values = std::make_unique<float[]>(static_cast<size_t>(size));
  dequantize(found.tensor->type, bytes, {values.get(), static_cast<size_t>(size)});
  weights_.vectors_.push_back(std::move(values));
  return Vector{weights_.vectors_.back().get(), size};
}

Result<Vector> WeightBinder::optional_vector(const std::string& name, int64_t size) {
  if (!has(name)) return Vector{};
  return vector(name, size);
}

Result<LinearWeights> WeightBinder::linear(const std::string& name, int64_t rows, int64_t columns) {
  LinearWeights found;
  HEARTH_ASSIGN(found.weight, matrix(name + ".weight", rows, columns));
  HEARTH_ASSIGN(found.bias, optional_vector(name + ".bias", rows));
  return found;
}

Result<NormWeights> WeightBinder::norm(const std::string& name) {
  NormWeights found;
  HEARTH_ASSIGN(found.weight, vector(name + ".weight", spec_.n_embd));
  if (spec_.norm == NormKind::kLayer) {
    HEARTH_ASSIGN(found.bias, optional_vector(name + ".bias", spec_.n_embd));
  }
  return found;
}

Result<void> WeightBinder::bind_top() {
  HEARTH_ASSIGN(weights_.token_embedding_, matrix("token_embd.weight", spec_.n_vocab, spec_.n_embd));
  HEARTH_ASSIGN(weights_.output_norm_, norm("output_norm"));
  weights_.output_.weight = weights_.token_embedding_;
  if (has("output.weight")) {
    HEARTH_ASSIGN(weights_.output_, linear("output", spec_.n_vocab, spec_.n_embd));
  }
  const int64_t pairs = spec_.rope.dimensions / 2;
  HEARTH_ASSIGN(weights_.rope_factors_, optional_vector("rope_freqs.weight", pairs));
  HEARTH_ASSIGN(weights_.rope_factors_long_, optional_vector("rope_factors_long.weight", pairs));
  HEARTH_ASSIGN(weights_.rope_factors_short_, optional_vector("rope_factors_short.weight", pairs));
  for (const Vector& factors :
       {weights_.rope_factors_, weights_.rope_factors_long_, weights_.rope_factors_short_}) {
    if (std::any_of(factors.data, factors.data + factors.size,
                    [](float factor) { return !(factor > 0.0F); })) {
      return at_fault("rope_freqs.weight", "a rope factor is not above 0");
    }
  }
  return {};
}

Result<void> WeightBinder::bind_layer(int32_t index) {
  layer_ = index;
  const std::string prefix = fmt::format("blk.{}.", index);
  LayerWeights& layer = weights_.layers_[static_cast<size_t>(index)];
  HEARTH_ASSIGN(layer.attention_norm, norm(prefix + "attn_norm"));
  HEARTH_TRY(bind_attention(prefix, layer));
  if (!spec_.parallel_residual) {
    HEARTH_ASSIGN(layer.feed_forward_norm, norm(prefix + "ffn_norm"));
  }
  HEARTH_TRY(bind_feed_forward(prefix, layer));
  if (spec_.post_norms) {
    HEARTH_ASSIGN(layer.post_attention_norm, vector(prefix + "post_attention_norm.weight", spec_.n_embd));
    HEARTH_ASSIGN(layer.post_feed_forward_norm, vector(prefix + "post_ffw_norm.weight", spec_.n_embd));
  }
  return {};
}

Result<void> WeightBinder::bind_attention(const std::string& prefix, LayerWeights& layer) {
  const int64_t q = spec_.query_width();
  const int64_t k = spec_.key_width();
  const int64_t v = spec_.value_width();
  if (has(prefix + "attn_qkv.weight")) {
    HEARTH_ASSIGN(const LinearWeights fused, linear(prefix + "attn_qkv", q + k + v, spec_.n_embd));
    const auto part = [&](int64_t first, int64_t count) {
      return LinearWeights{fused.weight.slice_rows(first, count),
                           fused.bias ? fused.bias.slice(first, count) : Vector{}};
    };
    layer.query = part(0, q);
    layer.key = part(q, k);
    layer.value = part(q + k, v);
  } else {
    HEARTH_ASSIGN(layer.query, linear(prefix + "attn_q", q, spec_.n_embd));
    HEARTH_ASSIGN(layer.key, linear(prefix + "attn_k", k, spec_.n_embd));
    HEARTH_ASSIGN(layer.value, linear(prefix + "attn_v", v, spec_.n_embd));
  }
  if (spec_.query_key_norm) {
    HEARTH_ASSIGN(layer.query_norm, vector(prefix + "attn_q_norm.weight", spec_.key_dimension));
    HEARTH_ASSIGN(layer.key_norm, vector(prefix + "attn_k_norm.weight", spec_.key_dimension));
  }
  HEARTH_ASSIGN(layer.attention_output,
                linear(prefix + "attn_output", spec_.n_embd, spec_.attention_width()));
  return {};
}

Result<void> WeightBinder::bind_feed_forward(const std::string& prefix, LayerWeights& layer) {
  if (spec_.feed_forward == FeedForward::kExperts) {
    const int64_t count = spec_.experts.count;
    const int64_t n_ff = spec_.experts.n_ff;
    HEARTH_ASSIGN(layer.experts.router, matrix(prefix + "ffn_gate_inp.weight", count, spec_.n_embd));
    HEARTH_ASSIGN(layer.experts.gate, stacked(prefix + "ffn_gate_exps.weight", count, n_ff, spec_.n_embd));
    HEARTH_ASSIGN(layer.experts.up, stacked(prefix + "ffn_up_exps.weight", count, n_ff, spec_.n_embd));
    HEARTH_ASSIGN(layer.experts.down, stacked(prefix + "ffn_down_exps.weight", count, spec_.n_embd, n_ff));
    return {};
  }
  HEARTH_ASSIGN(layer.down, linear(prefix + "ffn_down", spec_.n_embd, spec_.n_ff));
  if (spec_.feed_forward == FeedForward::kGated && !has(prefix + "ffn_gate.weight")) {
    // Phi 3 stores gate and up as one matrix, gate first.
    HEARTH_ASSIGN(const Weight fused, matrix(prefix + "ffn_up.weight", 2 * spec_.n_ff, spec_.n_embd));
    layer.gate = fused.slice_rows(0, spec_.n_ff);
    layer.up.weight = fused.slice_rows(spec_.n_ff, spec_.n_ff);
    return {};
  }
  if (spec_.feed_forward == FeedForward::kGated) {
    HEARTH_ASSIGN(layer.gate, matrix(prefix + "ffn_gate.weight", spec_.n_ff, spec_.n_embd));
    HEARTH_ASSIGN(layer.up.weight, matrix(prefix + "ffn_up.weight", spec_.n_ff, spec_.n_embd));
    return {};
  }
  HEARTH_ASSIGN(layer.up, linear(prefix + "ffn_up", spec_.n_ff, spec_.n_embd));
  return {};
}

Result<void> WeightBinder::check_all_used() const {
  for (const auto& part : file_.parts()) {
    for (const GgufTensor& tensor : part->tensors()) {
      if (!used_.contains(tensor.name)) {
        return Error{
            ErrorCode::kUnsupportedModel,
            fmt::format("{}: tensor '{}' has no use in architecture '{}' as Hearth knows it; the answers "
                        "would be wrong without it",
                        part->source().name(), tensor.name, spec_.architecture)};
      }
    }
  }
  return {};
}

}  // namespace hearth
