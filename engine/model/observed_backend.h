// A device that tells, beside computing, what each matrix of a model is multiplied with.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/compute/delegating_backend.h"
#include "engine/model/input_sums.h"

namespace hearth {

class ObservedBackend final : public DelegatingBackend {
 public:
  /// Adds to `sums`, which must be there while it computes. What comes out is what `device` gives, bit for
  /// bit; it is waited for at each product.
  ObservedBackend(Backend& device, InputSums& sums) : DelegatingBackend(device), sums_(sums) {}

  void linear(Tensor x, std::span<const Projection> projections) override;
  void gated_linear(Tensor x, const Weight& gate, const Weight& up, Activation activation,
                    Tensor out) override;
  void linear_by_head(Tensor x, const Weight& weight, Tensor out) override;
  void experts(const ExpertParameters& parameters, const ExpertWeights& weights, Tensor logits, Tensor x,
               Tensor out) override;

 private:
  std::vector<float> read(Tensor x);
  void wait_for_reads();
  void put(std::span<const float> values, Tensor x);
  void observe_experts(const ExpertParameters& parameters, const ExpertWeights& weights, Tensor logits,
                       Tensor x);
  /// Of one expert: `inputs` are the rows that it gets; `gates` and `hidden` have room for what becomes of
  /// them.
  void observe_expert(int32_t expert, const ExpertParameters& parameters, const ExpertWeights& weights,
                      Tensor inputs, Tensor gates, Tensor hidden);
  /// products = inputs times the expert's matrix, with its scale and bias.
  void multiply_by_expert(const ExpertMatrices& matrices, int32_t expert, Tensor inputs, Tensor products);

  InputSums& sums_;
};

}  // namespace hearth
