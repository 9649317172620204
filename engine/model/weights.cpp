#include "engine/model/weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <numeric>
#include <string_view>
#include <system_error>

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

bool is_read(const ModelFile& file) { return file.metadata().source().mapped().empty(); }

template <typename Holds>
bool all_sources(const ModelFile& file, const Holds& holds) {
  return std::all_of(file.parts().begin(), file.parts().end(),
                     [&holds](const auto& part) { return holds(part->source()); });
}

/// Bytes of each layer's tensors ("blk.3.ffn_up.weight").
std::vector<uint64_t> layer_sizes(const ModelFile& file, int32_t n_layer) {
  std::vector<uint64_t> sizes(static_cast<size_t>(n_layer), 0);
  for (const auto& part : file.parts()) {
    for (const GgufTensor& tensor : part->tensors()) {
      const std::string_view name = tensor.name;
      size_t index = 0;
      if (!name.starts_with("blk.")) continue;
      if (std::from_chars(name.data() + 4, name.data() + name.size(), index).ec != std::errc()) continue;
      if (index < sizes.size()) sizes[index] += tensor.bytes;
    }
  }
  return sizes;
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
                                               const Progress& progress, uint64_t memory_limit) {
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
  const bool in_file = all_sources(file, [](const ByteSource& source) { return source.in_file(); });
  if (memory_limit > 0 && !in_file && !is_read(file)) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("{}: a memory limit is only for models that are loaded from a file or a read "
                             "function; this one is in memory already",
                             file.metadata().source().name())};
  }
  if (memory_limit > 0 && is_read(file)) HEARTH_TRY(weights->limit_stream(file, memory_limit));
  WeightBinder binder(file, spec, progress, *weights);
  HEARTH_TRY(binder.bind_top());
  for (int32_t index = 0; index < spec.n_layer; ++index) HEARTH_TRY(binder.bind_layer(index));
  HEARTH_TRY(binder.check_all_used());
  if (memory_limit > 0 && in_file) HEARTH_TRY(weights->limit_window(memory_limit));
  return weights;
}

Result<LayerLease> Weights::layer(int32_t index) const {
  const LayerWeights* layer = &layers_[static_cast<size_t>(index)];
  if (stream_ != nullptr) HEARTH_TRY(stream_->acquire(index));
  if (window_ == nullptr) return LayerLease(LayerLease(), layer);
  window_->acquire(index);
  return LayerLease(layer, [this, index](const LayerWeights*) { window_->release(index); });
}

Result<void> Weights::limit_stream(const ModelFile& file, uint64_t bytes) {
  const std::vector<uint64_t> sizes = layer_sizes(file, static_cast<int32_t>(layers_.size()));
  const uint64_t always = file.size() - std::accumulate(sizes.begin(), sizes.end(), uint64_t{0});
  const bool ahead = all_sources(file, [](const ByteSource& source) { return source.reads_ahead(); });
  HEARTH_ASSIGN(stream_, LayerStream::create(sizes, bytes > always ? bytes - always : 0, ahead));
  return {};
}

Result<void> Weights::limit_window(uint64_t bytes) {
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
  if (stream_ != nullptr) return stream_->statistics();
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
