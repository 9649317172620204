// Reading SentencePiece's models (tokenizer.model): a Protocol Buffers message of pieces with scores, and how
// texts are prepared.
//
// https://github.com/google/sentencepiece/blob/master/src/sentencepiece_model.proto
// https://protobuf.dev/programming-guides/encoding
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/base/byte_source.h"
#include "engine/base/result.h"

namespace hearth {

struct SentencePiece {
  std::string text;
  float score = 0.0F;
  int32_t type = 1;  // 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte: as GGUF has them
};

struct SentencePieceModel {
  std::vector<SentencePiece> pieces;
  bool is_unigram = true;  // else byte-pair encoding
  // Numbers of pieces; -1 for none.
  int32_t unknown = 0;
  int32_t bos = 1;
  int32_t eos = 2;
  int32_t padding = -1;
  // How texts are prepared.
  std::vector<uint8_t> character_map;  // empty: characters stay
  bool adds_space = true;              // in front
  bool joins_spaces = true;

  /// INVALID_MODEL naming the byte where the message ends too early or is none; UNSUPPORTED_MODEL for a model
  /// of words or characters.
  static Result<SentencePieceModel> parse(const ByteSource& source);
};

}  // namespace hearth
