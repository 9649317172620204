#include "engine/runtime/event_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "engine/runtime/scheduler_fixture.h"

namespace hearth {
namespace {

class EventJsonTest : public testing::SchedulerFixture {
 protected:
  /// The events of an answer.
  static std::vector<GenerationEvent> events_of(const GenerationRequest& asked) {
    const auto scheduler = make();
    const auto generation = testing::expect_value(scheduler->submit(asked));
    while (scheduler->step()) {
    }
    std::vector<GenerationEvent> events;
    while (auto event = generation->next()) events.push_back(std::move(*event));
    return events;
  }
};

TEST_F(EventJsonTest, HasALogprobForEachTokenOfTheAnswer) {
  GenerationRequest asked = request("Once upon a time", 20);
  asked.logprobs = 2;
  std::string bytes;
  std::string text;
  int32_t count = 0;
  for (const GenerationEvent& event : events_of(asked)) {
    text += event.text;
    const nlohmann::ordered_json json = event_json(event);
    for (const auto& token : json.value("logprobs", nlohmann::ordered_json::array())) {
      ++count;
      ASSERT_EQ(token["topLogprobs"].size(), 2U);
      EXPECT_EQ(token["topLogprobs"][0]["id"], token["id"]) << "greedy takes the likeliest";
      EXPECT_EQ(token["topLogprobs"][0]["logprob"], token["logprob"]);
      EXPECT_LE(token["topLogprobs"][1]["logprob"], token["logprob"]);
      for (const auto& byte : token["bytes"]) bytes += static_cast<char>(byte.get<int>());
    }
  }
  EXPECT_EQ(count, 20);
  EXPECT_EQ(bytes, text);
}

TEST_F(EventJsonTest, CountsTokensWhoseTextAStopStringKeepsBack) {
  GenerationRequest asked = request("Once upon a time", 20);
  asked.logprobs = 0;
  asked.stop = {"there"};
  size_t count = 0;
  int32_t tokens = 0;
  for (const GenerationEvent& event : events_of(asked)) {
    count += event.logprobs.size();
    tokens = event.usage.completion_tokens;
  }
  EXPECT_EQ(count, static_cast<size_t>(tokens));
}

TEST_F(EventJsonTest, TellsWhichStopStringEndedTheAnswer) {
  GenerationRequest asked = request("Once upon a time", 20);
  asked.stop = {"elsewhere", "there"};
  const std::vector<GenerationEvent> events = events_of(asked);
  EXPECT_TRUE(event_json(events.front()).empty());
  EXPECT_EQ(event_json(events.back()), nlohmann::ordered_json({{"stop", "there"}}));
}

TEST_F(EventJsonTest, IsEmptyWhereNobodyAskedForMore) {
  for (const GenerationEvent& event : events_of(request("Once upon a time", 5))) {
    EXPECT_TRUE(event_json(event).empty());
  }
}

TEST_F(EventJsonTest, TellsAtTheEndWhatSpeculationDid) {
  GenerationRequest asked = request("Lily saw a dog. Lily saw a dog. Lily saw", 30);
  asked.speculation = "lookup";
  const std::vector<GenerationEvent> events = events_of(asked);
  EXPECT_TRUE(event_json(events.front()).empty());
  const nlohmann::ordered_json speculation = event_json(events.back())["speculation"];
  EXPECT_EQ(speculation["draftedTokens"], events.back().usage.drafted_tokens);
  EXPECT_GE(speculation["draftedTokens"], speculation["acceptedTokens"]);
}

TEST(EventJson, OfPartsOfCharactersIsStillText) {
  GenerationEvent event;
  event.logprobs.emplace_back();
  event.logprobs[0].token = 7;
  event.logprobs[0].bytes = "\xE2\x96";
  const nlohmann::ordered_json token = event_json(event)["logprobs"][0];
  EXPECT_EQ(token["bytes"], nlohmann::ordered_json({0xE2, 0x96}));
  EXPECT_EQ(token["text"], "\xEF\xBF\xBD");
}

}  // namespace
}  // namespace hearth
