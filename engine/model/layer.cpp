#include "engine/model/layer.h"

#include <algorithm>
#include <variant>

#include "engine/model/spec.h"

namespace hearth {

Layer::Layer(const LayerSpec& spec, const BlockContext& context)
    : n_embd_(context.n_embd),
      norm_(spec.norm),
      post_norms_(spec.post_norms),
      parallel_residual_(spec.parallel_residual) {
  const auto make = [&](const auto& block) { return make_block(block, context); };
  mixer_ = std::visit(make, spec.mixer);
  feed_forward_ = std::visit(make, spec.feed_forward);
}

void Layer::tensors(TensorVisitor& visit) {
  visit.norm("attn_norm", norm_.kind, n_embd_, mixer_norm_);
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
  Backend& backend = step.backend;
  const auto [h, update] = workspace.take(widths());
  const auto norm = [&](Tensor in, const Norm& by, Tensor out) {
    backend.norm(norm_.kind, in, by.weight, by.bias, norm_.epsilon, out);
  };
  norm(x, mixer_norm_, h);
  mixer_->forward(step, workspace, h, update);
  if (post_norms_) norm(update, {post_mixer_norm_, {}}, update);
  backend.add(x, update);

  if (!parallel_residual_) norm(x, feed_forward_norm_, h);
  feed_forward_->forward(step, workspace, h, update);
  if (post_norms_) norm(update, {post_feed_forward_norm_, {}}, update);
  backend.add(x, update);
}

}  // namespace hearth
