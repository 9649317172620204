#include "apps/serve/operation/trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace hearth::serve {
namespace {

using ::testing::MatchesRegex;

constexpr const char* kParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

TEST(Trace, GoesOnWithTheCallersAsAStepOfItsOwn) {
  const Trace trace = trace_of(kParent);
  EXPECT_EQ(trace.trace_id, "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(trace.parent_id, "b7ad6b7169203331");
  EXPECT_EQ(trace.flags, 1);
  EXPECT_THAT(trace.span_id, MatchesRegex("[0-9a-f]{16}"));
  EXPECT_NE(trace.span_id, trace.parent_id);
  EXPECT_EQ(trace.traceparent(), "00-0af7651916cd43dd8448eb211c80319c-" + trace.span_id + "-01");
}

TEST(Trace, BeginsWhereTheCallerHasNone) {
  const Trace trace = trace_of("");
  EXPECT_THAT(trace.traceparent(), MatchesRegex("00-[0-9a-f]{32}-[0-9a-f]{16}-00"));
  EXPECT_EQ(trace.parent_id, "");
  EXPECT_NE(trace.trace_id, trace_of("").trace_id);
}

TEST(Trace, TakesNothingOfAHeaderThatIsWrong) {
  for (const char* wrong : {
           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",      // no flags
           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",    // half of them
           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-",  // version 00 has no more
           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-011",
           "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01x",  // more begins with a dash
           "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",   // no version
           "0x-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
           "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",  // capitals
           "00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-01",
           "00-00000000000000000000000000000000-b7ad6b7169203331-01",  // zeros are no ids
           "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
           "00_0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331_01",
           " 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",
       }) {
    const Trace trace = trace_of(wrong);
    EXPECT_EQ(trace.parent_id, "") << wrong;
    EXPECT_NE(trace.trace_id, "0af7651916cd43dd8448eb211c80319c") << wrong;
    EXPECT_EQ(trace.flags, 0) << wrong;
  }
}

TEST(Trace, ReadsLaterVersionsAsFarAsItKnowsThem) {
  for (const char* later : {"01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-ff",
                            "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-comes-then"}) {
    const Trace trace = trace_of(later);
    EXPECT_EQ(trace.parent_id, "b7ad6b7169203331") << later;
    EXPECT_EQ(trace.flags, 1) << later;
    EXPECT_EQ(trace.traceparent().substr(0, 3), "00-");
  }
}

TEST(RequestId, IsTheClientsWhereThatCanDoNoHarm) {
  EXPECT_EQ(request_id_of("2f1e.A_b:c-9"), "2f1e.A_b:c-9");
  EXPECT_EQ(request_id_of(std::string(128, 'x')), std::string(128, 'x'));
  const std::string crlf = "a\r\nset-cookie: b";
  for (const std::string& wrong :
       {std::string(), std::string(129, 'x'), crlf, std::string("a b"), std::string("\x1b[2J"),
        std::string("caf\xc3\xa9"), std::string(1, '\0')}) {
    EXPECT_THAT(request_id_of(wrong), MatchesRegex("req_[0-9a-f]{32}"));
  }
  EXPECT_NE(request_id_of(""), request_id_of(""));
}

}  // namespace
}  // namespace hearth::serve
