#include "engine/base/atomic_file.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <string>
#include <thread>

namespace hearth {
namespace {

class AtomicFileTest : public ::testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string content() const { return content_of(path_); }
  static std::string content_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  size_t files_in_folder() const {
    return std::distance(std::filesystem::directory_iterator(folder_), std::filesystem::directory_iterator());
  }

  std::filesystem::path folder_ = std::filesystem::temp_directory_path() / "hearth_atomic_file_test";
  std::filesystem::path path_ = folder_ / "file";
};

std::span<const std::byte> bytes_of_text(std::string_view text) { return std::as_bytes(std::span(text)); }

Result<void> write_all(const std::filesystem::path& path, std::string_view text) {
  HEARTH_ASSIGN(AtomicFile file, AtomicFile::create(path));
  HEARTH_TRY(file.append(bytes_of_text(text)));
  return file.commit();
}

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
  EXPECT_NE(file.error().message.find("hearth_atomic_file_test/no/file: "), std::string::npos);
}

TEST_F(AtomicFileTest, ReplacesWhatALinkLeadsTo) {
  std::filesystem::create_directory(folder_ / "other");
  std::ofstream(folder_ / "other" / "target") << "old";
  std::filesystem::create_symlink("other/target", folder_ / "between");
  std::filesystem::create_symlink("between", path_);
  ASSERT_TRUE(write_all(path_, "new").ok());
  EXPECT_TRUE(std::filesystem::is_symlink(path_));
  EXPECT_EQ(content_of(folder_ / "other" / "target"), "new");
}

TEST_F(AtomicFileTest, MakesWhatALinkLeadsToWhereThereIsNothingYet) {
  std::filesystem::create_symlink("target", path_);
  ASSERT_TRUE(write_all(path_, "new").ok());
  EXPECT_TRUE(std::filesystem::is_symlink(path_));
  EXPECT_EQ(content_of(folder_ / "target"), "new");
  std::filesystem::create_symlink("circle", folder_ / "circle");
  EXPECT_FALSE(write_all(folder_ / "circle", "new").ok());
}

TEST_F(AtomicFileTest, WritesIntoAPipeAndLeavesItOne) {
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  std::string read;
  std::thread reader([&] { read = content(); });
  const auto written = write_all(path_, "through");
  reader.join();
  ASSERT_TRUE(written.ok()) << written.error().message;
  EXPECT_EQ(read, "through");
  EXPECT_TRUE(std::filesystem::is_fifo(path_));
  EXPECT_EQ(files_in_folder(), 1U);
}

TEST_F(AtomicFileTest, WritesToADeviceAndSaysWhatItHasAgainstThat) {
  EXPECT_TRUE(write_all("/dev/null", "nowhere").ok());
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
  const auto full = write_all("/dev/full", "no room");
  ASSERT_FALSE(full.ok());
  EXPECT_EQ(full.error().code, ErrorCode::kIo);
  EXPECT_EQ(full.error().message, "/dev/full: cannot write to it: No space left on device");
}

TEST_F(AtomicFileTest, RefusesWhatHoldsNoBytes) {
  const auto folder = AtomicFile::create(folder_);
  ASSERT_FALSE(folder.ok());
  EXPECT_EQ(folder.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(folder.error().message.find("is a folder"), std::string::npos);

  const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path_.string().copy(address.sun_path, sizeof(address.sun_path) - 1);
  ASSERT_EQ(bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  EXPECT_FALSE(AtomicFile::create(path_).ok());
  EXPECT_TRUE(std::filesystem::is_socket(path_));
  close(socket);
}

TEST_F(AtomicFileTest, KeepsThePermissionsOfWhatItReplaces) {
  std::ofstream(path_) << "secret";
  std::filesystem::permissions(path_,
                               std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  ASSERT_TRUE(write_all(path_, "new secret").ok());
  EXPECT_EQ(std::filesystem::status(path_).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(AtomicFileTest, GivesANewFileThePermissionsThatAreAskedFor) {
  constexpr auto kOwnerOnly = std::filesystem::perms::owner_read | std::filesystem::perms::owner_write;
  auto file = AtomicFile::create(path_, kOwnerOnly);
  ASSERT_TRUE(file.ok()) << file.error().message;
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    EXPECT_EQ(entry.status().permissions(), kOwnerOnly) << "while it is written";
  }
  ASSERT_TRUE(file->commit().ok());
  EXPECT_EQ(std::filesystem::status(path_).permissions(), kOwnerOnly);
}

TEST_F(AtomicFileTest, LeavesAFileAloneThatMayNotBeWritten) {
  if (geteuid() == 0) GTEST_SKIP() << "the superuser may write any file";
  std::ofstream(path_) << "kept";
  std::filesystem::permissions(path_, std::filesystem::perms::owner_read);
  EXPECT_FALSE(write_all(path_, "new").ok());
  EXPECT_EQ(content(), "kept");
}

TEST_F(AtomicFileTest, TwoThatAreWrittenAtOnceDoNotMeet) {
  auto first = AtomicFile::create(path_);
  auto second = AtomicFile::create(path_);
  ASSERT_TRUE(first.ok() && second.ok());
  ASSERT_TRUE(first->append(bytes_of_text("first")).ok());
  ASSERT_TRUE(second->append(bytes_of_text("the second")).ok());
  EXPECT_TRUE(first->commit().ok());
  EXPECT_EQ(content(), "first");
  EXPECT_TRUE(second->commit().ok());
  EXPECT_EQ(content(), "the second");
  EXPECT_EQ(files_in_folder(), 1U);
}

}  // namespace
}  // namespace hearth
