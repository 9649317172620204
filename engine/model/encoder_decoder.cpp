#include "engine/model/encoder_decoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <variant>
#include <vector>

#include "engine/model/blocks/cross_attention.h"
#include "engine/model/layer_stack.h"
#include "engine/model/spec.h"

namespace hearth {
namespace {

LayerSpec without_feed_forward(LayerSpec layer) {
  layer.feed_forward = std::monostate{};
  return layer;
}

LayerSpec without_mixer(LayerSpec layer) {
  layer.mixer = std::monostate{};
  return layer;
}

class DecoderLayer {
 public:
  DecoderLayer(const LayerSpec& spec, const BlockContext& context)
      : attention_(without_feed_forward(spec), context),
        cross_attention_(std::get<AttentionSpec>(spec.mixer), spec.norm, context),
        feed_forward_(without_mixer(spec), context) {}

  void tensors(TensorVisitor& visit) {
    attention_.tensors(visit);
    cross_attention_.tensors(visit);
    feed_forward_.tensors(visit);
  }
  int64_t workspace_columns() const {
    return std::max({attention_.workspace_columns(), cross_attention_.workspace_columns(),
                     feed_forward_.workspace_columns()});
  }
  void read(const Step& step, Workspace workspace, Tensor encoded) const {
    cross_attention_.read(step, workspace, encoded);
  }
  // To what was written, to the text, and through the feed-forward network; each adds to x.
  void forward(const Step& step, Workspace workspace, Tensor x) const {
    attention_.forward(step, workspace, x);
    cross_attention_.forward(step, workspace, x);
    feed_forward_.forward(step, workspace, x);
  }

 private:
  Layer attention_;
  CrossAttention cross_attention_;
  Layer feed_forward_;
};

class EncoderDecoder final : public Network {
 public:
  explicit EncoderDecoder(const ModelSpec& spec);

  void tensors(TensorVisitor& visit) override;
  int64_t workspace_columns() const override;
  /// Of rows of texts the outputs are what the encoder makes of them; where none are wanted, the texts are to
  /// be answered.
  Result<void> hidden_states(const Step& step, Workspace workspace, Tensor outputs) const override;
  void logits(const Step& step, Tensor hidden, Tensor logits) const override {
    head_.logits(step, hidden, logits);
  }

 private:
  std::array<int64_t, 1> widths() const { return {n_embd_}; }
  Result<void> encode(const Step& step, Workspace workspace, Tensor x, Tensor outputs) const;
  Result<void> decode(const Step& step, Workspace workspace, Tensor x, Tensor outputs) const;

  int32_t n_layer_encoder_, answer_start_;
  NormSpec norm_spec_;
  LayerStack encoder_;
  Norm encoder_norm_;
  std::vector<DecoderLayer> decoder_;
  Head head_;
};

EncoderDecoder::EncoderDecoder(const ModelSpec& spec)
    : Network(spec),
      n_layer_encoder_(spec.n_layer_encoder),
      answer_start_(spec.answer_start),
      norm_spec_(spec.head.norm),
      encoder_({spec.layers.begin(), spec.layers.begin() + spec.n_layer_encoder}, {n_embd_, states_},
               spec.layer_prefix),
      head_(spec.head, spec.n_vocab(), n_embd_) {
  for (auto layer = spec.layers.begin() + n_layer_encoder_; layer != spec.layers.end(); ++layer) {
    states_.enter(n_layer_encoder_ + static_cast<int32_t>(decoder_.size()));
    decoder_.emplace_back(*layer, BlockContext{n_embd_, states_});
  }
}

void EncoderDecoder::tensors(TensorVisitor& visit) {
  visit.enter(WeightStore::kNoLayer);
  embedding_.tensors(visit);
  if (answer_start_ >= n_vocab_) {
    visit.refuse("token_embd.weight",
                 fmt::format("has no token {}, with which answers are to begin (decoder_start_token_id)",
                             answer_start_));
  }
  visit.norm("enc.output_norm", norm_spec_, n_embd_, encoder_norm_);
  head_.tensors(visit, embedding_.table());
  encoder_.tensors(visit);
  for (size_t index = 0; index < decoder_.size(); ++index) {
    visit.enter(n_layer_encoder_ + static_cast<int32_t>(index), "dec.", n_layer_encoder_);
    decoder_[index].tensors(visit);
  }
}

int64_t EncoderDecoder::workspace_columns() const {
  int64_t most = std::max(embedding_.workspace_columns(), encoder_.workspace_columns());
  for (const DecoderLayer& layer : decoder_) most = std::max(most, layer.workspace_columns());
  return Workspace::columns_of(widths()) + most;
}

Result<void> EncoderDecoder::hidden_states(const Step& step, Workspace workspace, Tensor outputs) const {
  const auto [x] = workspace.take(widths());
  embedding_.forward(step, workspace, x);
  const BatchRows& rows = step.batch.rows;
  const bool are_texts = rows.positions.front() < rows.source_of(0);
  return are_texts ? encode(step, workspace, x, outputs) : decode(step, workspace, x, outputs);
}

Result<void> EncoderDecoder::encode(const Step& step, Workspace workspace, Tensor x, Tensor outputs) const {
  Backend& backend = step.backend;
  HEARTH_TRY(encoder_.forward(step, workspace, x));
  backend.norm(norm_spec_.kind, x, encoder_norm_.weight, encoder_norm_.bias, norm_spec_.epsilon, x);
  if (outputs.rows > 0) {
    backend.gather_rows(x, step.batch.output_rows, outputs);
    return {};
  }
  return for_each_layer(
      step, decoder_.size(), [&](size_t index) { decoder_[index].read(step, workspace, x); },
      n_layer_encoder_);
}

Result<void> EncoderDecoder::decode(const Step& step, Workspace workspace, Tensor x, Tensor outputs) const {
  HEARTH_TRY(for_each_layer(
      step, decoder_.size(), [&](size_t index) { decoder_[index].forward(step, workspace, x); },
      n_layer_encoder_));
  if (outputs.rows > 0) head_.hidden_states(step, x, outputs);
  return {};
}

}  // namespace

std::unique_ptr<Network> make_encoder_decoder(const ModelSpec& spec) {
  return std::make_unique<EncoderDecoder>(spec);
}

}  // namespace hearth
