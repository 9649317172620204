// Fuzzes the reader of importance matrices, of both forms: it answers with finite importance above 0, or an
// error.
#include <cmath>
#include <cstdlib>

#include "engine/format/importance.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto matrix =
      hearth::ImportanceMatrix::read(hearth::borrow_memory(std::as_bytes(std::span(data, size))));
  if (!matrix.ok()) return 0;
  for (const auto& [weight, columns] : matrix->weights()) {
    for (const float value : columns) {
      if (!std::isfinite(value) || value <= 0.0F) std::abort();
    }
  }
  return 0;
}
