// Does a GPU compute what its kernels say? Drivers exist that silently give wrong values. So, when a model is
// loaded, small operations with its types of weights are computed by the GPU and by the processor, and
// compared when the GPU is next found ready. What is compiled for this the model needs anyway.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/compute/backend.h"
#include "engine/format/block_type.h"

namespace hearth::gpu {

class SelfCheck {
 public:
  /// Puts the operations down on `gpu`, which must outlive it and be ready before it goes. `types` are those
  /// of the model's matrices.
  /// What was right before with a driver of that name is not tested again.
  SelfCheck(Backend& gpu, std::string driver, std::span<const BlockType> types);
  ~SelfCheck();
  SelfCheck(const SelfCheck&) = delete;
  SelfCheck& operator=(const SelfCheck&) = delete;

  /// When the GPU is ready: the operations whose results are wrong, by name. OUT_OF_MEMORY where it had no
  /// room for them.
  Result<std::vector<std::string>> wrong() const;

 private:
  struct Outcome {
    std::string operation;
    std::vector<float> expected, actual;
  };
  Backend& gpu_;
  std::string driver_;
  std::vector<Buffer> buffers_;
  std::vector<std::unique_ptr<Outcome>> outcomes_;
  Result<void> begun_;
};

}  // namespace hearth::gpu
