#include "engine/format/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <utility>

namespace hearth {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::byte> file_of(const std::string& header, size_t data) {
  const uint64_t length = header.size();
  std::vector<std::byte> bytes(sizeof length + length + data);
  std::memcpy(bytes.data(), &length, sizeof length);
  std::memcpy(bytes.data() + sizeof length, header.data(), length);
  return bytes;
}

Result<SafeTensors> parse(std::vector<std::byte> bytes) {
  return SafeTensors::parse(own_memory(std::move(bytes), "m"));
}

const std::string kTwo = R"({"__metadata__": {"format": "pt"},
  "a": {"dtype": "F16", "shape": [2, 3], "data_offsets": [0, 12]},
  "b": {"dtype": "F32", "shape": [1], "data_offsets": [12, 16]}})";

TEST(SafeTensors, SaysWhereEachTensorLies) {
  const auto file = parse(file_of(kTwo, 16));
  ASSERT_TRUE(file.ok()) << file.error().message;
  ASSERT_EQ(file->tensors().size(), 2U);
  const SafeTensor& b = file->tensors().at("b");
  EXPECT_EQ(b.type, BlockType::kF32);
  EXPECT_THAT(b.shape, ElementsAre(1));
  EXPECT_EQ(b.offset, 8 + kTwo.size() + 12);
  EXPECT_EQ(b.bytes, 4U);
}

TEST(SafeTensors, RefusesAHeaderThatLiesAndNamesTheTensor) {
  const auto tensor = [](const std::string& entry) { return "{\"a\": " + entry + "}"; };
  for (const auto& [header, reason] : {
           std::pair{tensor("3"), "tensor 'a': is not described"},
           {tensor(R"({"shape": [1], "data_offsets": [0, 4]})"), "'a': has no dtype"},
           {tensor(R"({"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]})"), "'a': its shape"},
           {tensor(R"({"dtype": "F32", "shape": [1.5], "data_offsets": [0, 4]})"), "'a': its shape"},
           {tensor(R"({"dtype": "F32", "shape": [1], "data_offsets": [0]})"), "'a': its data_offsets"},
           {tensor(R"({"dtype": "F32", "shape": [1], "data_offsets": [4, 0]})"),
            "'a': lies from byte 4 to 0"},
           {tensor(R"({"dtype": "F32", "shape": [2], "data_offsets": [0, 8]})"),
            "'a': lies from byte 0 to 8"},
           {tensor(R"({"dtype": "F32", "shape": [2], "data_offsets": [0, 4]})"), "'a': has 4 bytes"},
           {tensor(R"({"dtype": "F32", "shape": [9223372036854775808, 4, 2], "data_offsets": [0, 0]})"),
            "'a': has 0 bytes"},
           {tensor(R"({"dtype": "F16", "shape": [1], "data_offsets": [2, 4]})"), "'a': begins at byte"},
           {tensor(R"({"dtype": "F16", "shape": [1], "data_offsets": [0, 2]})"), "2 bytes behind"},
           {std::string("[]"), "no JSON object"},
           {std::string("{"), "no JSON object"},
       }) {
    const auto file = parse(file_of(header, 4));
    ASSERT_FALSE(file.ok()) << header;
    EXPECT_EQ(file.error().code, ErrorCode::kInvalidModel);
    EXPECT_THAT(file.error().message, HasSubstr(reason));
  }
}

TEST(SafeTensors, RefusesTypesThatGgufDoesNotHave) {
  const auto file = parse(file_of(R"({"a": {"dtype": "F8_E4M3", "shape": [4], "data_offsets": [0, 4]}})", 4));
  ASSERT_FALSE(file.ok());
  EXPECT_EQ(file.error().code, ErrorCode::kUnsupportedModel);
  EXPECT_THAT(file.error().message, HasSubstr("'F8_E4M3'"));
}

TEST(SafeTensors, RefusesAFileThatIsCutAnywhere) {
  const auto whole = file_of(kTwo, 16);
  for (size_t length = 0; length < whole.size(); ++length) {
    const auto cut = parse({whole.begin(), whole.begin() + static_cast<ptrdiff_t>(length)});
    ASSERT_FALSE(cut.ok()) << length;
    EXPECT_EQ(cut.error().code, ErrorCode::kInvalidModel);
  }
}

}  // namespace
}  // namespace hearth
