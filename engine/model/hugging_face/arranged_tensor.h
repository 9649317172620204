// A tensor of SafeTensors as GGUF has it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/base/result.h"
#include "engine/format/safetensors.h"

namespace hearth {

struct Arrangement {
  uint32_t paired_heads = 0;  // whose rows, or elements of a vector, go from halves into pairs; 0: none
  uint32_t first_row = 0;     // what is before it is left out
  float added = 0.0F;         // to the elements of a vector
  bool as_f32 = false;        // whatever it is stored as
};

class ArrangedTensor {
 public:
  /// `tensor` is of one or two dimensions, in floats.
  ArrangedTensor(std::shared_ptr<const SafeTensors> file, const SafeTensor& tensor,
                 const Arrangement& arrangement);

  BlockType type() const { return type_; }
  /// As GGUF has it, the fastest dimension first.
  const std::vector<uint64_t>& shape() const { return shape_; }
  uint64_t bytes() const { return row_bytes_ * rows_; }

  /// Whole rows from `offset` on.
  Result<void> fill(uint64_t offset, std::span<std::byte> into) const;

 private:
  /// Where a row, or an element of a vector, is stored.
  uint64_t stored_place(uint64_t place) const;
  Result<void> fill_row(uint64_t row, std::span<std::byte> into) const;
  Result<void> fill_vector(std::span<std::byte> into) const;
  Result<std::vector<float>> read_floats(uint64_t first, uint64_t count) const;

  std::shared_ptr<const SafeTensors> file_;
  SafeTensor stored_;
  Arrangement arrangement_;
  BlockType type_;
  std::vector<uint64_t> shape_;
  uint64_t rows_;
  uint64_t row_bytes_;
};

}  // namespace hearth
