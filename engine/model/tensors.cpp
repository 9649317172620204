#include "engine/model/tensors.h"

#include <fmt/format.h>

namespace hearth {

void TensorVisitor::enter(int32_t layer) {
  layer_ = layer;
  prefix_ = layer == WeightStore::kNoLayer ? "" : fmt::format("blk.{}.", layer);
}

void TensorVisitor::stacked(std::string_view name, int64_t count, int64_t rows, int64_t columns,
                            Weight& weight) {
  std::vector<int64_t> shape{columns, rows};
  if (count > 1) shape.push_back(count);
  weight = {BlockType::kF32, count * rows, columns, {}};
  visit_matrix(prefix_ + std::string(name), shape, weight);
}

void TensorVisitor::vector(std::string_view name, int64_t size, Vector& vector) {
  vector = {{}, size};
  visit_vector(prefix_ + std::string(name), size, vector);
}

void TensorVisitor::optional_floats(std::string_view name, int64_t size, std::vector<float>& floats) {
  floats.clear();
  if (has(name)) visit_floats(prefix_ + std::string(name), size, floats);
}

void TensorVisitor::linear(std::string_view name, int64_t rows, int64_t columns, Linear& linear) {
  const std::string bias = std::string(name) + ".bias";
  matrix(std::string(name) + ".weight", rows, columns, linear.weight);
  if (has(bias)) vector(bias, rows, linear.bias);
}

void TensorVisitor::norm(std::string_view name, NormKind kind, int64_t size, Norm& norm) {
  const std::string bias = std::string(name) + ".bias";
  vector(std::string(name) + ".weight", size, norm.weight);
  if (kind == NormKind::kLayer && has(bias)) vector(bias, size, norm.bias);
}

}  // namespace hearth
