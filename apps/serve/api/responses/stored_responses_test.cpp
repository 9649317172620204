#include "apps/serve/api/responses/stored_responses.h"

#include <gtest/gtest.h>

namespace hearth::serve::responses {
namespace {

using nlohmann::ordered_json;
using namespace std::chrono_literals;

/// A turn that asks `text`, answered under the id.
std::shared_ptr<const Turn> turn(const std::string& id, const std::string& text = "a") {
  const ordered_json input = ordered_json::array({{{"id", "in_" + id}, {"type", "message"}, {"text", text}}});
  const ordered_json output = ordered_json::array({{{"id", "out_" + id}, {"type", "message"}}});
  return std::make_shared<const Turn>(Turn{input, {{"id", id}, {"output", output}}});
}

class StoredResponsesTest : public ::testing::Test {
 protected:
  StoredResponses stored_{{.responses = 3, .bytes = 10000, .time = 1h}};
  StoredResponses::Clock::time_point now_ = StoredResponses::Clock::now();
};

TEST_F(StoredResponsesTest, AreFoundWithAllTheirTurns) {
  const Turns first = {turn("a")};
  Turns second = first;
  second.push_back(turn("b"));
  stored_.keep("t", first, now_);
  stored_.keep("t", second, now_);
  EXPECT_EQ(stored_.find("t", "a", now_).size(), 1U);
  EXPECT_EQ(stored_.find("t", "b", now_).back()->response["id"], "b");
  EXPECT_EQ(stored_.find_item("t", "in_a", now_)["text"], "a");
  EXPECT_EQ(stored_.find_item("t", "out_b", now_)["id"], "out_b");
  EXPECT_TRUE(stored_.find_item("t", "out_c", now_).is_null());
}

TEST_F(StoredResponsesTest, BelongToTheirTenantAlone) {
  stored_.keep("t", {turn("a")}, now_);
  EXPECT_TRUE(stored_.find("u", "a", now_).empty());
  EXPECT_TRUE(stored_.find_item("u", "in_a", now_).is_null());
  EXPECT_FALSE(stored_.forget("u", "a"));
  EXPECT_TRUE(stored_.forget("t", "a"));
  EXPECT_TRUE(stored_.find("t", "a", now_).empty());
}

TEST_F(StoredResponsesTest, TheFirstAreForgottenWhereThereAreMany) {
  for (const char* id : {"a", "b", "c", "d"}) stored_.keep("t", {turn(id)}, now_);
  EXPECT_TRUE(stored_.find("t", "a", now_).empty());
  EXPECT_FALSE(stored_.find("t", "b", now_).empty());
}

TEST_F(StoredResponsesTest, TheFirstAreForgottenWhereTheyAreLarge) {
  stored_.keep("t", {turn("a", std::string(6000, 'x'))}, now_);
  stored_.keep("u", {turn("a", std::string(6000, 'x'))}, now_);
  stored_.keep("t", {turn("b", std::string(6000, 'x'))}, now_);
  EXPECT_TRUE(stored_.find("t", "a", now_).empty());
  EXPECT_FALSE(stored_.find("u", "a", now_).empty());
  EXPECT_FALSE(stored_.find("t", "b", now_).empty());
  stored_.keep("t", {turn("c", std::string(20000, 'x'))}, now_);
  EXPECT_TRUE(stored_.find("t", "c", now_).empty());
}

TEST_F(StoredResponsesTest, AreForgottenInTime) {
  stored_.keep("t", {turn("a")}, now_);
  EXPECT_FALSE(stored_.find("t", "a", now_ + 59min).empty());
  EXPECT_TRUE(stored_.find("t", "a", now_ + 61min).empty());
}

}  // namespace
}  // namespace hearth::serve::responses
