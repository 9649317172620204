// A model's tensors and metadata, whether in one GGUF file or in parts named name-00001-of-00003.gguf.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/format/gguf.h"

namespace hearth {

/// Where one tensor's bytes are.
struct TensorPlace {
  const GgufTensor* tensor;  // its offset counts from the start of `part`
  const Gguf* part;
};

class ModelFile {
 public:
  /// Maps `path` and, if it is the first part of a split model, the other parts beside it.
  static Result<ModelFile> open(const std::filesystem::path& path);
  /// One source per part, in order.
  static Result<ModelFile> open(std::vector<std::shared_ptr<const ByteSource>> parts);

  /// The metadata: that of the first part.
  const Gguf& metadata() const { return *parts_.front(); }
  const std::vector<std::unique_ptr<Gguf>>& parts() const { return parts_; }
  /// {nullptr, nullptr} where there is no such tensor.
  TensorPlace find_tensor(std::string_view name) const;
  uint64_t tensor_count() const { return places_.size(); }
  /// Total bytes of all parts.
  uint64_t size() const;

 private:
  std::vector<std::unique_ptr<Gguf>> parts_;
  std::unordered_map<std::string_view, TensorPlace> places_;
};

}  // namespace hearth
