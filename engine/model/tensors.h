// Every tensor of a network, named once: a block says what its tensors are called and how large they are, and
// whoever goes over them binds, measures or counts them.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/byte_source.h"
#include "engine/base/result.h"
#include "engine/compute/backend.h"
#include "engine/compute/tensor.h"
#include "engine/compute/weights/weight_store.h"

namespace hearth {

/// A matrix, its optional bias, and an optional number that all of it is multiplied with.
struct Linear {
  Weight weight;
  Vector bias;
  Vector scale = {};

  /// Outputs [first, first + count): one of several that are stored as one.
  Linear slice(int64_t first, int64_t count) const {
    return {weight.slice_rows(first, count), bias ? bias.slice(first, count) : Vector{}, scale};
  }
  Projection to(Tensor out, std::optional<Activation> activation = {}) const {
    return {weight, bias, out, activation, scale};
  }
};

struct NormSpec {
  NormKind kind = NormKind::kRms;
  float epsilon = 1e-5F;
  bool has_weights = true;
  bool has_bias = false;  // of the root mean square, too (Phi 3.5 MoE); that of a layer norm is found
};

struct Norm {
  Vector weight;
  Vector bias;  // layer norm only
};

/// A matrix as the file has it: `rows` rows of `columns` values, in blocks of `type`, from `offset` of
/// `source`.
struct StoredMatrix {
  BlockType type = BlockType::kF32;
  int64_t rows = 0;
  int64_t columns = 0;
  const ByteSource* source = nullptr;
  uint64_t offset = 0;

  uint64_t row_bytes() const { return bytes_of(type, static_cast<uint64_t>(columns)); }
  /// Row `row` times `scale`, decoded on the host. IO where it could not be read.
  Result<void> read_row(int64_t row, float scale, std::span<float> values) const;
};

/// What becomes of a tensor's numbers.
using MakeVector = std::function<std::vector<float>(std::span<const float>)>;

/// Goes over tensors. The first fault is kept, and nothing more happens after it.
class TensorVisitor {
 public:
  virtual ~TensorVisitor() = default;

  /// Names that follow are those of a layer's tensors, without their beginning "blk.<layer>." (with `prefix`
  /// before it, and counted from the network's layer `first` on); or, with WeightStore::kNoLayer, of tensors
  /// outside of layers.
  void enter(int32_t layer, std::string_view prefix = "", int32_t first = 0);

  /// Whether the file has it: what one model stores as one matrix others store as several.
  bool has(std::string_view name) const { return in_file(prefix_ + std::string(name)); }
  /// Whether it has it in that shape: what one model stores wide others store narrow.
  bool has(std::string_view name, const std::vector<int64_t>& shape) const {
    return in_file_so(prefix_ + std::string(name), shape);
  }

  void matrix(std::string_view name, int64_t rows, int64_t columns, Weight& weight) {
    stacked(name, 1, rows, columns, weight);
  }
  /// `count` matrices one after the other, seen as one of count * rows rows.
  void stacked(std::string_view name, int64_t count, int64_t rows, int64_t columns, Weight& weight);
  /// The same of as many experts, which may come and go one by one.
  void experts(std::string_view name, int64_t count, int64_t rows, int64_t columns, ExpertMatrices& matrices);
  /// A matrix of which operations only look up rows (Backend::embed).
  void embedding(std::string_view name, int64_t rows, int64_t columns, Weight& weight);
  /// A matrix of which only rows are read, where the file has them: it is never in memory as a whole.
  void looked_up(std::string_view name, int64_t rows, int64_t columns, StoredMatrix& matrix);
  /// A tensor that some files have though nothing reads it.
  void unread(std::string_view name, const std::vector<int64_t>& shape);
  void vector(std::string_view name, int64_t size, Vector& vector) { table(name, {size}, vector); }
  /// A small tensor of that shape, the fastest dimension first, seen as one vector.
  void table(std::string_view name, const std::vector<int64_t>& shape, Vector& vector);
  /// A vector that is made of a small tensor of that shape; all its numbers must be finite.
  void made(std::string_view name, const std::vector<int64_t>& shape, const MakeVector& make, Vector& vector);
  /// Floats that are wanted on the host, of a small tensor of that shape.
  void floats(std::string_view name, const std::vector<int64_t>& shape, std::vector<float>& floats);
  /// The same; empty where the file has none.
  void optional_floats(std::string_view name, int64_t size, std::vector<float>& floats);
  /// `name`.weight and, where the file has it, `name`.bias.
  void linear(std::string_view name, int64_t rows, int64_t columns, Linear& linear);
  /// The same, and `name`.scale, where the file has it: a matrix of three values, 1 apart (BitNet).
  void scaled_linear(std::string_view name, int64_t rows, int64_t columns, Linear& linear);
  /// `name`.weight, which some files call `name` alone; of a layer norm `name`.bias, too, where the file has
  /// it.
  void norm(std::string_view name, NormKind kind, int64_t size, Norm& norm);
  /// Whatever the file has of that layer is not read.
  virtual void pass_over(int32_t /*layer*/) {}
  /// One of which `spec` may say that it has no weights.
  void norm(std::string_view name, const NormSpec& spec, int64_t size, Norm& norm);
  /// INVALID_MODEL: what is in a tensor makes no sense.
  virtual void refuse(std::string_view /*name*/, std::string_view /*reason*/) {}

 protected:
  int32_t layer() const { return layer_; }

  virtual bool in_file(const std::string& name) const = 0;
  /// Whoever knows no shapes takes the first that is asked for.
  virtual bool in_file_so(const std::string& name, const std::vector<int64_t>& /*shape*/) const {
    return in_file(name);
  }
  /// `shape` is as the file has it, the fastest dimension first.
  virtual void visit_matrix(const std::string& name, const std::vector<int64_t>& shape, Weight& weight) = 0;
  /// Those that are not placed as others are: unless one has to do with them, they are like any other tensor.
  virtual void visit_experts(const std::string& name, const std::vector<int64_t>& shape,
                             ExpertMatrices& matrices) {
    visit_matrix(name, shape, matrices.all);
  }
  /// Unless one has to do with them, they are like any other matrix.
  virtual void visit_embedding(const std::string& name, const std::vector<int64_t>& shape, Weight& weight) {
    visit_matrix(name, shape, weight);
  }
  virtual void visit_looked_up(const std::string& name, const std::vector<int64_t>& shape,
                               StoredMatrix& matrix);
  virtual void visit_unread(const std::string& name, const std::vector<int64_t>& shape);
  virtual void visit_vector(const std::string& name, const std::vector<int64_t>& shape, Vector& vector) = 0;
  virtual void visit_floats(const std::string& name, const std::vector<int64_t>& shape,
                            std::vector<float>& floats) = 0;
  virtual void visit_made(const std::string& name, const std::vector<int64_t>& shape,
                          const MakeVector& /*make*/, Vector& vector) {
    visit_vector(name, shape, vector);
  }

 private:
  int32_t layer_ = WeightStore::kNoLayer;
  std::string prefix_;
};

}  // namespace hearth
