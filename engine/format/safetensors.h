// Reading SafeTensors: a JSON header that says where each tensor lies, and the tensors.
//
// https://github.com/huggingface/safetensors#format
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/byte_source.h"
#include "engine/base/result.h"
#include "engine/format/block_type.h"

namespace hearth {

struct SafeTensor {
  BlockType type;
  std::vector<uint64_t> shape;  // slowest dimension first, unlike GGUF's; empty for a single number
  uint64_t offset;              // of its first byte, from the start of the file
  uint64_t bytes;
};

class SafeTensors {
 public:
  /// Reads and checks the header: that it is JSON, that each tensor is as large as its shape and type say,
  /// and that together they fill the rest of the file without gap or overlap. INVALID_MODEL naming the
  /// tensor, UNSUPPORTED_MODEL for a type of numbers that GGUF does not have; or IO.
  static Result<SafeTensors> parse(std::shared_ptr<const ByteSource> source);

  const ByteSource& source() const { return *source_; }
  const std::map<std::string, SafeTensor, std::less<>>& tensors() const { return tensors_; }

 private:
  Result<void> check_that_they_fill_the_file(uint64_t first) const;

  std::shared_ptr<const ByteSource> source_;
  std::map<std::string, SafeTensor, std::less<>> tensors_;
};

}  // namespace hearth
