// Finds and checks the tensors that a spec needs. Used by Weights::bind only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "engine/model/weights.h"

namespace hearth {

class WeightBinder {
 public:
  WeightBinder(const ModelFile& file, const ModelSpec& spec, const Weights::Progress& progress,
               Weights& weights);

  Result<void> bind_top();
  Result<void> bind_layer(int32_t index);
  /// Fails if the file holds a tensor that nothing asked for: its model is not what its architecture says.
  Result<void> check_all_used() const;

 private:
  Result<Weight> matrix(const std::string& name, int64_t rows, int64_t columns);
  Result<Weight> stacked(const std::string& name, int64_t count, int64_t rows, int64_t columns);
  Result<Vector> vector(const std::string& name, int64_t size);
  Result<Vector> optional_vector(const std::string& name, int64_t size);
  Result<LinearWeights> linear(const std::string& name, int64_t rows, int64_t columns);
  Result<NormWeights> norm(const std::string& name);

  Result<void> bind_attention(const std::string& prefix, LayerWeights& layer);
  Result<void> bind_feed_forward(const std::string& prefix, LayerWeights& layer);

  bool has(const std::string& name) const;
  Result<TensorPlace> find(const std::string& name, std::initializer_list<int64_t> shape);
  Result<const std::byte*> place(const TensorPlace& place);
  Error at_fault(std::string_view name, std::string_view reason) const;

  const ModelFile& file_;
  const ModelSpec& spec_;
  const Weights::Progress& progress_;
  Weights& weights_;
  std::unordered_set<std::string_view> used_;
  uint64_t bytes_loaded_ = 0;
  int32_t layer_ = -1;  // that is bound now
};

}  // namespace hearth
