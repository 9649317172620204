#include "engine/compute/cpu/prepared_forms.h"

namespace hearth::cpu {

void PreparedForms::begin(Tensor x, std::span<const BlockType> weight_types) {
  is_wanted_.fill(false);
  for (const BlockType type : weight_types) {
    const size_t index = index_of(type);
    if (is_wanted_[index]) continue;
    is_wanted_[index] = true;
    kernels_->begin_input(static_cast<InputForm>(index), x, inputs_[index]);
  }
}

void PreparedForms::prepare_rows(Tensor x, int64_t first_row, int64_t row_count) {
  for (size_t index = 0; index < inputs_.size(); ++index) {
    if (is_wanted_[index]) kernels_->prepare_rows(x, first_row, row_count, inputs_[index]);
  }
}

}  // namespace hearth::cpu
