// What goes over activations element by element, or copies them.
#include <initializer_list>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/compute/gpu/activation.h"
#include "engine/compute/gpu/gpu_backend.h"

namespace hearth::gpu {
namespace {

int64_t element_count(Tensor x) { return x.rows * x.columns; }

/// Calls a kernel whose first parameter is the count of elements.
void over_elements(Recorder& recorder, std::string_view kernel, int64_t count,
                   std::initializer_list<Operand> operands, std::span<const Parameter> parameters) {
  std::vector<Parameter> all{count};
  all.insert(all.end(), parameters.begin(), parameters.end());
  recorder.call({kernel, operands, all, recorder.groups_for(static_cast<uint64_t>(count), kElementThreads)});
}

void over_elements(Recorder& recorder, std::string_view kernel, int64_t count,
                   std::initializer_list<Operand> operands, std::initializer_list<Parameter> parameters) {
  over_elements(recorder, kernel, count, operands,
                std::span<const Parameter>(parameters.begin(), parameters.size()));
}

/// x *= factors, each for so many columns.
void multiply_runs(Recorder& recorder, Tensor x, int64_t columns, std::span<const float> factors) {
  over_elements(recorder, "multiply", element_count(x), {writes(x), {}},
                {1U, columns, recorder.data(factors)});
}

/// Each run of as many elements of x += y * scale.
void add_runs(Recorder& recorder, Tensor x, const Operand& y, int64_t size, float scale) {
  over_elements(recorder, "add", element_count(x), {writes(x), y, {}}, {size, scale, x.columns, 0U, 0U});
}

void hold_within(Recorder& recorder, std::string_view kernel, float limit, Tensor x) {
  over_elements(recorder, kernel, element_count(x), {writes(x)}, {limit});
}

}  // namespace

void GpuBackend::multiply(Tensor x, Vector by) {
  over_elements(recorder_, "multiply", element_count(x), {writes(x), reads(by)}, {by.size, x.columns, 0U});
}

void GpuBackend::scale(float factor, Tensor x) {
  multiply_runs(recorder_, x, element_count(x), std::span<const float>(&factor, 1));
}

void GpuBackend::scale_rows(Tensor x, std::span<const float> factors) {
  multiply_runs(recorder_, x, x.columns, factors);
}

void GpuBackend::add_vector(Tensor x, Vector y) { add_runs(recorder_, x, reads(y), y.size, 1.0F); }

void GpuBackend::add(Tensor x, Tensor y) {
  if (!add_in_product(x, y)) add_runs(recorder_, x, reads(y), element_count(y), 1.0F);
}

void GpuBackend::add_scaled(Tensor x, Tensor y, float scale) {
  add_runs(recorder_, x, reads(y), element_count(y), scale);
}

void GpuBackend::add_weighted(Tensor x, Tensor y, Tensor weights, int64_t column) {
  over_elements(recorder_, "add", element_count(x), {writes(x), reads(y), reads(weights)},
                {element_count(y), 1.0F, x.columns, weights.columns, column});
}

void GpuBackend::activate(Activation activation, Tensor x) {
  over_elements(recorder_, "activate", element_count(x), {writes(x)}, parameters_of(activation));
}

void GpuBackend::gate(Activation activation, Tensor gates, Tensor up, Tensor out) {
  std::vector<Parameter> parameters{up.columns / gates.columns};
  for (const Parameter& parameter : parameters_of(activation)) parameters.push_back(parameter);
  over_elements(recorder_, "gate", element_count(out), {reads(gates), reads(up), writes(out)}, parameters);
}

void GpuBackend::soft_cap(float cap, Tensor x) { hold_within(recorder_, "bound/softly=yes", cap, x); }

void GpuBackend::clamp(float limit, Tensor x) { hold_within(recorder_, "bound/softly=no", limit, x); }

void GpuBackend::blend(Tensor x, Tensor y, const Blend& by, Tensor out) {
  over_elements(recorder_, "blend", element_count(x),
                {reads(x), reads(y), reads(by.weight), reads(by.amounts), writes(out)}, {x.columns});
}

void GpuBackend::gather_rows(Tensor x, std::span<const int32_t> rows, Tensor out) {
  over_elements(recorder_, "gather_rows", element_count(out), {reads(x), writes(out)},
                {out.columns, recorder_.data(rows)});
}

void GpuBackend::copy_heads(const HeadColumns& from, const HeadColumns& to, int64_t count) {
  const auto first_of = [](const HeadColumns& heads) {
    const auto offset = static_cast<uint64_t>(heads.first) * sizeof(float);
    return std::pair(heads.x.data.at(offset), heads.x.bytes() - offset);
  };
  const auto [source, source_bytes] = first_of(from);
  const auto [target, target_bytes] = first_of(to);
  const int64_t from_head = from.n_head == 1 ? 0 : from.head_columns();
  over_elements(recorder_, "copy_heads", to.x.rows * to.n_head * count,
                {{source, source_bytes}, {target, target_bytes, true}},
                {count, to.n_head, from.x.columns, from_head, to.x.columns, to.head_columns()});
}

void GpuBackend::match_lengths(Tensor x, Tensor like) {
  recorder_.call("match_lengths", {writes(x), reads(like)}, {x.rows, x.columns},
                 recorder_.groups_for(static_cast<uint64_t>(x.rows)));
}

void GpuBackend::keep_largest(float deviations, Tensor x) {
  recorder_.call("keep_largest", {writes(x)}, {x.rows, x.columns, deviations},
                 recorder_.groups_for(static_cast<uint64_t>(x.rows)));
}

}  // namespace hearth::gpu
