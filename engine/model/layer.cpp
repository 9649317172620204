#include "engine/model/layer.h"

#include <algorithm>
#include <variant>

#include "engine/model/spec.h"

namespace hearth {

Layer::Layer(const LayerSpec& spec, const BlockContext& context)
    : n_embd_(context.n_embd),
      norm_(spec.norm),
      post_norms_(spec.post_norms),
      parallel_residual_(spec.parallel_residual),
      norms_sums_(spec.norms_sums),
      bare_mixer_(spec.bare_mixer) {
  const auto make = [&](const auto& block) { return make_block(block, context); };
  mixer_ = std::visit(make, spec.mixer);
  feed_forward_ = std::visit(make, spec.feed_forward);
}

void Layer::tensors(TensorVisitor& visit) {
  if (norms_sums_) {
    mixer_->tensors(visit);
    visit.norm("attn_output_norm", norm_.kind, n_embd_, mixer_norm_);
    if (visit.has("attn_norm_2.weight")) {
      visit.norm("attn_norm_2", norm_.kind, n_embd_, second_mixer_norm_);
    }
    feed_forward_->tensors(visit);
    visit.norm("layer_output_norm", norm_.kind, n_embd_, feed_forward_norm_);
    return;
  }
  if (!bare_mixer_) visit.norm("attn_norm", norm_.kind, n_embd_, mixer_norm_);
  mixer_->tensors(visit);
  if (!parallel_residual_) visit.norm("ffn_norm", norm_.kind, n_embd_, feed_forward_norm_);
  feed_forward_->tensors(visit);
  if (post_norms_) {
    visit.vector("post_attention_norm.weight", n_embd_, post_mixer_norm_);
    visit.vector("post_ffw_norm.weight", n_embd_, post_feed_forward_norm_);
  }
}

int64_t Layer::workspace_columns() const {
  return Workspace::columns_of(widths()) +
         std::max(mixer_->workspace_columns(), feed_forward_->workspace_columns());
}

// x += mixer(norm(x)), then x += feed_forward(norm(x)).
void Layer::forward(const Step& step, Workspace workspace, Tensor x) const {
  if (norms_sums_) return forward_norming_sums(step, workspace, x);
  Backend& backend = step.backend;
  const auto [h, update] = workspace.take(widths());
  if (!bare_mixer_) norm(backend, x, mixer_norm_, h);
  mixer_->forward(step, workspace, bare_mixer_ ? x : h, update);
  if (post_norms_) norm(backend, update, {post_mixer_norm_, {}}, update);
  backend.add(x, update);

  if (!parallel_residual_) norm(backend, x, feed_forward_norm_, h);
  feed_forward_->forward(step, workspace, h, update);
  if (post_norms_) norm(backend, update, {post_feed_forward_norm_, {}}, update);
  backend.add(x, update);
}

// h = norm(mixer(x) + x), then x = norm(feed_forward(h) + h) (Devlin et al. 2019).
void Layer::forward_norming_sums(const Step& step, Workspace workspace, Tensor x) const {
  Backend& backend = step.backend;
  const auto [h, update] = workspace.take(widths());
  mixer_->forward(step, workspace, x, update);
  backend.add(update, x);
  norm(backend, update, mixer_norm_, h);
  if (second_mixer_norm_.weight) {
    backend.add(h, x);
    norm(backend, h, second_mixer_norm_, h);
  }
  feed_forward_->forward(step, workspace, h, update);
  backend.add(update, h);
  norm(backend, update, feed_forward_norm_, x);
}

}  // namespace hearth
