#include "engine/base/direct_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <vector>

namespace hearth {
namespace {

constexpr size_t kFileSize = 5 * 4096 + 100;

class DirectFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    write(kFileSize);
    mapped_ = std::move(*map_file(path_));
  }
  void TearDown() override { std::filesystem::remove(path_); }

  void write(size_t size) const {
    std::ofstream file(path_, std::ios::binary);
    for (size_t i = 0; i < size; ++i) file.put(static_cast<char>(i * 7 >> 3));
  }
  auto open() const { return mapped_->direct(std::make_shared<BackgroundReader>()); }
  /// Whether so many bytes are read as they are, `shift` behind the beginning of a block in memory.
  ::testing::AssertionResult reads(const ByteSource& file, uint64_t offset, size_t size, size_t shift) const {
    std::vector<std::byte> memory(size + 2 * file.block());
    const auto address = reinterpret_cast<uintptr_t>(memory.data());
    std::byte* const begin = memory.data() + (file.block() - address % file.block()) % file.block() + shift;
    const std::span<std::byte> into(begin, size);
    file.read_ahead(offset, into);
    const Result<void> read = file.read(offset, into);
    if (!read.ok()) return ::testing::AssertionFailure() << read.error().message;
    return std::equal(into.begin(), into.end(), mapped_->mapped().begin() + static_cast<ptrdiff_t>(offset))
               ? ::testing::AssertionSuccess()
               : ::testing::AssertionFailure() << "other bytes";
  }

  const std::string path_ = std::filesystem::temp_directory_path() / "hearth_direct_file_test.bin";
  std::shared_ptr<const ByteSource> mapped_;
};

TEST_F(DirectFileTest, ReadsBlocksAndWhatIsNone) {
  const auto opened = open();
  ASSERT_TRUE(opened.ok()) << opened.error().message;
  const ByteSource& file = **opened;
  EXPECT_TRUE(file.reads_ahead());
  EXPECT_EQ(file.size(), kFileSize);
  EXPECT_TRUE(reads(file, 4096, 8192, 0));
  EXPECT_TRUE(reads(file, 4096, kFileSize - 4096, 0)) << "to the end, which is within a block";
  EXPECT_TRUE(reads(file, 5, 5000, 0));
  EXPECT_TRUE(reads(file, 4096, 5000, 3));
}

TEST_F(DirectFileTest, FailsWhereTheFileHasBecomeShorter) {
  const auto opened = open();
  ASSERT_TRUE(opened.ok());
  std::filesystem::resize_file(path_, 4096);
  std::vector<std::byte> into(5000);
  const auto read = (*opened)->read(0, into);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().code, ErrorCode::kIo);
}

TEST_F(DirectFileTest, RefusesAnotherFileOfItsName) {
  std::filesystem::remove(path_);
  EXPECT_EQ(open().error().code, ErrorCode::kNotFound);
  std::ofstream(path_ + ".kept") << "so that the number is not taken again";
  write(kFileSize);
  const auto opened = open();
  ASSERT_FALSE(opened.ok());
  EXPECT_NE(opened.error().message.find("another file"), std::string::npos);
  std::filesystem::remove(path_ + ".kept");
}

}  // namespace
}  // namespace hearth
