#include "engine/model/hugging_face/arranged_tensor.h"

#include <utility>

#include "engine/format/dequantize.h"
#include "engine/format/quantize.h"

namespace hearth {

ArrangedTensor::ArrangedTensor(std::shared_ptr<const SafeTensors> file, const SafeTensor& tensor,
                               const Arrangement& arrangement)
    : file_(std::move(file)),
      stored_(tensor),
      arrangement_(arrangement),
      type_(arrangement.as_f32 ? BlockType::kF32 : tensor.type),
      shape_(tensor.shape.rbegin(), tensor.shape.rend()) {
  shape_.back() -= arrangement.first_row;
  rows_ = shape_.size() > 1 ? shape_.back() : 1;
  row_bytes_ = bytes_of(type_, shape_.front());
}

// Of a head, dimensions i and i + half turn together; in GGUF they follow one another.
uint64_t ArrangedTensor::stored_place(uint64_t place) const {
  place += arrangement_.first_row;
  if (arrangement_.paired_heads == 0) return place;
  const uint64_t size = stored_.shape.front() / arrangement_.paired_heads;
  const uint64_t in_head = place % size;
  return place - in_head + in_head % 2 * (size / 2) + in_head / 2;
}

Result<void> ArrangedTensor::fill(uint64_t offset, std::span<std::byte> into) const {
  if (shape_.size() == 1) return fill_vector(into);
  for (uint64_t at = 0; at < into.size(); at += row_bytes_) {
    HEARTH_TRY(fill_row((offset + at) / row_bytes_, into.subspan(at, row_bytes_)));
  }
  return {};
}

Result<void> ArrangedTensor::fill_row(uint64_t row, std::span<std::byte> into) const {
  const uint64_t columns = shape_.front();
  const uint64_t first = stored_place(row) * columns;
  if (type_ == stored_.type) {
    return file_->source().read(stored_.offset + bytes_of(stored_.type, first), into);
  }
  HEARTH_ASSIGN(const std::vector<float> values, read_floats(first, columns));
  return quantize(type_, values, into);
}

// A vector is one row, and always read whole.
Result<void> ArrangedTensor::fill_vector(std::span<std::byte> into) const {
  HEARTH_ASSIGN(const std::vector<float> values, read_floats(0, stored_.shape.front()));
  std::vector<float> arranged(shape_.front());
  for (size_t i = 0; i < arranged.size(); ++i) {
    arranged[i] = values[stored_place(i)] + arrangement_.added;
  }
  return quantize(type_, arranged, into);
}

Result<std::vector<float>> ArrangedTensor::read_floats(uint64_t first, uint64_t count) const {
  std::vector<std::byte> bytes(bytes_of(stored_.type, count));
  HEARTH_TRY(file_->source().read(stored_.offset + bytes_of(stored_.type, first), bytes));
  std::vector<float> values(count);
  dequantize(stored_.type, bytes, values);
  return values;
}

}  // namespace hearth
