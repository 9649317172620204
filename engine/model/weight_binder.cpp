#include "engine/model/weight_binder.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "engine/format/dequantize.h"

namespace hearth {
namespace {

/// How much NVFP4 shrinks what it multiplies, which is in no such type here; and factors of a rope, where
/// nothing turns.
bool may_be_unused(std::string_view name) {
  return name.ends_with(".input_scale") || name == "rope_freqs.weight" ||
         name == "rope_factors_long.weight" || name == "rope_factors_short.weight";
}

}  // namespace

bool has_in_shape(const ModelFile& file, const std::string& name, const std::vector<int64_t>& shape) {
  const GgufTensor* const tensor = file.find_tensor(name).tensor;
  if (tensor == nullptr) return false;
  std::vector<uint64_t> found = tensor->shape;
  while (found.size() > shape.size() && found.back() == 1) found.pop_back();
  while (found.size() < shape.size()) found.push_back(1);
  return std::equal(found.begin(), found.end(), shape.begin(), shape.end(),
                    [](uint64_t a, int64_t b) { return a == static_cast<uint64_t>(b); });
}

Error WeightBinder::at_fault(std::string_view name, std::string_view reason) const {
  return {ErrorCode::kInvalidModel,
          fmt::format("{}: tensor '{}': {}", file_.metadata().source().name(), name, reason)};
}

bool WeightBinder::in_file(const std::string& name) const {
  return file_.find_tensor(name).tensor != nullptr;
}

bool WeightBinder::in_file_so(const std::string& name, const std::vector<int64_t>& shape) const {
  return has_in_shape(file_, name, shape);
}

void WeightBinder::refuse(std::string_view name, std::string_view reason) {
  if (outcome_.ok()) outcome_ = at_fault(name, reason);
}

void WeightBinder::pass_over(int32_t layer) {
  const std::string prefix = fmt::format("blk.{}.", layer);
  for (const auto& part : file_.parts()) {
    for (const GgufTensor& tensor : part->tensors()) {
      if (tensor.name.starts_with(prefix)) used_.insert(tensor.name);
    }
  }
}

Result<TensorPlace> WeightBinder::find(const std::string& name, const std::vector<int64_t>& shape) {
  const TensorPlace place = file_.find_tensor(name);
  if (place.tensor == nullptr) {
    return at_fault(name, fmt::format("is missing; architecture '{}' needs it", architecture_));
  }
  if (!has_in_shape(file_, name, shape)) {
    return at_fault(name, fmt::format("has shape [{}]; the metadata calls for [{}]",
                                      fmt::join(place.tensor->shape, ", "), fmt::join(shape, ", ")));
  }
  used_.insert(place.tensor->name);
  return place;
}

/// Tells that so many more bytes are done with.
Result<void> WeightBinder::count(uint64_t bytes) {
  bytes_placed_ += bytes;
  if (!progress_ || progress_(bytes_placed_, file_.size())) return {};
  return Error{ErrorCode::kAborted,
               fmt::format("{}: loading was cancelled", file_.metadata().source().name())};
}

Result<StoredTensor> WeightBinder::recognise(const std::string& name, const std::vector<int64_t>& shape,
                                             Weight& weight) {
  HEARTH_ASSIGN(const TensorPlace found, find(name, shape));
  const GgufTensor& tensor = *found.tensor;
  HEARTH_TRY(count(tensor.bytes));
  weight.type = tensor.type;
  weight.matrix = static_cast<int32_t>(matrices_.size());
  matrices_[name] = {weight.matrix, shape};
  return StoredTensor{found.part->source(), tensor.offset, tensor.bytes, false,
                      bytes_of(tensor.type, tensor.columns())};
}

Result<void> WeightBinder::bind(const std::string& name, const std::vector<int64_t>& shape, bool is_looked_up,
                                Weight& weight) {
  HEARTH_ASSIGN(StoredTensor tensor, recognise(name, shape, weight));
  tensor.is_looked_up = is_looked_up;
  HEARTH_ASSIGN(weight.data, store_.place(tensor, layer()));
  return {};
}

/// Norms and biases are converted to f32, whatever they are stored as: they are small, and read element by
/// element.
Result<std::vector<float>> WeightBinder::read(const std::string& name, const std::vector<int64_t>& shape) {
  HEARTH_ASSIGN(const TensorPlace found, find(name, shape));
  std::vector<std::byte> bytes(found.tensor->bytes);
  HEARTH_TRY(found.part->source().read(found.tensor->offset, bytes));
  std::vector<float> values(static_cast<size_t>(found.tensor->rows() * found.tensor->columns()));
  dequantize(found.tensor->type, bytes, values);
  return values;
}

void WeightBinder::visit_matrix(const std::string& name, const std::vector<int64_t>& shape, Weight& weight) {
  if (outcome_.ok()) outcome_ = bind(name, shape, false, weight);
}

void WeightBinder::visit_embedding(const std::string& name, const std::vector<int64_t>& shape,
                                   Weight& weight) {
  if (outcome_.ok()) outcome_ = bind(name, shape, true, weight);
}

void WeightBinder::visit_experts(const std::string& name, const std::vector<int64_t>& shape,
                                 ExpertMatrices& matrices) {
  if (!outcome_.ok()) return;
  outcome_ = [&]() -> Result<void> {
    HEARTH_ASSIGN(StoredTensor tensor, recognise(name, shape, matrices.all));
    tensor.undivided = tensor.bytes / static_cast<uint64_t>(shape.back());
    HEARTH_ASSIGN(matrices.places, store_.place_experts(tensor, layer(), static_cast<int32_t>(shape.back())));
    if (matrices.places != nullptr) return {};
    HEARTH_ASSIGN(matrices.all.data, store_.place(tensor, layer()));
    return {};
  }();
}

void WeightBinder::visit_looked_up(const std::string& name, const std::vector<int64_t>& shape,
                                   StoredMatrix& matrix) {
  if (!outcome_.ok()) return;
  outcome_ = [&]() -> Result<void> {
    HEARTH_ASSIGN(const TensorPlace found, find(name, shape));
    matrix.type = found.tensor->type;
    matrix.source = &found.part->source();
    matrix.offset = found.tensor->offset;
    return count(found.tensor->bytes);
  }();
}

void WeightBinder::visit_unread(const std::string& name, const std::vector<int64_t>& shape) {
  if (!outcome_.ok()) return;
  outcome_ = [&]() -> Result<void> {
    HEARTH_ASSIGN(const TensorPlace found, find(name, shape));
    return count(found.tensor->bytes);
  }();
}

void WeightBinder::visit_vector(const std::string& name, const std::vector<int64_t>& shape, Vector& vector) {
  if (!outcome_.ok()) return;
  outcome_ = [&]() -> Result<void> {
    HEARTH_ASSIGN(const std::vector<float> values, read(name, shape));
    HEARTH_ASSIGN(vector.data, store_.keep(values));
    return {};
  }();
}

void WeightBinder::visit_floats(const std::string& name, const std::vector<int64_t>& shape,
                                std::vector<float>& floats) {
  if (!outcome_.ok()) return;
  Result<std::vector<float>> values = read(name, shape);
  if (values.ok()) {
    floats = std::move(*values);
  } else {
    outcome_ = values.error();
  }
}

void WeightBinder::visit_made(const std::string& name, const std::vector<int64_t>& shape,
                              const MakeVector& make, Vector& vector) {
  if (!outcome_.ok()) return;
  outcome_ = [&]() -> Result<void> {
    HEARTH_ASSIGN(const std::vector<float> values, read(name, shape));
    const std::vector<float> made = make(values);
    if (!std::ranges::all_of(made, [](float value) { return std::isfinite(value); })) {
      return at_fault(name, "holds a number that cannot be computed with (0, or none at all)");
    }
    vector.size = std::ssize(made);
    HEARTH_ASSIGN(vector.data, store_.keep(made));
    return {};
  }();
}

Result<void> WeightBinder::finish() {
  HEARTH_TRY(std::move(outcome_));
  HEARTH_TRY(check_all_used());
  return store_.complete();
}

Result<void> WeightBinder::check_all_used() const {
  for (const auto& part : file_.parts()) {
    for (const GgufTensor& tensor : part->tensors()) {
      if (!used_.contains(tensor.name) && !may_be_unused(tensor.name)) {
        return Error{
            ErrorCode::kUnsupportedModel,
            fmt::format("{}: tensor '{}' has no use in architecture '{}' as Hearth knows it; the answers "
                        "would be wrong without it",
                        part->source().name(), tensor.name, architecture_)};
      }
    }
  }
  return {};
}

}  // namespace hearth
