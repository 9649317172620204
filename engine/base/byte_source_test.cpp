#include "engine/base/byte_source.h"

#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>

namespace hearth {
namespace {

TEST(ByteSource, MapsAFileInPlace) {
  const auto path = std::filesystem::temp_directory_path() / "hearth_byte_source_test.bin";
  std::ofstream(path, std::ios::binary) << "hearth";
  const auto source = map_file(path);
  ASSERT_TRUE(source.ok()) << source.error().message;
  EXPECT_EQ((*source)->size(), 6U);
  EXPECT_EQ(static_cast<char>((*source)->mapped()[5]), 'h');
  std::filesystem::remove(path);
}

TEST(ByteSource, SaysWhichFileIsMissing) {
  const auto source = map_file("/no/such/model.gguf");
  ASSERT_FALSE(source.ok());
  EXPECT_EQ(source.error().code, ErrorCode::kNotFound);
  EXPECT_NE(source.error().message.find("/no/such/model.gguf"), std::string::npos);
}

TEST(ByteSource, RefusesReadsPastTheEndEvenWhenTheSumWouldWrap) {
  std::array<std::byte, 8> bytes{};
  const auto source = borrow_memory(bytes);
  std::array<std::byte, 4> into{};
  EXPECT_TRUE(source->read(4, into).ok());
  EXPECT_FALSE(source->read(5, into).ok());
  EXPECT_FALSE(source->read(UINT64_MAX - 1, into).ok());
}

TEST(ByteSource, ReportsAHostReadThatFails) {
  const auto source = read_with([](uint64_t offset, std::span<std::byte>) { return offset != 3; }, 8, "host");
  std::array<std::byte, 1> into{};
  EXPECT_TRUE(source->read(2, into).ok());
  const auto failed = source->read(3, into);
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().code, ErrorCode::kIo);
}

}  // namespace
}  // namespace hearth
