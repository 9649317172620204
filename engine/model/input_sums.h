// What the matrices of a model were multiplied with while it read a text, as sums of squares: what an
// importance matrix holds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/compute/tensor.h"
#include "engine/format/importance.h"
#include "engine/model/weights.h"

namespace hearth {

class InputSums {
 public:
  /// Of the layers' matrices; of the output, too, where it is wanted.
  InputSums(const std::map<std::string, NamedMatrix>& matrices, bool with_output);

  bool counts(const Weight& weight) const { return sums_.contains(weight.matrix); }
  /// Adds rows, each of the weight's columns, that went through its matrix `number`: 0, or the expert's.
  void add(const Weight& weight, size_t number, std::span<const float> rows);
  /// They could not be read: the sums are worth nothing.
  void fail(const Error& error) { outcome_ = error; }

  /// By name, without weights that nothing went through. INVALID_MODEL naming one whose inputs were no finite
  /// numbers; what `fail` was told.
  Result<std::map<std::string, ColumnSums>> by_name() const;

 private:
  struct Sums {
    std::string name;
    std::vector<double> squares;  // as ColumnSums has them
    std::vector<uint64_t> rows;   // per matrix
  };

  std::map<int32_t, Sums> sums_;  // by Weight::matrix
  Result<void> outcome_;
};

}  // namespace hearth
