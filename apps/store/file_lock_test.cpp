#include "apps/store/file_lock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <iterator>
#include <thread>
#include <vector>

#include "apps/store/store_testing.h"

namespace hearth::store {
namespace {

using std::chrono::milliseconds;

bool give_up(const std::string& /*holder*/) { return false; }
bool wait_on(const std::string& /*holder*/) { return true; }

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

class FileLockTest : public testing::Test {
 protected:
  TemporaryFolder folder_;
  std::filesystem::path path_ = folder_.path() / "m.gguf.lock";
};

TEST_F(FileLockTest, OneAtATimeHoldsIt) {
  std::atomic<int> inside = 0;
  std::atomic<int> most = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      const auto lock = FileLock::acquire(path_, wait_on);
      ASSERT_TRUE(lock.ok()) << lock.error().message;
      most = std::max<int>(most, ++inside);
      std::this_thread::sleep_for(milliseconds(5));
      --inside;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(most, 1);
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

TEST_F(FileLockTest, SaysWhoHoldsItAndLetsGiveUp) {
  const auto held = FileLock::acquire(path_, wait_on);
  ASSERT_TRUE(held.ok());
  std::string holder;
  const auto second = FileLock::acquire(path_, [&](const std::string& name) {
    holder = name;
    return false;
  });
  EXPECT_EQ(second.error().code, ErrorCode::kAborted);
  EXPECT_THAT(holder, testing::StartsWith("process " + std::to_string(getpid()) + " on "));
}

TEST_F(FileLockTest, IsTakenFromAProcessThatHasEnded) {
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto lock = FileLock::acquire(path_, wait_on);
    _exit(lock.ok() ? 0 : 1);  // nobody gives it back
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  ASSERT_TRUE(std::filesystem::exists(path_));
  EXPECT_TRUE(FileLock::acquire(path_, give_up).ok());
}

TEST_F(FileLockTest, IsTakenFromAnotherHostThatIsSilent) {
  write_text(path_, R"({"pid":1,"host":"elsewhere","space":"pid:[1]","token":"t"})");
  EXPECT_EQ(FileLock::acquire(path_, give_up).error().code, ErrorCode::kAborted);
  EXPECT_TRUE(FileLock::acquire(path_, wait_on, {milliseconds(5'000), milliseconds(300)}).ok());
}

TEST_F(FileLockTest, IsLeftToWhoGivesSignsOfLife) {
  const auto held = FileLock::acquire(path_, wait_on);
  const std::string text = text_of(path_);
  int signs = 0;
  const auto second = FileLock::acquire(path_,
                                        [&](const std::string& /*holder*/) {
                                          write_text(path_, text);
                                          return ++signs < 10;  // for far longer than the lease
                                        },
                                        {milliseconds(5'000), milliseconds(250)});
  EXPECT_EQ(second.error().code, ErrorCode::kAborted);
  EXPECT_EQ(signs, 10);
}

TEST_F(FileLockTest, NoticesThatItWasTakenAndLeavesItToWhoTookIt) {
  {
    const auto lock = FileLock::acquire(path_, wait_on, {milliseconds(10), milliseconds(30'000)});
    ASSERT_TRUE(lock->confirm().ok());
    std::filesystem::remove(path_);
    write_text(path_, "another's");
    EXPECT_EQ(lock->confirm().error().code, ErrorCode::kIo);
    while (!lock->is_lost()) std::this_thread::sleep_for(milliseconds(1));
  }
  EXPECT_EQ(text_of(path_), "another's");
}

}  // namespace
}  // namespace hearth::store
