#include "engine/compute/gpu/scratch.h"

namespace hearth::gpu {

Buffer Scratch::take(uint64_t bytes) {
  if (bytes <= bytes_) return buffer_;
  memory_.release(buffer_);
  const Result<Buffer> buffer = memory_.allocate(bytes);
  if (!buffer.ok()) recorder_.fail(buffer.error());
  buffer_ = buffer.ok() ? *buffer : Buffer{};
  bytes_ = buffer.ok() ? bytes : 0;
  return buffer_;
}

}  // namespace hearth::gpu
