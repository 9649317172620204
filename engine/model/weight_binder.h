// Finds and checks the tensors that a network names, and has its store place them. Used by bind_network only.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "engine/model/weights.h"

namespace hearth {

/// Whether the file has a tensor of that name and shape. Trailing dimensions of 1 do not count.
bool has_in_shape(const ModelFile& file, const std::string& name, const std::vector<int64_t>& shape);

class WeightBinder final : public TensorVisitor {
 public:
  WeightBinder(const ModelFile& file, std::string_view architecture, const BindProgress& progress,
               WeightStore& store)
      : file_(file), architecture_(architecture), progress_(progress), store_(store) {}

  void pass_over(int32_t layer) override;
  void refuse(std::string_view name, std::string_view reason) override;
  /// The first fault; or that the file holds a tensor that nothing asked for: its model is not what its
  /// architecture says.
  Result<void> finish();
  /// Those that were bound, by name.
  const std::map<std::string, NamedMatrix>& matrices() const { return matrices_; }

 protected:
  bool in_file(const std::string& name) const override;
  bool in_file_so(const std::string& name, const std::vector<int64_t>& shape) const override;
  void visit_matrix(const std::string& name, const std::vector<int64_t>& shape, Weight& weight) override;
  void visit_experts(const std::string& name, const std::vector<int64_t>& shape,
                     ExpertMatrices& matrices) override;
  void visit_embedding(const std::string& name, const std::vector<int64_t>& shape, Weight& weight) override;
  void visit_looked_up(const std::string& name, const std::vector<int64_t>& shape,
                       StoredMatrix& matrix) override;
  void visit_unread(const std::string& name, const std::vector<int64_t>& shape) override;
  void visit_vector(const std::string& name, const std::vector<int64_t>& shape, Vector& vector) override;
  void visit_floats(const std::string& name, const std::vector<int64_t>& shape,
                    std::vector<float>& floats) override;
  void visit_made(const std::string& name, const std::vector<int64_t>& shape, const MakeVector& make,
                  Vector& vector) override;

 private:
  /// Finds the matrix, which is yet to be placed.
  Result<StoredTensor> recognise(const std::string& name, const std::vector<int64_t>& shape, Weight& weight);
  Result<void> bind(const std::string& name, const std::vector<int64_t>& shape, bool is_looked_up,
                    Weight& weight);
  Result<void> count(uint64_t bytes);
  Result<std::vector<float>> read(const std::string& name, const std::vector<int64_t>& shape);
  Result<TensorPlace> find(const std::string& name, const std::vector<int64_t>& shape);
  Result<void> check_all_used() const;
  Error at_fault(std::string_view name, std::string_view reason) const;

  const ModelFile& file_;
  std::string_view architecture_;
  const BindProgress& progress_;
  WeightStore& store_;
  Result<void> outcome_;
  std::unordered_set<std::string_view> used_;
  uint64_t bytes_placed_ = 0;
  std::map<std::string, NamedMatrix> matrices_;
};

}  // namespace hearth
