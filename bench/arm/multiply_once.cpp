// One product of one thread, for its instructions to be counted: multiply_once SET TYPE ROWS multiplies 64
// weight rows of 2048 columns with so many rows of input.
#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "engine/compute/cpu/matrix/matrix_product.h"
#include "engine/compute/cpu/matrix/random_weight.h"

int main(int argument_count, char** arguments) {
  using namespace hearth;
  using namespace hearth::cpu;
  if (argument_count != 4) return 2;
  const auto kernels = find_matrix_kernels(arguments[1]);
  const auto layout =
      std::ranges::find(all_block_layouts(), std::string_view(arguments[2]), &BlockLayout::name);
  if (!kernels || layout == all_block_layouts().end()) return 1;
  const int64_t rows = std::atoll(arguments[3]);
  std::mt19937 random;
  const RandomWeight w = random_weight(layout->type, 64, 2048, random);
  std::vector<float> x(static_cast<size_t>(rows * 2048), 1.0F);
  std::vector<float> out(static_cast<size_t>(rows * 64));
  std::vector<std::byte> scratch;
  PreparedInput input;
  const Tensor tensor = tensor_at(x.data(), rows, 2048);
  (*kernels)->begin_input((*kernels)->input_form(layout->type), tensor, input);
  (*kernels)->prepare_rows(tensor, 0, rows, input);
  (*kernels)->multiply(w.weight, input, 0, 64, tensor_at(out.data(), rows, 64), scratch);
}
