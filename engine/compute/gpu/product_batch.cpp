#include "engine/compute/gpu/product_batch.h"

#include <algorithm>

#include "engine/compute/gpu/activation.h"
#include "engine/compute/gpu/memory.h"
#include "engine/compute/gpu/weight_kernels.h"

namespace hearth::gpu {
namespace {

/// Of struct Matrix (matrices.wgsl).
constexpr size_t kMatrixWords = 8;

uint64_t begin_of(Buffer buffer) { return place_of(buffer).offset; }

uint64_t float_bytes(int64_t count) { return static_cast<uint64_t>(count) * sizeof(float); }

uint64_t divided_up(uint64_t count, uint64_t by) { return (count + by - 1) / by; }

Buffer first_out(const Product& product) { return product.out.data.at(float_bytes(product.out_column)); }

}  // namespace

/// The kernel, and how many outputs and rows a group of it has.
struct ProductBatch::Shape {
  std::string kernel;
  uint64_t outputs;
  uint64_t rows;

  Shape(const DeviceProperties& device, BlockType type, int64_t x_rows, Then then) {
    kernel = product_options(device, type);
    if (x_rows > kFewRows) {
      kernel.insert(0, "matrix_matrix/");
      outputs = rows = 64;
      return;
    }
    rows = x_rows == 1 ? 1 : 4;
    outputs = multiplies_codes(device, type) ? 16 : 4 * rows;
    if (then == Then::kOpenSecond) outputs /= 2;
    kernel.insert(0, "matrix_vector/");
    kernel += rows == 1 ? ",rows=1" : ",rows=4";
  }
};

Product Product::slice_outputs(int64_t first, int64_t count) const {
  Product sliced = *this;
  sliced.weight = weight.slice_rows(first, count);
  sliced.out_column += first;
  if (bias) sliced.bias = bias.slice(first, count);
  return sliced;
}

Product Product::slice_rows(int64_t first, int64_t count) const {
  Product sliced = *this;
  sliced.out = out.slice_rows(first, count);
  return sliced;
}

bool Cover::add(Buffer buffer, uint64_t bytes, uint64_t largest) {
  if (!operand_.buffer) {
    operand_ = {buffer, bytes};
    return bytes <= largest;
  }
  if (place_of(buffer).block != place_of(operand_.buffer).block) return false;
  const uint64_t own = begin_of(operand_.buffer);
  const uint64_t other = begin_of(buffer);
  const uint64_t begin = std::min(own, other);
  const uint64_t end = std::max(own + operand_.bytes, other + bytes);
  operand_ = {own <= other ? operand_.buffer : buffer, end - begin};
  return end - begin <= largest;
}

uint64_t Cover::offset_of(Buffer buffer) const { return begin_of(buffer) - begin_of(operand_.buffer); }

bool ProductBatch::add(const Product& product) {
  if (!products_.empty()) {
    const Product& first = products_.front();
    if (product.weight.type != first.weight.type || product.weight.columns != first.weight.columns ||
        static_cast<bool>(product.bias) != static_cast<bool>(first.bias) ||
        static_cast<bool>(product.scale) != static_cast<bool>(first.scale)) {
      return false;
    }
  }
  Covers covers = covers_;
  const int64_t outputs = product.weight.rows;
  const uint64_t out_bytes = float_bytes((product.out.rows - 1) * product.out.columns + outputs);
  const bool fits = covers.weights.add(product.weight.data, reads(product.weight).bytes, largest_) &&
                    covers.out.add(first_out(product), out_bytes, largest_) &&
                    (!product.bias || covers.biases.add(product.bias.data, float_bytes(outputs), largest_)) &&
                    (!product.scale || covers.scales.add(product.scale.data, float_bytes(1), largest_));
  // Alone it must do.
  if (!fits && !products_.empty()) return false;
  covers_ = covers;
  products_.push_back(product);
  return true;
}

// A struct Matrix for each.
std::vector<uint32_t> ProductBatch::table(const Shape& shape) const {
  std::vector<uint32_t> words;
  words.reserve(kMatrixWords * products_.size());
  uint64_t group = 0;
  const auto put = [&](uint64_t word) { words.push_back(static_cast<uint32_t>(word)); };
  const auto place = [](const Cover& cover, Buffer buffer) {
    return buffer ? cover.offset_of(buffer) / sizeof(float) : 0;
  };
  for (const Product& product : products_) {
    const auto outputs = static_cast<uint64_t>(product.weight.rows);
    put(group);
    put(outputs);
    put(covers_.weights.offset_of(product.weight.data));
    put(static_cast<uint64_t>(product.x_column));
    put(place(covers_.out, first_out(product)));
    put(static_cast<uint64_t>(product.out.columns));
    put(place(covers_.biases, product.bias.data));
    put(place(covers_.scales, product.scale.data));
    group += divided_up(outputs, shape.outputs);
  }
  return words;
}

void ProductBatch::record(Recorder& recorder, const Operand& grid, Tensor sum) const {
  const Weight& weight = products_.front().weight;
  const Shape shape(recorder.device(), weight.type, input_.x.rows, input_.then);
  uint64_t groups = 0;
  uint64_t most_groups = 0;
  for (const Product& product : products_) {
    const uint64_t own = divided_up(static_cast<uint64_t>(product.weight.rows), shape.outputs);
    groups = input_.then == Then::kOpenSecond ? own : groups + own;
    most_groups = std::max(most_groups, own);
  }
  Operand weights = covers_.weights.operand();
  weights.in_bytes = true;
  Operand out = covers_.out.operand();
  out.written = true;
  Operand added;
  if (sum.data) added = {sum.data, out.bytes, true};
  const std::array operands{reads(input_.x),          weights, grid, covers_.biases.operand(),
                            covers_.scales.operand(), out,     added};
  std::vector<Parameter> parameters{weight.columns,
                                    input_.x.rows,
                                    weight.row_bytes(),
                                    input_.x.columns,
                                    recorder.data(std::span<const uint32_t>(table(shape))),
                                    static_cast<uint32_t>(products_.size()),
                                    static_cast<uint32_t>(groups),
                                    static_cast<uint32_t>(most_groups),
                                    static_cast<uint32_t>(input_.then)};
  const std::array activation = parameters_of(input_.activation);
  parameters.insert(parameters.end(), activation.begin(), activation.end());
  const uint64_t row_groups = divided_up(static_cast<uint64_t>(input_.x.rows), shape.rows);
  recorder.call({shape.kernel, operands, parameters, recorder.groups_for(groups * row_groups)});
}

}  // namespace hearth::gpu
