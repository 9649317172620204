// Matrix products, and rows of a matrix.
#include <algorithm>
#include <array>
#include <vector>

#include "engine/compute/gpu/gpu_backend.h"
#include "engine/compute/gpu/product_batch.h"

namespace hearth::gpu {
namespace {

/// How many rows are no more than so many bytes; at least one.
int64_t rows_within(uint64_t bytes, int64_t row_bytes) {
  return std::max<int64_t>(1, static_cast<int64_t>(bytes) / row_bytes);
}

/// Rows from the first of `weight` on that one operand may have.
int64_t rows_at_once(const Weight& weight, const Recorder& recorder) {
  return std::min(weight.rows, rows_within(recorder.largest_operand(weight.data), weight.row_bytes()));
}

/// In slices of outputs, of which each has weights that one operand may have.
std::vector<Product> sliced(const std::vector<Product>& products, const Recorder& recorder) {
  std::vector<Product> slices;
  slices.reserve(products.size());
  for (const Product& product : products) {
    const int64_t outputs = product.weight.rows;
    for (int64_t first = 0; first < outputs; first += slices.back().weight.rows) {
      const Product rest = product.slice_outputs(first, outputs - first);
      slices.push_back(rest.slice_outputs(0, rows_at_once(rest.weight, recorder)));
    }
  }
  return slices;
}

bool is_same(Tensor x, Tensor y) { return x.data == y.data && x.rows == y.rows && x.columns == y.columns; }

bool overlap(Tensor x, Tensor y) {
  return x.data.block == y.data.block && x.data.offset < y.data.offset + y.bytes() &&
         y.data.offset < x.data.offset + x.bytes();
}

}  // namespace

void GpuBackend::embed(const Weight& table, std::span<const int32_t> tokens, float scale, Tensor out) {
  for (int64_t first = 0, count = 0; first < table.rows; first += count) {
    const Weight rest = table.slice_rows(first, table.rows - first);
    count = rows_at_once(rest, recorder_);
    std::vector<uint32_t> pairs;
    for (size_t i = 0; i < tokens.size(); ++i) {
      if (tokens[i] < first || tokens[i] >= first + count) continue;
      pairs.insert(pairs.end(), {static_cast<uint32_t>(tokens[i] - first), static_cast<uint32_t>(i)});
    }
    if (!pairs.empty()) weights_.embed(rest.slice_rows(0, count), pairs, scale, out);
  }
  weights_.release_copies();
}

void GpuBackend::linear(Tensor x, std::span<const Projection> projections) {
  for (auto next = projections.begin(); next != projections.end();) {
    // Of one activation, as a dispatch has one.
    const auto activation = next->activation;
    std::vector<Product> products;
    products.reserve(projections.size());
    for (; next != projections.end() && next->activation == activation; ++next) {
      products.push_back({weights_.prepare(next->weight), 0, next->out, 0, next->bias, next->scale});
    }
    bring_together(products);
    record_products({x, activation ? Then::kActivate : Then::kWrite, activation.value_or(Activation{})},
                    products);
  }
  weights_.release_copies();
}

void GpuBackend::gated_linear(Tensor x, const Weight& gate, const Weight& up, Activation activation,
                              Tensor out) {
  const Product gates{weights_.prepare(gate), 0, out, 0};
  const Product ups{weights_.prepare(up), 0, out, 0};
  bring_together(std::array{gates, ups});
  ProductBatch both({x, Then::kOpenSecond, activation}, recorder_.largest_operand());
  if (x.rows <= kFewRows && both.add(gates) && both.add(ups)) {
    both.record(recorder_, weights_.grid(gate.type), {});
  } else {
    record_products({x, Then::kWrite, {}}, {ups});
    record_products({x, Then::kOpen, activation}, {gates});
  }
  weights_.release_copies();
}

void GpuBackend::linear_by_head(Tensor x, const Weight& weight, Tensor out) {
  const Weight all = weights_.prepare(weight);
  const int64_t n_head = x.columns / weight.columns;
  const int64_t outputs = weight.rows / n_head;
  std::vector<Product> products;
  for (int64_t head = 0; head < n_head; ++head) {
    products.push_back({all.slice_rows(head * outputs, outputs), head * weight.columns, out, head * outputs});
  }
  record_products({x, Then::kWrite, {}}, products);
  weights_.release_copies();
}

// Matrices that are multiplied together lie in one block from the first time on, so that one dispatch can.
void GpuBackend::bring_together(std::span<const Product> products) {
  for (size_t first = 0; first < products.size();) {
    const Weight& weight = products[first].weight;
    std::vector<Buffer> pieces;
    for (; first < products.size(); ++first) {
      const Weight& next = products[first].weight;
      if (next.type != weight.type || next.columns != weight.columns) break;
      const Buffer piece{next.data.block};
      if (std::ranges::count(pieces, piece) == 0) pieces.push_back(piece);
    }
    const auto may_stay = [&](Buffer piece) { return piece_of(piece).is_settled || weights_.has_copies(); };
    const auto lies_apart = [&](Buffer piece) {
      return piece_of(piece).block != piece_of(pieces.front()).block;
    };
    if (std::ranges::any_of(pieces, lies_apart) && std::ranges::none_of(pieces, may_stay))
      move_together(pieces);
  }
}

void GpuBackend::move_together(std::span<const Buffer> pieces) {
  for (const Buffer& piece : pieces) memory_.settle(piece);
  const std::vector<uint64_t> offsets = memory_.offsets_in_one(pieces);
  if (offsets.back() > recorder_.largest_operand()) return;
  const Result<Buffer> one = memory_.allocate(offsets.back());
  if (!one.ok()) return;
  for (size_t i = 0; i < pieces.size(); ++i) copy(pieces[i], one->at(offsets[i]), piece_of(pieces[i]).bytes);
  recorder_.submit();
  memory_.move(pieces, *one);
}

void GpuBackend::record_products(const ProductInput& input, const std::vector<Product>& products) {
  int64_t outputs = 0;
  for (const Product& product : products) outputs += product.weight.rows;
  recorder_.make_way_for(input.x.rows * input.x.columns * outputs);
  const uint64_t largest = recorder_.largest_operand();
  const std::vector<Product> slices = sliced(products, recorder_);
  int64_t columns = input.x.columns;
  for (const Product& product : products) columns = std::max(columns, product.out.columns);
  const int64_t most_rows = rows_within(largest, columns * static_cast<int64_t>(sizeof(float)));
  std::vector<ProductBatch> batches;
  for (int64_t first = 0; first < input.x.rows; first += most_rows) {
    const int64_t count = std::min(most_rows, input.x.rows - first);
    const ProductInput rows{input.x.slice_rows(first, count), input.then, input.activation};
    batches.emplace_back(rows, largest);
    for (const Product& whole : slices) {
      const Product slice = whole.slice_rows(first, count);
      if (!batches.back().add(slice)) batches.emplace_back(rows, largest).add(slice);
    }
  }
  for (const ProductBatch& batch : batches) {
    batch.record(recorder_, weights_.grid(batch.type()), {});
  }
  last_product_.reset();
  if (batches.size() == 1 && products.size() == 1) {
    last_product_ = {recorder_.calls(), batches.front(), input.x, products.front().out};
  }
}

bool GpuBackend::add_in_product(Tensor x, Tensor y) {
  if (!last_product_ || recorder_.list().empty() || recorder_.calls() != last_product_->calls) return false;
  const LastProduct last = *last_product_;
  // What is read by some groups must not be written by others.
  if (!is_same(y, last.out) || overlap(x, last.x)) return false;
  recorder_.take_back_last();
  last.batch.record(recorder_, weights_.grid(last.batch.type()), x);
  last_product_.reset();
  return true;
}

}  // namespace hearth::gpu
