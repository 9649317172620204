#include "apps/serve/api/option_members.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apps/serve/refusal.h"

namespace hearth::serve {
namespace {

using nlohmann::ordered_json;
using ::testing::HasSubstr;

ordered_json options_of(const char* text) {
  const ordered_json body = ordered_json::parse(text);
  ordered_json options = ordered_json::object();
  read_options(Members(body), kCommonOptions, options);
  return options;
}

Refusal refusal_of_options(const char* text) {
  try {
    options_of(text);
  } catch (const Refusal& refusal) {
    return refusal;
  }
  ADD_FAILURE() << text << " is taken";
  return Refusal(Error{ErrorCode::kInternal, ""});
}

TEST(OptionMembers, AreTheEnginesUnderTheirOwnNames) {
  EXPECT_EQ(options_of(R"({"top_k": 5, "repeat_last_n": -1, "stop": "x", "unknown": 1, "min_p": null})"),
            ordered_json::parse(R"({"topK": 5, "penaltyWindow": -1, "stop": "x"})"));
}

TEST(OptionMembers, TakeWhatOtherServersTakeForNone) {
  EXPECT_EQ(options_of(R"({"top_k": -1, "stop": ["", "a"], "grammar": "", "seed": 4294967295})"),
            ordered_json::parse(R"({"topK": 0, "seed": -1, "stop": ["a"]})"));
}

TEST(OptionMembers, TakeSamplersByNameAndByLetter) {
  const ordered_json expected = {{"samplers", {"topK", "typicalP", "temperature"}}};
  EXPECT_EQ(options_of(R"({"samplers": ["top_k", "typ_p", "typical_p", "unheard", "temperature"]})"),
            expected);
  EXPECT_EQ(options_of(R"({"samplers": "kyt"})"), expected);
}

TEST(OptionMembers, AWrongOneIsNamedAsTheRequestNamesIt) {
  const Refusal refusal = refusal_of_options(R"({"top_k": "many"})");
  EXPECT_EQ(refusal.status, 400);
  EXPECT_EQ(refusal.param, "top_k");
  EXPECT_THAT(refusal.message, HasSubstr("top_k: must be a whole number"));
  EXPECT_EQ(refusal_of_options(R"({"stop": [1]})").param, "stop");
  EXPECT_EQ(refusal_of_options(R"({"seed": 1.5})").param, "seed");
}

TEST(Members, AreCheckedAsTheyAreAskedFor) {
  const ordered_json body = ordered_json::parse(R"({"a": {"n": 3, "big": 18446744073709551615, "t": 1}})");
  const Members members(body);
  EXPECT_EQ(members.object("a").integer("n", 1, 5, 0), 3);
  EXPECT_EQ(members.object("none").integer("n", 1, 5, 7), 7);
  EXPECT_THROW(members.object("a").integer("n", 4, 5, 0), Refusal);
  EXPECT_THROW(members.object("a").integer("big", 0, INT64_MAX, 0), Refusal);
  EXPECT_THROW(members.array("a"), Refusal);
  try {
    (void)members.object("a").text("t");
    FAIL() << "a number is taken for a text";
  } catch (const Refusal& refusal) {
    EXPECT_EQ(refusal.param, "a.t");
  }
}

}  // namespace
}  // namespace hearth::serve
