#include "engine/format/sentence_piece.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <string>
#include <utility>

namespace hearth {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string varying(uint64_t number) {
  std::string bytes;
  for (; number > 0x7F; number >>= 7) bytes += static_cast<char>((number & 0x7F) | 0x80);
  return bytes + static_cast<char>(number);
}

std::string number_field(uint32_t id, uint64_t number) {
  return varying(uint64_t{id} << 3) + varying(number);
}

std::string bytes_field(uint32_t id, const std::string& bytes) {
  return varying(uint64_t{id} << 3 | 2) + varying(bytes.size()) + bytes;
}

std::string piece(const std::string& text, float score, uint64_t type) {
  std::string number(sizeof score, '\0');
  std::memcpy(number.data(), &score, sizeof score);
  return bytes_field(1, bytes_field(1, text) + varying(2 << 3 | 5) + number + number_field(3, type));
}

Result<SentencePieceModel> parse(const std::string& bytes) {
  const auto source = borrow_memory(std::as_bytes(std::span(bytes)), "tokenizer.model");
  return SentencePieceModel::parse(*source);
}

const std::string kPieces = piece("<unk>", 0, 2) + piece("<s>", 0, 3) + piece("ab", -1.5F, 1);
constexpr uint64_t kNone = std::numeric_limits<uint64_t>::max();  // -1

TEST(SentencePiece, HasPiecesAndHowTextsArePrepared) {
  const std::string trainer = number_field(3, 2) + number_field(41, 1) + number_field(42, kNone);
  const std::string normalizer =
      bytes_field(1, "identity") + bytes_field(2, "map") + number_field(3, 0) + number_field(4, 0);
  const auto model = parse(kPieces + bytes_field(2, trainer) + bytes_field(3, normalizer));
  ASSERT_TRUE(model.ok()) << model.error().message;
  ASSERT_EQ(model->pieces.size(), 3U);
  EXPECT_EQ(model->pieces[2].text, "ab");
  EXPECT_EQ(model->pieces[2].score, -1.5F);
  EXPECT_EQ(model->pieces[0].type, 2);
  EXPECT_FALSE(model->is_unigram);
  EXPECT_EQ(model->bos, 1);
  EXPECT_EQ(model->eos, -1);
  EXPECT_EQ(model->padding, -1);
  EXPECT_FALSE(model->adds_space || model->joins_spaces);
  EXPECT_THAT(model->character_map, ElementsAre('m', 'a', 'p'));
}

TEST(SentencePiece, HasTheDefaultsOfItsFormat) {
  const auto model = parse(kPieces);
  ASSERT_TRUE(model.ok()) << model.error().message;
  EXPECT_TRUE(model->is_unigram && model->adds_space && model->joins_spaces);
  EXPECT_EQ(model->unknown, 0);
  EXPECT_EQ(model->eos, 2);
}

TEST(SentencePiece, RefusesWhatEndsTooEarly) {
  const std::string last = piece("longer", -2, 1);
  for (size_t length = 1; length < last.size(); ++length) {
    const auto model = parse(kPieces + last.substr(0, length));
    ASSERT_FALSE(model.ok()) << length;
    EXPECT_EQ(model.error().code, ErrorCode::kInvalidModel);
    EXPECT_THAT(model.error().message, HasSubstr("tokenizer.model: is no SentencePiece model"));
  }
}

TEST(SentencePiece, RefusesWhatCannotBe) {
  for (const auto& bytes :
       {std::string(), piece("a", std::numeric_limits<float>::infinity(), 1), piece("a", 0, 7),
        piece("a", 0, kNone), std::string("\x08"), std::string("\x03"), number_field(1, 1)}) {
    const auto model = parse(bytes);
    ASSERT_FALSE(model.ok());
    EXPECT_EQ(model.error().code, ErrorCode::kInvalidModel);
  }
  const auto words = parse(kPieces + bytes_field(2, number_field(3, 3)));
  ASSERT_FALSE(words.ok());
  EXPECT_EQ(words.error().code, ErrorCode::kUnsupportedModel);
}

}  // namespace
}  // namespace hearth
