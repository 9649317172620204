#include "apps/store/http.h"

#include <gtest/gtest.h>

namespace hearth::store {
namespace {

HttpHead head(std::map<std::string, std::string> headers) { return {200, std::move(headers)}; }

TEST(Http, ReadsWhichBytesCome) {
  EXPECT_EQ(content_range("bytes 5-9/10").begin, 5U);
  EXPECT_EQ(content_range("bytes 5-9/10").total, 10U);
  EXPECT_EQ(content_range("bytes */10").begin, std::nullopt);
  EXPECT_EQ(content_range("bytes */10").total, 10U);
  EXPECT_EQ(content_range("bytes 5-9/*").total, std::nullopt);
  for (const char* text : {"", "bytes", "bytes ", "items 5-9/10", "bytes -5/", "bytes x-9/ten",
                           "bytes 99999999999999999999-9/99999999999999999999"}) {
    EXPECT_EQ(content_range(text).begin, std::nullopt) << text;
    EXPECT_EQ(content_range(text).total, std::nullopt) << text;
  }
}

TEST(Http, TellsVersionsOfAFileApartByStrongTagsAndDates) {
  EXPECT_EQ(head({{"etag", "\"a\""}, {"last-modified", "Mon"}}).validator(), "\"a\"");
  EXPECT_EQ(head({{"etag", "W/\"a\""}, {"last-modified", "Mon"}}).validator(), "Mon");
  EXPECT_EQ(head({}).validator(), "");
}

TEST(Http, KnowsTheLengthOfWhatIsNotEncoded) {
  EXPECT_EQ(head({{"content-length", "7"}}).length(), 7U);
  EXPECT_EQ(head({{"content-length", "7"}, {"content-encoding", "gzip"}}).length(), std::nullopt);
  EXPECT_EQ(head({{"content-length", "-7"}}).length(), std::nullopt);
  EXPECT_EQ(head({{"retry-after", "100000"}}).retry_after(), std::chrono::seconds(60));
}

TEST(Http, TriesAgainOnlyWhatMayPass) {
  int tries = 0;
  const auto fail_with = [&tries](ErrorCode code) {
    return [&tries, code] { return Try{Error{code, "failed"}, ++tries < 3, {}}; };
  };
  const GoOn go_on = [](const std::string&) { return true; };
  EXPECT_EQ(with_retries(fail_with(ErrorCode::kServer), go_on).error().code, ErrorCode::kServer);
  EXPECT_EQ(tries, 1);
  const GoOn cancel = [](const std::string& message) { return message.empty(); };
  EXPECT_EQ(with_retries(fail_with(ErrorCode::kNetwork), cancel).error().code, ErrorCode::kAborted);
  EXPECT_EQ(tries, 2);
}

}  // namespace
}  // namespace hearth::store
