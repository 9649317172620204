// A model's tensors and metadata, whether in one GGUF file or in parts named name-00001-of-00003.gguf.
//
// A split model's parts carry `split.no` (from 0), `split.count` and `split.tensors.count` (of all parts), as
// llama.cpp's gguf-split writes them. The metadata is in the first part.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/format/gguf.h"

namespace hearth {

/// Where one tensor's bytes are.
struct TensorPlace {
  const GgufTensor* tensor;  // its offset counts from the start of `part`
  const Gguf* part;
};

/// The name of one part of a split model: "tiny-00002-of-00003.gguf" is {"tiny", 2, 3}.
struct PartName {
  std::string stem;
  uint32_t number;  // from 1
  uint32_t count;

  std::string str() const;
};

/// nullopt if `file_name` (no folder) is not that of a part.
std::optional<PartName> parse_part_name(std::string_view file_name);

class ModelFile {
 public:
  /// Maps `path` and, if it names the first part of a split model, the other parts beside it. Errors are
  /// NOT_FOUND naming the file that is missing, INVALID_ARGUMENT for a later part, and those of Gguf::parse,
  /// which takes `require_data`.
  static Result<ModelFile> open(const std::filesystem::path& path, bool require_data = true);
  /// One source per part, in order. INVALID_MODEL if they do not make up one model.
  static Result<ModelFile> open(std::vector<std::shared_ptr<const ByteSource>> sources,
                                bool require_data = true);

  /// The metadata: that of the first part.
  const Gguf& metadata() const { return *parts_.front(); }
  const std::vector<std::unique_ptr<Gguf>>& parts() const { return parts_; }
  /// {nullptr, nullptr} where there is no such tensor.
  TensorPlace find_tensor(std::string_view name) const;
  uint64_t tensor_count() const { return places_.size(); }
  /// Total bytes of all parts.
  uint64_t size() const;

 private:
  Result<void> check_split() const;
  Result<void> index_tensors();

  std::vector<std::unique_ptr<Gguf>> parts_;
  std::map<std::string_view, TensorPlace> places_;
};

}  // namespace hearth
