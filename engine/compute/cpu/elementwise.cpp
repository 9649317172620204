#include "engine/compute/cpu/elementwise.h"

#include <algorithm>

#include "engine/compute/host.h"
#include "engine/format/dequantize.h"

namespace hearth::cpu {
namespace {

/// Long rows (a vocabulary of logits) are cut into pieces of whole registers, so that one row keeps all
/// threads busy; every element still goes through the same instructions.
constexpr int64_t kPiece = 4096;

void for_each_piece(Context& context, Tensor x,
                    const std::function<void(int64_t first, int64_t count)>& function) {
  const int64_t elements = x.rows * x.columns;
  parallel_for(context, (elements + kPiece - 1) / kPiece, kPiece, [&](int64_t piece, int) {
    const int64_t first = piece * kPiece;
    function(first, std::min(kPiece, elements - first));
  });
}

}  // namespace

void embed(Context& context, const Weight& table, std::span<const int32_t> tokens, float scale, Tensor out) {
  const auto row_bytes = static_cast<size_t>(table.row_bytes());
  parallel_for(context, out.rows, out.columns, [&](int64_t r, int) {
    const int64_t token = tokens[static_cast<size_t>(r)];
    const std::span<float> row(floats_of(out) + r * out.columns, static_cast<size_t>(out.columns));
    dequantize(table.type, {blocks_of(table.slice_rows(token, 1)), row_bytes}, row);
    if (scale != 1.0F) context.vector.scale(scale, out.columns, row.data());
  });
}

void norm(Context& context, NormKind kind, Tensor x, Vector weight, Vector bias, float epsilon, Tensor out) {
  const auto run_norm = kind == NormKind::kRms ? context.vector.rms_norm : context.vector.layer_norm;
  const int64_t runs = x.rows * x.columns / weight.size;
  parallel_for(context, runs, weight.size, [&](int64_t run, int) {
    const int64_t first = run * weight.size;
    run_norm(floats_of(x) + first, floats_of(weight), floats_of(bias), epsilon, weight.size,
             floats_of(out) + first);
  });
}

void activate(Context& context, Activation activation, Tensor x) {
  for_each_piece(context, x, [&](int64_t first, int64_t count) {
    context.vector.activate(activation, count, floats_of(x) + first);
  });
}

void gate(Context& context, Activation activation, Tensor gates, Tensor up, Tensor out) {
  for_each_piece(context, out, [&](int64_t first, int64_t count) {
    context.vector.gate(activation, floats_of(gates) + first, floats_of(up) + first, count,
                        floats_of(out) + first);
  });
}

void add_scaled(Context& context, Tensor x, Tensor y, float scale) {
  for_each_piece(context, x, [&](int64_t first, int64_t count) {
    context.vector.combine(1.0F, floats_of(y) + first, scale, count, floats_of(x) + first);
  });
}

void add(Context& context, Tensor x, Tensor y) {
  for_each_piece(context, x, [&](int64_t first, int64_t count) {
    context.vector.add(floats_of(y) + first, count, floats_of(x) + first);
  });
}

void soft_cap(Context& context, float cap, Tensor x) {
  for_each_piece(context, x, [&](int64_t first, int64_t count) {
    context.vector.soft_cap(cap, count, floats_of(x) + first);
  });
}

void gather_rows(Context& context, Tensor x, std::span<const int32_t> rows, Tensor out) {
  parallel_for(context, out.rows, out.columns, [&](int64_t r, int) {
    const float* const from = floats_of(x) + rows[static_cast<size_t>(r)] * x.columns;
    std::copy_n(from, x.columns, floats_of(out) + r * out.columns);
  });
}

}  // namespace hearth::cpu
