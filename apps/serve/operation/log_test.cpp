#include "apps/serve/operation/log.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

namespace hearth::serve {
namespace {

TEST(Log, WritesValuesThatCanNotBeTakenForMore) {
  const Log::Fields fields = {{"path", "/v1/x"}, {"status", 200}, {"model", "a b=c\nd \"e\""}};
  EXPECT_EQ(log_line(false, "T", LogLevel::kInfo, "request", fields),
            "T info    request path=/v1/x status=200 model=\"a b=c\\nd \\\"e\\\"\"\n");
  EXPECT_EQ(log_line(true, "T", LogLevel::kError, "request", fields),
            "{\"time\":\"T\",\"level\":\"error\",\"message\":\"request\",\"path\":\"/v1/x\",\"status\":200,"
            "\"model\":\"a b=c\\nd \\\"e\\\"\"}\n");
}

class LogToPipe : public ::testing::Test {
 protected:
  LogToPipe() { EXPECT_EQ(pipe(ends_), 0); }
  ~LogToPipe() override {
    for (const int end : ends_) close(end);
  }

  std::string read_some() {
    std::string text(65536, '\0');
    const ssize_t size = ::read(ends_[0], text.data(), text.size());
    text.resize(size > 0 ? static_cast<size_t>(size) : 0);
    return text;
  }

  int ends_[2] = {};
};

TEST_F(LogToPipe, TellsWhatItsLevelAsksFor) {
  LogSettings settings;
  settings.level = "warning";
  Log log(settings, ends_[1]);
  log.say(LogLevel::kInfo, "one");
  log.say(LogLevel::kWarning, "two");
  EXPECT_NE(read_some().find(" warning two\n"), std::string::npos);
  settings.level = "debug";
  log.configure(settings);
  EXPECT_TRUE(log.tells(LogLevel::kDebug));
}

TEST_F(LogToPipe, LeavesOutAndCountsWhatHasNoRoom) {
  Log log(LogSettings{}, ends_[1]);
  const std::string message(1000, 'x');
  for (int i = 0; i < 1000; ++i) log.say(LogLevel::kInfo, message);
  EXPECT_GT(read_some().size(), message.size());  // it is a pipe of 64 KiB: room again
  log.say(LogLevel::kInfo, "again");
  const std::string last = read_some();
  EXPECT_NE(last.find("some of the log had no room lines="), std::string::npos) << last;
  EXPECT_NE(last.find("info    again\n"), std::string::npos);
}

}  // namespace
}  // namespace hearth::serve
