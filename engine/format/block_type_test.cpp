#include "engine/format/block_type.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "engine/base/testdata.h"

namespace hearth {
namespace {

TEST(BlockType, IsFoundByItsNumberAndByItsNameWhateverTheCase) {
  EXPECT_EQ(all_block_layouts().size(), 32U);
  for (const BlockLayout& layout : all_block_layouts()) {
    const auto by_number = find_block_layout(static_cast<uint32_t>(layout.type));
    ASSERT_TRUE(by_number.has_value()) << layout.name;
    EXPECT_EQ(by_number->name, layout.name);
    EXPECT_EQ(block_layout(layout.type).name, layout.name);
    EXPECT_EQ(find_block_type(layout.name), layout.type);
  }
  EXPECT_EQ(find_block_type("q4_k"), BlockType::kQ4_K);
}

TEST(BlockType, HasNoLayoutForNumbersThatGgmlWithdrewOrNeverGave) {
  for (const uint32_t number : {4U, 5U, 31U, 33U, 36U, 38U, 40U, 0x80000000U, 0xFFFFFFFFU}) {
    EXPECT_FALSE(find_block_layout(number).has_value()) << number;
  }
  EXPECT_FALSE(find_block_type("Q4_2").has_value());
  EXPECT_FALSE(find_block_type("").has_value());
}

TEST(BlockType, CountsTheBytesOfWholeBlocks) {
  EXPECT_EQ(bytes_of(BlockType::kF32, 3), 12U);
  EXPECT_EQ(bytes_of(BlockType::kQ4_0, 64), 36U);
  EXPECT_EQ(bytes_of(BlockType::kQ6_K, uint64_t{1} << 40), (uint64_t{1} << 32) * 210);
}

TEST(BlockType, AgreesWithGgmlOnNumbersAndSizes) {
  HEARTH_REQUIRE_TESTDATA();
  std::ifstream file(testing::testdata() / "dequantize/index.json");
  const auto index = nlohmann::json::parse(file);
  for (const auto& type : index["types"]) {
    const auto layout = find_block_layout(type["ggml_type"].get<uint32_t>());
    ASSERT_TRUE(layout.has_value()) << type;
    EXPECT_EQ(find_block_type(type["name"].get<std::string>()), layout->type) << type;
    EXPECT_EQ(layout->block_size, type["block_size"].get<uint32_t>()) << type;
    EXPECT_EQ(layout->block_bytes, type["type_size"].get<uint32_t>()) << type;
  }
}

}  // namespace
}  // namespace hearth
