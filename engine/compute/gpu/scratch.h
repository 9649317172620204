// Memory that operations need between their commands: one buffer, which all have by turns.
#pragma once

#include <cstdint>

#include "engine/compute/backend.h"
#include "engine/compute/gpu/recorder.h"

namespace hearth::gpu {

class Scratch {
 public:
  /// `memory` is whose recorder it is.
  Scratch(Backend& memory, Recorder& recorder) : memory_(memory), recorder_(recorder) {}

  /// So many bytes of undefined content, until it is asked again. Nowhere where there is no memory, which the
  /// recorder tells.
  Buffer take(uint64_t bytes);

 private:
  Backend& memory_;
  Recorder& recorder_;
  Buffer buffer_;
  uint64_t bytes_ = 0;
};

}  // namespace hearth::gpu
