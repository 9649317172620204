// Alternating updates (Baykal et al. 2023): a residual stream that is several times as wide as the layers, of
// which each computes one part and predicts the others.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "engine/model/block.h"

namespace hearth {

struct AltUpSpec {
  int32_t streams = 0;  // parts of the residual stream; 0: it is one
  int32_t active = 0;   // the one that layers compute
  NormSpec norm;
};

/// The parts, [rows, n_embd] each.
using Streams = std::vector<Tensor>;

/// What a layer does with them.
class AltUp {
 public:
  AltUp(const AltUpSpec& spec, int64_t n_embd) : spec_(spec), n_embd_(n_embd) {}

  void tensors(TensorVisitor& visit);
  int64_t workspace_columns() const { return Workspace::columns_of(widths()); }
  /// predictions[i] = x[i] + the sum of x[j] * coefficient[i][j], which the active part decides.
  void predict(const Step& step, Workspace workspace, const Streams& x, const Streams& predictions) const;
  /// What the layer made of the active prediction corrects all of them: predictions[i] +=
  /// (computed - predictions[active]) * (1 + coefficient[i]). `computed` becomes that difference.
  void correct(const Step& step, Workspace workspace, Tensor computed, const Streams& predictions) const;

 private:
  /// Of the normalised part, what the router says of it, and the coefficients that follow.
  std::array<int64_t, 3> widths() const { return {n_embd_, spec_.streams, spec_.streams * spec_.streams}; }
  void route(Backend& backend, Tensor x, Tensor normalised, Tensor modalities) const;

  AltUpSpec spec_;
  int64_t n_embd_;
  Weight router_, prediction_, correction_;
  Norm router_norm_;
};

/// How one stream becomes several, before the first layer, and they one again, behind the last.
class AltUpEnds {
 public:
  AltUpEnds(const AltUpSpec& spec, int64_t n_embd) : spec_(spec), n_embd_(n_embd) {}

  void tensors(TensorVisitor& visit);
  int64_t workspace_columns() const { return Workspace::columns_of(widths()); }
  /// Fills all parts from the first: projections of it, each as long as it is.
  void open(const Step& step, const Streams& streams) const;
  /// The first part becomes the mean of all: of those beyond it projections, each as long as the active one.
  void close(const Step& step, Workspace workspace, const Streams& streams) const;

 private:
  std::array<int64_t, 2> widths() const { return {n_embd_, n_embd_}; }
  /// Of the part `stream`, which is not the first.
  Weight of(const Weight& stacked, size_t stream) const {
    return stacked.slice_rows((static_cast<int64_t>(stream) - 1) * n_embd_, n_embd_);
  }

  AltUpSpec spec_;
  int64_t n_embd_;
  Weight opening_, closing_;
};

}  // namespace hearth
