// Fuzzes the reader of SafeTensors: whatever the bytes, it answers with tensors that can all be read, or an
// error.
#include <cstdlib>
#include <vector>

#include "engine/format/safetensors.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto file = hearth::SafeTensors::parse(hearth::borrow_memory(std::as_bytes(std::span(data, size))));
  if (!file.ok()) return 0;
  for (const auto& [name, tensor] : file->tensors()) {
    std::vector<std::byte> bytes(tensor.bytes);
    if (!file->source().read(tensor.offset, bytes).ok()) std::abort();
  }
  return 0;
}
