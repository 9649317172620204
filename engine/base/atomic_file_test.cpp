#include "engine/base/atomic_file.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

namespace hearth {
namespace {

class AtomicFileTest : public ::testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string content() const {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  size_t files_in_folder() const {
    return std::distance(std::filesystem::directory_iterator(folder_), std::filesystem::directory_iterator());
  }

  std::filesystem::path folder_ = std::filesystem::temp_directory_path() / "hearth_atomic_file_test";
  std::filesystem::path path_ = folder_ / "file";
};

std::span<const std::byte> bytes_of_text(std::string_view text) { return std::as_bytes(std::span(text)); }

TEST_F(AtomicFileTest, ReplacesTheOldContentOnlyOnCommit) {
  std::ofstream(path_) << "old";
  auto file = AtomicFile::create(path_);
  ASSERT_TRUE(file.ok()) << file.error().message;
  ASSERT_TRUE(file->append(bytes_of_text("ne")).ok());
  ASSERT_TRUE(file->append(bytes_of_text("w")).ok());
  EXPECT_EQ(content(), "old");
  ASSERT_TRUE(file->commit().ok());
  EXPECT_EQ(content(), "new");
  EXPECT_EQ(files_in_folder(), 1U);
}

TEST_F(AtomicFileTest, LeavesNothingBehindWithoutCommit) {
  {
    auto file = AtomicFile::create(path_);
    ASSERT_TRUE(file.ok()) << file.error().message;
    ASSERT_TRUE(file->append(bytes_of_text("half")).ok());
  }
  EXPECT_EQ(files_in_folder(), 0U);
}

TEST_F(AtomicFileTest, SaysWhichFolderIsMissing) {
  const auto file = AtomicFile::create(folder_ / "no" / "file");
  ASSERT_FALSE(file.ok());
  EXPECT_EQ(file.error().code, ErrorCode::kNotFound);
  EXPECT_NE(file.error().message.find("hearth_atomic_file_test/no"), std::string::npos);
}

}  // namespace
}  // namespace hearth
