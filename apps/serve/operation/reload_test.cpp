#include "apps/serve/operation/reload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hearth::serve {
namespace {

TEST(Reload, TakesWhatCanChangeAndNamesWhatCanNot) {
  ServerConfig running;
  ServerConfig wanted;
  wanted.port = 1;
  wanted.models.emplace_back().name = "new";
  wanted.limits.queue = 7;
  wanted.cors.origins = {"https://one.example"};
  wanted.workflows.folder = "/flows";
  EXPECT_THAT(take_changes(running, wanted), ::testing::ElementsAre("port", "models"));
  EXPECT_EQ(running.port, ServerConfig().port);
  EXPECT_TRUE(running.models.empty());
  EXPECT_EQ(running.limits, wanted.limits);
  EXPECT_EQ(running.cors, wanted.cors);
  EXPECT_EQ(running.workflows, wanted.workflows);
  EXPECT_THAT(take_changes(running, running), ::testing::IsEmpty());
}

}  // namespace
}  // namespace hearth::serve
