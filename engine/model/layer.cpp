#include "engine/model/layer.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <variant>

#include "engine/model/spec.h"

namespace hearth {
namespace {

std::string_view name_in_file(const NormName& norm, const TensorVisitor& visit) {
  const bool is_there = norm.otherwise.empty() || visit.has(std::string(norm.name) + ".weight");
  return is_there ? norm.name : norm.otherwise;
}

}  // namespace

Layer::Layer(const LayerSpec& spec, const BlockContext& context)
    : n_embd_(context.n_embd), spec_(std::make_unique<LayerSpec>(spec)) {
  const auto make = [&](const auto& block) { return make_block(block, context); };
  mixer_ = {std::visit(make, spec.mixer), {}, {}, spec.mixer_scale};
  feed_forward_ = {std::visit(make, spec.feed_forward), {}, {}, spec.feed_forward_scale};
}

Layer::Layer(Layer&&) noexcept = default;
Layer::~Layer() = default;

void Layer::tensors(TensorVisitor& visit) {
  if (spec_->norms_sums) return tensors_norming_sums(visit);
  const LayerNorms& norms = spec_->norms;
  if (mixer_.block) {
    tensors_of(norms.mixer, visit, mixer_.input_norm);
    mixer_.block->tensors(visit);
    tensors_of(norms.mixer_output, visit, mixer_.output_norm);
  }
  if (feed_forward_.block) {
    shares_norm_ = mixer_.block && !norms.mixer.name.empty() &&
                   name_in_file(norms.feed_forward, visit) == name_in_file(norms.mixer, visit);
    if (!shares_norm_) tensors_of(norms.feed_forward, visit, feed_forward_.input_norm);
    feed_forward_.block->tensors(visit);
    tensors_of(norms.feed_forward_output, visit, feed_forward_.output_norm);
  }
  if (spec_->adds_embedding || (spec_->has_output_scale && visit.has("layer_output_scale.weight")))
    visit.vector("layer_output_scale.weight", 1, output_scale_);
  for (const UnreadTensor& tensor : spec_->unread) visit.unread(tensor.name, tensor.shape);
}

void Layer::tensors_of(const NormName& name, TensorVisitor& visit, Norm& norm) const {
  if (name.name.empty()) return;
  const std::string_view in_file = name_in_file(name, visit);
  if (visit.has(in_file)) return visit.vector(in_file, n_embd_, norm.weight);  // PLaMo's have no ".weight"
  visit.norm(in_file, spec_->norm, n_embd_, norm);
}

int64_t Layer::workspace_columns() const {
  const auto columns_of = [](const Part& part) { return part.block ? part.block->workspace_columns() : 0; };
  return Workspace::columns_of(widths()) +
         std::max(columns_kept() + columns_of(mixer_), columns_of(feed_forward_));
}

void Layer::norm(Backend& backend, Tensor in, const Norm& by, Tensor out) const {
  backend.norm(spec_->norm.kind, in, by.weight, by.bias, spec_->norm.epsilon, out);
}

/// What the part reads of x: normalised to h, or as it is.
Tensor Layer::read(Backend& backend, const Part& part, Tensor x, Tensor h) const {
  if (!part.reads_normalised()) return x;
  norm(backend, x, part.input_norm, h);
  return h;
}

/// x += what the part gave, normalised and scaled where it is.
void Layer::add(Backend& backend, const Part& part, Tensor update, Tensor x) const {
  if (part.output_norm.weight.size > 0) norm(backend, update, part.output_norm, update);
  if (part.scale == 1.0F) {
    backend.add(x, update);
  } else {
    backend.add_scaled(x, update, part.scale);
  }
}

// x += mixer(norm(x)), then x += feed_forward(norm(x)).
void Layer::forward(const Step& step, Workspace workspace, Tensor x) const {
  Backend& backend = step.backend;
  const Workspace whole = workspace;
  if (spec_->norms_sums) return forward_norming_sums(step, workspace, x);
  if (shares_norm_ || spec_->parallel_residual) {
    forward_side_by_side(step, workspace, x);
  } else {
    const auto [h, update] = workspace.take(widths());
    Workspace behind_kept = workspace;
    if (columns_kept() > 0) {
      behind_kept.take(std::array{columns_kept()});
      feed_forward_.block->look_ahead(step, workspace, x);
    }
    for (const Part* part : {&mixer_, &feed_forward_}) {
      if (!part->block) continue;
      part->block->forward(step, part == &mixer_ ? behind_kept : workspace, read(backend, *part, x, h),
                           update);
      add(backend, *part, update, x);
    }
  }
  if (spec_->adds_embedding) return add_embedding(step, whole, x);
  if (output_scale_) backend.multiply(x, output_scale_);
  if (spec_->output_scale != 1.0F) backend.scale(spec_->output_scale, x);
}

void Layer::add_embedding(const Step& step, Workspace workspace, Tensor x) const {
  const auto [share, unused] = workspace.take(widths());
  step.backend.copy(step.carried.data, share.data, share.bytes());
  step.backend.multiply(share, output_scale_);
  step.backend.add(x, share);
}

// x += mixer(norm(x)) + feed_forward(norm(x)), through one norm or two (Black et al. 2022).
void Layer::forward_side_by_side(const Step& step, Workspace workspace, Tensor x) const {
  Backend& backend = step.backend;
  const auto [h, update] = workspace.take(widths());
  mixer_.block->forward(step, workspace, read(backend, mixer_, x, h), update);
  if (!shares_norm_) read(backend, feed_forward_, x, h);
  add(backend, mixer_, update, x);
  feed_forward_.block->forward(step, workspace, h, update);
  add(backend, feed_forward_, update, x);
}

void Layer::tensors_norming_sums(TensorVisitor& visit) {
  const NormKind kind = spec_->norm.kind;
  mixer_.block->tensors(visit);
  visit.norm("attn_output_norm", kind, n_embd_, mixer_.output_norm);
  if (visit.has("attn_norm_2.weight")) visit.norm("attn_norm_2", kind, n_embd_, second_mixer_norm_);
  feed_forward_.block->tensors(visit);
  visit.norm("layer_output_norm", kind, n_embd_, feed_forward_.output_norm);
}

// h = norm(mixer(x) + x), then x = norm(feed_forward(h) + h) (Devlin et al. 2019).
void Layer::forward_norming_sums(const Step& step, Workspace workspace, Tensor x) const {
  Backend& backend = step.backend;
  const auto [h, update] = workspace.take(widths());
  mixer_.block->forward(step, workspace, x, update);
  backend.add(update, x);
  norm(backend, update, mixer_.output_norm, h);
  if (second_mixer_norm_.weight) {
    backend.add(h, x);
    norm(backend, h, second_mixer_norm_, h);
  }
  feed_forward_.block->forward(step, workspace, h, update);
  backend.add(update, h);
  norm(backend, update, feed_forward_.output_norm, x);
}

}  // namespace hearth
