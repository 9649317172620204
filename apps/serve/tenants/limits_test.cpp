#include "apps/serve/tenants/limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

namespace hearth::serve {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr Limits::Time kBegin{std::chrono::hours(1)};

ApiKey key_named(const std::string& id) {
  ApiKey key;
  key.id = id;
  return key;
}

using Verdict = std::variant<Limits::Admission, RateRefusal>;

bool is_admitted(const Verdict& verdict) { return std::holds_alternative<Limits::Admission>(verdict); }
const RateRefusal& refusal_in(const Verdict& verdict) { return std::get<RateRefusal>(verdict); }

TEST(Limits, LetAllInWhereThereAreNone) {
  Limits limits({});
  for (int i = 0; i < 1000; ++i) {
    const Verdict verdict = limits.admit(key_named("a"), 1 << 20, kBegin);
    ASSERT_TRUE(is_admitted(verdict));
    EXPECT_THAT(std::get<Limits::Admission>(verdict).report().headers(), IsEmpty());
  }
}

TEST(Limits, HoldEachKeyToItsRequestsInAMinute) {
  Limits limits({.requests_per_minute = 2});
  EXPECT_TRUE(is_admitted(limits.admit(key_named("a"), 0, kBegin)));
  EXPECT_TRUE(is_admitted(limits.admit(key_named("a"), 0, kBegin)));
  const Verdict refused = limits.admit(key_named("a"), 0, kBegin);
  ASSERT_FALSE(is_admitted(refused));
  EXPECT_EQ(refusal_in(refused).wait, seconds(30));
  EXPECT_EQ(refusal_in(refused).message, "this key may make 2 requests a minute; try again in 30s");
  EXPECT_TRUE(is_admitted(limits.admit(key_named("b"), 0, kBegin)));
  EXPECT_FALSE(is_admitted(limits.admit(key_named("a"), 0, kBegin + milliseconds(29999))));
  EXPECT_TRUE(is_admitted(limits.admit(key_named("a"), 0, kBegin + seconds(30))));
}

TEST(Limits, OfAKeyItselfComeBeforeTheServers) {
  Limits limits({.requests_per_minute = 1, .concurrency = 1});
  ApiKey free = key_named("free");
  free.requests_per_minute = 0;
  free.concurrency = 0;
  const Verdict first = limits.admit(free, 0, kBegin);
  EXPECT_TRUE(is_admitted(first));
  EXPECT_TRUE(is_admitted(limits.admit(free, 0, kBegin)));
}

TEST(Limits, CountRequestsAtOnceUntilTheyEnd) {
  Limits limits({.concurrency = 2});
  auto first = std::make_unique<Verdict>(limits.admit(key_named("a"), 0, kBegin));
  const Verdict second = limits.admit(key_named("a"), 0, kBegin);
  const Verdict third = limits.admit(key_named("a"), 0, kBegin);
  ASSERT_TRUE(is_admitted(*first) && is_admitted(second));
  ASSERT_FALSE(is_admitted(third));
  EXPECT_THAT(refusal_in(third).message, HasSubstr("2 requests running"));
  EXPECT_EQ(refusal_in(third).wait, seconds(1));
  const Verdict moved = std::move(*first);
  first.reset();
  EXPECT_FALSE(is_admitted(limits.admit(key_named("a"), 0, kBegin))) << "it goes on where it was moved to";
  std::get<Limits::Admission>(const_cast<Verdict&>(moved)).settle(0);
  EXPECT_FALSE(is_admitted(limits.admit(key_named("a"), 0, kBegin)))
      << "an answer that is counted still runs";
}

TEST(Limits, LetAPartOfARequestRunInItsPlace) {
  Limits limits({.requests_per_minute = 3, .concurrency = 1});
  EXPECT_TRUE(limits.has_place(key_named("a")));
  {
    const Verdict request = limits.admit(key_named("a"), 0, kBegin);
    EXPECT_FALSE(limits.has_place(key_named("a")));
    EXPECT_TRUE(limits.has_place(key_named("b")));
    EXPECT_TRUE(is_admitted(limits.admit(key_named("a"), 0, kBegin, Place::kOfItsRequest)));
    EXPECT_FALSE(limits.has_place(key_named("a"))) << "the end of a part is not that of its request";
    EXPECT_TRUE(is_admitted(limits.admit(key_named("a"), 0, kBegin, Place::kOfItsRequest)));
    EXPECT_FALSE(is_admitted(limits.admit(key_named("a"), 0, kBegin, Place::kOfItsRequest)))
        << "parts are requests of a minute, too";
  }
  EXPECT_TRUE(limits.has_place(key_named("a")));
}

TEST(Limits, ReserveTokensAndSettleWithWhatWasUsed) {
  Limits limits({.tokens_per_minute = 100});
  const auto left = [&] {
    const Verdict verdict = limits.admit(key_named("a"), 0, kBegin);
    return std::get<Limits::Admission>(verdict).report().tokens->remaining;
  };
  {
    Verdict verdict = limits.admit(key_named("a"), 80, kBegin);
    EXPECT_EQ(left(), 20);
    const Verdict refused = limits.admit(key_named("a"), 30, kBegin);
    ASSERT_FALSE(is_admitted(refused));
    EXPECT_EQ(refusal_in(refused).wait, seconds(6));
    EXPECT_THAT(refusal_in(refused).message, HasSubstr("100 tokens a minute, of which 20 are left"));
    std::get<Limits::Admission>(verdict).settle(10);
    EXPECT_EQ(left(), 90);
  }
  EXPECT_EQ(left(), 90);
  { const Verdict unsettled = limits.admit(key_named("a"), 50, kBegin); }
  EXPECT_EQ(left(), 40) << "where nobody says what was used, the estimate counts";
}

TEST(Limits, HaveLongAnswersPaidForAfterwards) {
  Limits limits({.tokens_per_minute = 100});
  {
    Verdict verdict = limits.admit(key_named("a"), 1000000, kBegin);
    ASSERT_TRUE(is_admitted(verdict)) << "a full minute's worth is all that anyone can wait for";
    std::get<Limits::Admission>(verdict).settle(300);
  }
  const Verdict refused = limits.admit(key_named("a"), 1, kBegin);
  ASSERT_FALSE(is_admitted(refused));
  EXPECT_EQ(refusal_in(refused).wait, milliseconds(120600));
}

TEST(Limits, TakeNothingForARequestThatIsRefused) {
  Limits limits({.requests_per_minute = 5, .tokens_per_minute = 10});
  const Verdict admitted = limits.admit(key_named("a"), 10, kBegin);
  for (int i = 0; i < 9; ++i) EXPECT_FALSE(is_admitted(limits.admit(key_named("a"), 5, kBegin)));
  const Verdict later = limits.admit(key_named("a"), 5, kBegin + seconds(30));
  ASSERT_TRUE(is_admitted(later));
  EXPECT_EQ(std::get<Limits::Admission>(later).report().requests->remaining, 4);
}

TEST(Limits, FollowTheirChanges) {
  Limits limits({.requests_per_minute = 1});
  EXPECT_TRUE(is_admitted(limits.admit(key_named("a"), 0, kBegin)));
  EXPECT_FALSE(is_admitted(limits.admit(key_named("a"), 0, kBegin)));
  limits.set_standard({.requests_per_minute = 3});
  EXPECT_TRUE(is_admitted(limits.admit(key_named("a"), 0, kBegin)));
  EXPECT_TRUE(is_admitted(limits.admit(key_named("a"), 0, kBegin)));
  EXPECT_FALSE(is_admitted(limits.admit(key_named("a"), 0, kBegin)));
  limits.set_standard({});
  EXPECT_TRUE(is_admitted(limits.admit(key_named("a"), 0, kBegin)));
}

TEST(Limits, ForgetKeysThatAreGone) {
  Limits limits({.requests_per_minute = 1});
  Verdict running = limits.admit(key_named("gone"), 0, kBegin);
  EXPECT_TRUE(is_admitted(limits.admit(key_named("here"), 0, kBegin)));
  limits.forget_others({{"here", nullptr}});
  EXPECT_TRUE(is_admitted(limits.admit(key_named("gone"), 0, kBegin)));
  EXPECT_FALSE(is_admitted(limits.admit(key_named("here"), 0, kBegin)));
  std::get<Limits::Admission>(running).settle(7);
}

TEST(Limits, AreToldAsOpenaiTellsThem) {
  Limits limits({.requests_per_minute = 60, .tokens_per_minute = 1000});
  const Verdict verdict = limits.admit(key_named("a"), 250, kBegin);
  EXPECT_THAT(
      std::get<Limits::Admission>(verdict).report().headers(),
      ElementsAre(Pair("x-ratelimit-limit-requests", "60"), Pair("x-ratelimit-remaining-requests", "59"),
                  Pair("x-ratelimit-reset-requests", "1s"), Pair("x-ratelimit-limit-tokens", "1000"),
                  Pair("x-ratelimit-remaining-tokens", "750"), Pair("x-ratelimit-reset-tokens", "15s")));
}

TEST(Limits, TellTimesAsOpenaiDoes) {
  EXPECT_EQ(reset_text(milliseconds(0)), "0s");
  EXPECT_EQ(reset_text(milliseconds(20)), "20ms");
  EXPECT_EQ(reset_text(seconds(1)), "1s");
  EXPECT_EQ(reset_text(milliseconds(8640)), "8.64s");
  EXPECT_EQ(reset_text(minutes(6)), "6m0s");
  EXPECT_EQ(reset_text(milliseconds(90500)), "1m30.5s");
  EXPECT_EQ(reset_text(minutes(61)), "1h1m0s");
}

}  // namespace
}  // namespace hearth::serve
