#include "apps/serve/config/units.h"

#include <gtest/gtest.h>

namespace hearth::serve {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(Units, AreTimesAsPeopleWriteThem) {
  EXPECT_EQ(parse_duration("90"), seconds(90));
  EXPECT_EQ(parse_duration("0.25"), milliseconds(250));
  EXPECT_EQ(parse_duration("5m"), minutes(5));
  EXPECT_EQ(parse_duration("1h30m"), minutes(90));
  EXPECT_EQ(parse_duration("1.5s500ms"), seconds(2));
  EXPECT_EQ(parse_duration("2d"), hours(48));
  EXPECT_EQ(parse_duration("0"), seconds(0));
  EXPECT_EQ(parse_duration("-1"), kForever);
  EXPECT_EQ(parse_duration("-5m"), kForever);
  for (const char* wrong : {"", "-", "m", "5 m", "5m ", "5min", "5m3", "1e3", "--1", "+1", "nan", "inf", "5M",
                            "99999999999999999999d", "0x10"}) {
    EXPECT_EQ(parse_duration(wrong), std::nullopt) << wrong;
  }
}

TEST(Units, AreSizesAsPeopleWriteThem) {
  EXPECT_EQ(parse_byte_count("512"), ByteCount{512});
  EXPECT_EQ(parse_byte_count("512B"), ByteCount{512});
  EXPECT_EQ(parse_byte_count("8GiB"), ByteCount{8ULL << 30});
  EXPECT_EQ(parse_byte_count("1.5KiB"), ByteCount{1536});
  EXPECT_EQ(parse_byte_count("2GB"), ByteCount{2000000000});
  for (const char* wrong : {"", "GiB", "8 GiB", "8gib", "8G", "-1", "1e3", "99999999TiB", "8GiB8GiB"}) {
    EXPECT_EQ(parse_byte_count(wrong), std::nullopt) << wrong;
  }
}

TEST(Units, AreWrittenAsTheyAreRead) {
  for (const Duration time : {Duration(0), Duration(1), Duration(1500), Duration(90000), Duration(300000),
                              Duration(5400000), Duration(86400000), Duration(86400001), kForever}) {
    EXPECT_EQ(parse_duration(to_text(time)), time) << to_text(time);
  }
  EXPECT_EQ(to_text(Duration(minutes(5))), "5m");
  EXPECT_EQ(to_text(Duration(seconds(90))), "90s");
  for (const uint64_t bytes : {0ULL, 1ULL, 1000ULL, 1024ULL, 1536ULL, 8ULL << 30, (1ULL << 50) + 1}) {
    EXPECT_EQ(parse_byte_count(to_text(ByteCount{bytes})), ByteCount{bytes}) << bytes;
  }
  EXPECT_EQ(to_text(ByteCount{8ULL << 30}), "8GiB");
}

}  // namespace
}  // namespace hearth::serve
