// Fuzzes the reader of SentencePiece's models: whatever the bytes, it answers with pieces that can be, or an
// error.
#include <cmath>
#include <cstdlib>
#include <span>

#include "engine/format/sentence_piece.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto source = hearth::borrow_memory(std::as_bytes(std::span(data, size)));
  const auto model = hearth::SentencePieceModel::parse(*source);
  if (!model.ok()) return 0;
  if (model->pieces.empty()) std::abort();
  for (const auto& piece : model->pieces) {
    if (!std::isfinite(piece.score) || piece.type < 1 || piece.type > 6) std::abort();
  }
  return 0;
}
