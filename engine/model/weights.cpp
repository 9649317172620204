#include "engine/model/weights.h"

#include <fmt/format.h>

#include "engine/model/weight_binder.h"

namespace hearth {
namespace {

/// The vocabulary's size is the number of rows of the token embedding.
Result<int32_t> vocabulary_size(const ModelFile& file) {
  constexpr uint64_t kMaxVocabulary = uint64_t{1} << 24;
  const TensorPlace embedding = file.find_tensor("token_embd.weight");
  if (embedding.tensor == nullptr) {
    return Error{ErrorCode::kInvalidModel,
                 fmt::format("{}: tensor 'token_embd.weight' is missing; every model needs it",
                             file.metadata().source().name())};
  }
  const uint64_t rows = embedding.tensor->rows();
  if (rows > kMaxVocabulary) {
    return Error{ErrorCode::kInvalidModel,
                 fmt::format("{}: tensor 'token_embd.weight': {} tokens is above the limit of {}",
                             file.metadata().source().name(), rows, kMaxVocabulary)};
  }
  return static_cast<int32_t>(rows);
}

std::span<const std::byte> bytes_of(const Weight& weight) {
  if (!weight) return {};
  return {weight.data, static_cast<size_t>(weight.rows * weight.row_bytes())};
}

WeightsWindow::Layer bytes_of(const LayerWeights& layer) {
  WeightsWindow::Layer all;
  for (const Weight* weight :
       {&layer.query.weight, &layer.key.weight, &layer.value.weight, &layer.attention_output.weight,
        &layer.gate, &layer.up.weight, &layer.down.weight, &layer.experts.router, &layer.experts.gate,
        &layer.experts.up, &layer.experts.down}) {
    if (*weight) all.push_back(bytes_of(*weight));
  }
  return all;
}

}  // namespace

Result<std::unique_ptr<Weights>> Weights::bind(const ModelFile& file, ModelSpec& spec,
                                               const Progress& progress) {
  HEARTH_ASSIGN(spec.n_vocab, vocabulary_size(file));
  auto weights = std::make_unique<Weights>();
  // A file cannot describe more layers than it has tensors: no memory is taken on the word of its metadata
  // alone.
  if (static_cast<uint64_t>(spec.n_layer) > file.tensor_count()) {
    return Error{ErrorCode::kInvalidModel,
                 fmt::format("{}: block_count {} is above its number of tensors, {}",
                             file.metadata().source().name(), spec.n_layer, file.tensor_count())};
  }
  weights->layers_.resize(static_cast<size_t>(spec.n_layer));
  WeightBinder binder(file, spec, progress, *weights);
  HEARTH_TRY(binder.bind_top());
  for (int32_t index = 0; index < spec.n_layer; ++index) HEARTH_TRY(binder.bind_layer(index));
  HEARTH_TRY(binder.check_all_used());
  return weights;
}

LayerLease Weights::layer(int32_t index) const {
  const LayerWeights* layer = &layers_[static_cast<size_t>(index)];
  if (window_ == nullptr) return LayerLease(LayerLease(), layer);
  window_->acquire(index);
  return LayerLease(layer, [this, index](const LayerWeights*) { window_->release(index); });
}

Result<void> Weights::limit_memory(uint64_t bytes) {
  // Read in every step, and so always there.
  uint64_t always = bytes_of(token_embedding_).size();
  if (output_.weight.data != token_embedding_.data) always += bytes_of(output_.weight).size();
  std::vector<WeightsWindow::Layer> layers;
  for (const LayerWeights& layer : layers_) layers.push_back(bytes_of(layer));
  HEARTH_ASSIGN(window_, WeightsWindow::create(std::move(layers), bytes > always ? bytes - always : 0));
  return {};
}

WindowStatistics Weights::statistics() const {
  if (window_ != nullptr) return window_->statistics();
  WindowStatistics all;
  all.layers_resident = static_cast<int32_t>(layers_.size());
  return all;
}

std::span<const float> Weights::rope_factors(bool long_context) const {
  const Vector& longrope = long_context ? rope_factors_long_ : rope_factors_short_;
  const Vector& factors = longrope ? longrope : rope_factors_;
  return {factors.data, static_cast<size_t>(factors.size)};
}

}  // namespace hearth
