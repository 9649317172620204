#include "engine/model/tensors.h"

#include <fmt/format.h>

#include "engine/format/dequantize.h"

namespace hearth {

Result<void> StoredMatrix::read_row(int64_t row, float scale, std::span<float> values) const {
  std::vector<std::byte> blocks(static_cast<size_t>(row_bytes()));
  HEARTH_TRY(source->read(offset + static_cast<uint64_t>(row) * row_bytes(), blocks));
  dequantize(type, blocks, values);
  for (float& value : values) value *= scale;
  return {};
}

void TensorVisitor::enter(int32_t layer, std::string_view prefix, int32_t first) {
  layer_ = layer;
  prefix_ = layer == WeightStore::kNoLayer ? "" : fmt::format("{}blk.{}.", prefix, layer - first);
}

void TensorVisitor::stacked(std::string_view name, int64_t count, int64_t rows, int64_t columns,
                            Weight& weight) {
  std::vector<int64_t> shape{columns, rows};
  if (count > 1) shape.push_back(count);
  weight = {BlockType::kF32, count * rows, columns, {}};
  visit_matrix(prefix_ + std::string(name), shape, weight);
}

void TensorVisitor::embedding(std::string_view name, int64_t rows, int64_t columns, Weight& weight) {
  weight = {BlockType::kF32, rows, columns, {}};
  visit_embedding(prefix_ + std::string(name), {columns, rows}, weight);
}

void TensorVisitor::experts(std::string_view name, int64_t count, int64_t rows, int64_t columns,
                            ExpertMatrices& matrices) {
  matrices.all = {BlockType::kF32, count * rows, columns, {}};
  matrices.stride = rows;
  visit_experts(prefix_ + std::string(name), {columns, rows, count}, matrices);
}

void TensorVisitor::looked_up(std::string_view name, int64_t rows, int64_t columns, StoredMatrix& matrix) {
  matrix = {BlockType::kF32, rows, columns};
  visit_looked_up(prefix_ + std::string(name), {columns, rows}, matrix);
}

void TensorVisitor::unread(std::string_view name, const std::vector<int64_t>& shape) {
  if (has(name)) visit_unread(prefix_ + std::string(name), shape);
}

void TensorVisitor::visit_looked_up(const std::string& name, const std::vector<int64_t>& shape,
                                    StoredMatrix& /*matrix*/) {
  Weight weight;
  visit_matrix(name, shape, weight);
}

void TensorVisitor::visit_unread(const std::string& name, const std::vector<int64_t>& shape) {
  Weight weight;
  Vector values;
  shape.size() > 1 ? visit_matrix(name, shape, weight) : visit_vector(name, shape, values);
}

void TensorVisitor::table(std::string_view name, const std::vector<int64_t>& shape, Vector& vector) {
  vector = {{}, 1};
  for (const int64_t size : shape) vector.size *= size;
  visit_vector(prefix_ + std::string(name), shape, vector);
}

void TensorVisitor::made(std::string_view name, const std::vector<int64_t>& shape, const MakeVector& make,
                         Vector& vector) {
  vector = {{}, 1};
  for (const int64_t size : shape) vector.size *= size;
  visit_made(prefix_ + std::string(name), shape, make, vector);
}

void TensorVisitor::optional_floats(std::string_view name, int64_t size, std::vector<float>& floats) {
  floats.clear();
  if (has(name)) this->floats(name, {size}, floats);
}

void TensorVisitor::floats(std::string_view name, const std::vector<int64_t>& shape,
                           std::vector<float>& floats) {
  visit_floats(prefix_ + std::string(name), shape, floats);
}

void TensorVisitor::linear(std::string_view name, int64_t rows, int64_t columns, Linear& linear) {
  const std::string bias = std::string(name) + ".bias";
  matrix(std::string(name) + ".weight", rows, columns, linear.weight);
  if (has(bias)) vector(bias, rows, linear.bias);
}

void TensorVisitor::scaled_linear(std::string_view name, int64_t rows, int64_t columns, Linear& linear) {
  const std::string scale = std::string(name) + ".scale";
  this->linear(name, rows, columns, linear);
  if (has(scale)) vector(scale, 1, linear.scale);
}

void TensorVisitor::norm(std::string_view name, NormKind kind, int64_t size, Norm& norm) {
  const std::string bias = std::string(name) + ".bias";
  vector(has(name) ? std::string(name) : std::string(name) + ".weight", size, norm.weight);
  if (kind == NormKind::kLayer && has(bias)) vector(bias, size, norm.bias);
}

void TensorVisitor::norm(std::string_view name, const NormSpec& spec, int64_t size, Norm& norm) {
  if (!spec.has_weights) {
    norm = {{{}, size}, {}};
    return;
  }
  this->norm(name, spec.kind, size, norm);
  if (spec.has_bias && spec.kind == NormKind::kRms) vector(std::string(name) + ".bias", size, norm.bias);
}

}  // namespace hearth
