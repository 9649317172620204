#include "engine/format/sentence_piece.h"

#include <fmt/format.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

namespace hearth {
namespace {

// The numbers of fields in sentencepiece_model.proto.
namespace model_field {
constexpr uint32_t kPiece = 1;
constexpr uint32_t kTrainer = 2;
constexpr uint32_t kNormalizer = 3;
}  // namespace model_field
namespace piece_field {
constexpr uint32_t kText = 1;
constexpr uint32_t kScore = 2;
constexpr uint32_t kType = 3;
}  // namespace piece_field
namespace trainer_field {
constexpr uint32_t kModelType = 3;
constexpr uint32_t kUnknown = 40;
constexpr uint32_t kBos = 41;
constexpr uint32_t kEos = 42;
constexpr uint32_t kPadding = 43;
}  // namespace trainer_field
namespace normalizer_field {
constexpr uint32_t kCharacterMap = 2;
constexpr uint32_t kAddsSpace = 3;
constexpr uint32_t kJoinsSpaces = 4;
}  // namespace normalizer_field

constexpr uint64_t kUnigram = 1;
constexpr uint64_t kBytePairs = 2;
constexpr int32_t kHighestType = 6;

/// One field of a message: `number` has what is no string or message.
struct Field {
  uint32_t id;
  uint64_t number;
  std::string_view bytes;
};

/// Goes over the fields of a message. What is damaged ends it, and is the outcome.
class Message {
 public:
  Message(std::string_view bytes, const std::string& name, uint64_t offset)
      : bytes_(bytes), name_(name), offset_(offset) {}

  std::optional<Field> next() {
    if (at_ == bytes_.size() || !outcome_.ok()) return std::nullopt;
    const std::optional<uint64_t> tag = variable_number();
    if (!tag || *tag >> 3 == 0 || *tag >> 3 > 0x1FFFFFFF) return damaged();
    Field field{static_cast<uint32_t>(*tag >> 3), 0, {}};
    switch (*tag & 7) {
      case 0: {
        const std::optional<uint64_t> value = variable_number();
        if (!value) return damaged();
        field.number = *value;
        return field;
      }
      case 1:
        return fixed(field, 8);
      case 2: {
        const std::optional<uint64_t> size = variable_number();
        if (!size || *size > bytes_.size() - at_) return damaged();
        field.bytes = bytes_.substr(at_, *size);
        at_ += *size;
        return field;
      }
      case 5:
        return fixed(field, 4);
      default:
        return damaged();
    }
  }

  /// The message that a field of this one is.
  Message within(const Field& field) const {
    return {field.bytes, name_, offset_ + static_cast<uint64_t>(field.bytes.data() - bytes_.data())};
  }
  const Result<void>& outcome() const { return outcome_; }

 private:
  std::optional<Field> damaged() {
    outcome_ = Error{ErrorCode::kInvalidModel,
                     fmt::format("{}: is no SentencePiece model: what is at byte {} makes no sense", name_,
                                 offset_ + at_)};
    return std::nullopt;
  }

  /// Seven bits a byte, the lowest first.
  std::optional<uint64_t> variable_number() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64 && at_ < bytes_.size(); shift += 7) {
      const auto byte = static_cast<uint8_t>(bytes_[at_++]);
      value |= static_cast<uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
    return std::nullopt;
  }

  std::optional<Field> fixed(Field field, size_t size) {
    if (size > bytes_.size() - at_) return damaged();
    std::memcpy(&field.number, bytes_.data() + at_, size);
    at_ += size;
    return field;
  }

  std::string_view bytes_;
  const std::string& name_;
  uint64_t offset_;  // of the message in the file
  size_t at_ = 0;
  Result<void> outcome_;
};

float as_float(uint64_t number) {
  const auto bits = static_cast<uint32_t>(number);
  float value = 0.0F;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

/// Negative numbers are stored in 64 bits.
int32_t as_id(uint64_t number) {
  const auto value = static_cast<int64_t>(number);
  return value >= 0 && value <= std::numeric_limits<int32_t>::max() ? static_cast<int32_t>(value) : -1;
}

Result<SentencePiece> read_piece(Message message) {
  SentencePiece piece;
  while (const auto field = message.next()) {
    if (field->id == piece_field::kText) piece.text = field->bytes;
    if (field->id == piece_field::kScore) piece.score = as_float(field->number);
    if (field->id == piece_field::kType) piece.type = as_id(field->number);
  }
  HEARTH_TRY(message.outcome());
  return piece;
}

Result<void> read_trainer(Message message, const std::string& name, SentencePieceModel& model) {
  uint64_t type = kUnigram;
  while (const auto field = message.next()) {
    if (field->id == trainer_field::kModelType) type = field->number;
    if (field->id == trainer_field::kUnknown) model.unknown = as_id(field->number);
    if (field->id == trainer_field::kBos) model.bos = as_id(field->number);
    if (field->id == trainer_field::kEos) model.eos = as_id(field->number);
    if (field->id == trainer_field::kPadding) model.padding = as_id(field->number);
  }
  HEARTH_TRY(message.outcome());
  model.is_unigram = type == kUnigram;
  if (type == kUnigram || type == kBytePairs) return {};
  return Error{
      ErrorCode::kUnsupportedModel,
      fmt::format("{}: is a SentencePiece model of kind {}; unigram (1) and BPE (2) are read", name, type)};
}

Result<void> read_normalizer(Message message, SentencePieceModel& model) {
  while (const auto field = message.next()) {
    if (field->id == normalizer_field::kCharacterMap) {
      model.character_map.assign(field->bytes.begin(), field->bytes.end());
    }
    if (field->id == normalizer_field::kAddsSpace) model.adds_space = field->number != 0;
    if (field->id == normalizer_field::kJoinsSpaces) model.joins_spaces = field->number != 0;
  }
  return message.outcome();
}

Result<void> check_pieces(const std::string& name, const SentencePieceModel& model) {
  for (size_t number = 0; number < model.pieces.size(); ++number) {
    const SentencePiece& piece = model.pieces[number];
    if (std::isfinite(piece.score) && piece.type >= 1 && piece.type <= kHighestType) continue;
    return Error{ErrorCode::kInvalidModel,
                 fmt::format("{}: piece {} has the score {} and the type {}, which cannot be", name, number,
                             piece.score, piece.type)};
  }
  if (!model.pieces.empty()) return {};
  return Error{ErrorCode::kInvalidModel, fmt::format("{}: has no pieces", name)};
}

}  // namespace

Result<SentencePieceModel> SentencePieceModel::parse(const ByteSource& source) {
  std::vector<std::byte> bytes(source.size());
  HEARTH_TRY(source.read(0, bytes));
  const std::string& name = source.name();
  Message message({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, name, 0);
  SentencePieceModel model;
  while (const auto field = message.next()) {
    if (field->bytes.data() == nullptr) continue;  // of another kind than the fields that are known
    if (field->id == model_field::kPiece) {
      HEARTH_ASSIGN(auto piece, read_piece(message.within(*field)));
      model.pieces.push_back(std::move(piece));
    }
    if (field->id == model_field::kTrainer) HEARTH_TRY(read_trainer(message.within(*field), name, model));
    if (field->id == model_field::kNormalizer) HEARTH_TRY(read_normalizer(message.within(*field), model));
  }
  HEARTH_TRY(message.outcome());
  HEARTH_TRY(check_pieces(name, model));
  return model;
}

}  // namespace hearth
