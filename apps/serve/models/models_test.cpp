#include "apps/serve/models/models.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>

#include "apps/serve/models/coroutine_testing.h"
#include "apps/serve/refusal.h"

namespace hearth::serve {
namespace {

using net::experimental::awaitable_operators::operator&&;
using nlohmann::ordered_json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kBundled = "models/hearth-spark.gguf";

class ModelsTest : public ::testing::Test {
 protected:
  void describe(const std::string& name, std::vector<std::string> aliases = {},
                Duration keep_alive = kForever) {
    ModelDescription description;
    description.name = name;
    description.aliases = std::move(aliases);
    description.source = kBundled;
    description.options = {{"threads", 1}};
    description.keep_alive = keep_alive;
    ASSERT_TRUE(catalog_.add(std::move(description)).ok());
  }

  Awaitable<std::unique_ptr<ModelUse>> use(std::string name) {
    return models_->use(std::move(name), imposed_);
  }

  std::string code_of(std::string name) {
    std::string code;
    run(io_, [&]() -> Awaitable<> {
      try {
        (void)co_await use(name);
      } catch (const Refusal& refusal) {
        code = std::string(error_code_name(refusal.code)) + ": " + refusal.message;
      }
    });
    return code;
  }

  std::vector<std::string> loaded() const {
    std::vector<std::string> names;
    for (const Models::State& state : models_->loaded()) names.push_back(state.description->name);
    return names;
  }

  /// What `name` answers, of a few tokens.
  Awaitable<std::string> answer_of(std::string name) {
    const auto model = co_await use(std::move(name));
    const ordered_json chat = {{"messages", {{{"role", "user"}, {"content", "What is 2+2?"}}}}};
    const ordered_json options = {{"temperature", 0}};
    const auto answer = co_await model->answer_chat(chat, options);
    std::string text;
    bool ended = false;
    while (!ended) {
      const StreamEvent event = co_await answer->next();
      text += event.text;
      ended = event.finish != HEARTH_FINISH_NONE;
    }
    co_return text;
  }

  net::io_context io_;
  net::thread_pool pool_{1};
  Catalog catalog_{pool_, kForever};
  std::unique_ptr<Models> models_ = std::make_unique<Models>(pool_, catalog_, 0);
  ordered_json imposed_ = ordered_json::object();
};

TEST_F(ModelsTest, AreLoadedOnceByAllWhoAskAtTheSameTime) {
  describe("a", {"the first"});
  run(io_, [&]() -> Awaitable<> {
    const auto [one, two] = co_await (use("a") && use("the first"));
    EXPECT_EQ(&one->info(), &two->info());
    EXPECT_EQ(models_->loaded().front().active, 2U);
  });
  EXPECT_THAT(loaded(), ElementsAre("a"));
  EXPECT_EQ(models_->loaded().front().active, 0U);
}

TEST_F(ModelsTest, AnswerAtTheSameTime) {
  describe("a");
  describe("b");
  run(io_, [&]() -> Awaitable<> {
    const auto [one, two] = co_await (answer_of("a") && answer_of("b"));
    EXPECT_THAT(one, HasSubstr("4"));
    EXPECT_EQ(one, two);
  });
}

TEST_F(ModelsTest, ThatAreAskedForByNoNameAreTheDefault) {
  describe("a");
  describe("b");
  EXPECT_EQ(code_of(""), "");
  EXPECT_THAT(loaded(), ElementsAre("a"));
  ASSERT_TRUE(catalog_.set_default("b").ok());
  EXPECT_EQ(code_of(""), "");
  EXPECT_THAT(loaded(), ElementsAre("a", "b"));
  EXPECT_EQ(code_of("gpt-3.5-turbo"), "");
  EXPECT_EQ(code_of("davinci-002"), "");
  EXPECT_FALSE(catalog_.set_default("c").ok());
}

TEST_F(ModelsTest, ThatThereAreNotAreToldWithThoseThatThereAre) {
  describe("a");
  EXPECT_EQ(code_of("../a"), "NOT_FOUND: there is no model '../a'; there is 'a'");
  EXPECT_EQ(code_of("a:latest"), "");
  const Result<void> taken = catalog_.add([] {
    ModelDescription again;
    again.name = "b";
    again.aliases = {"a"};
    return again;
  }());
  ASSERT_FALSE(taken.ok());
  EXPECT_EQ(taken.error().message, "there are two models called 'a'");
}

TEST_F(ModelsTest, MakeRoomForOthersWhereNobodyWorksWithThem) {
  describe("a");
  describe("b");
  run(io_, [&]() -> Awaitable<> { (void)co_await use("a"); });
  const uint64_t memory = models_->loaded().front().model->memory();
  models_ = std::make_unique<Models>(pool_, catalog_, memory + memory / 2);
  run(io_, [&]() -> Awaitable<> {
    std::vector<std::string> order;
    const auto note = [&](std::string name) -> Awaitable<> {
      (void)co_await use(name);
      order.push_back(name);
    };
    // While it is at work, the other one waits, and so does who comes for it later.
    const auto work = [&]() -> Awaitable<> {
      const auto at_work = co_await use("a");
      net::co_spawn(io_, note("b"), net::detached);
      while (models_->waiting_for_room() == 0) co_await net::post(io_, net::use_awaitable);
      net::co_spawn(io_, note("a"), net::detached);
      for (int turn = 0; turn < 100; ++turn) co_await net::post(io_, net::use_awaitable);
      EXPECT_THAT(order, ElementsAre());
    };
    co_await work();
    while (order.size() < 2) co_await net::post(io_, net::use_awaitable);
    EXPECT_THAT(order, ElementsAre("b", "a"));
  });
  EXPECT_THAT(loaded(), ElementsAre("a"));
}

TEST_F(ModelsTest, ThatNeverFitAreRefused) {
  describe("a");
  models_ = std::make_unique<Models>(pool_, catalog_, 1 << 20);
  EXPECT_THAT(code_of("a"), HasSubstr("OUT_OF_MEMORY"));
}

TEST_F(ModelsTest, ThatNobodyAsksForAreUnloadedWhenTheirTimeIsUp) {
  describe("short", {}, Duration(0));
  describe("long");
  EXPECT_EQ(code_of("short") + code_of("long"), "");
  net::co_spawn(io_, models_->tend(), [](std::exception_ptr) {});
  while (loaded().size() > 1) io_.run_one();
  EXPECT_THAT(loaded(), ElementsAre("long"));
}

TEST_F(ModelsTest, AreKnownNoLongerWhenTheyAreRemoved) {
  describe("a");
  describe("b");
  EXPECT_EQ(code_of("a"), "");
  models_->remove("a");
  EXPECT_THAT(loaded(), ElementsAre());
  EXPECT_THAT(code_of("a"), HasSubstr("NOT_FOUND"));
  EXPECT_EQ(code_of("b"), "");
}

TEST_F(ModelsTest, AreUnloadedAfterLoadingWhereTheyAreRemovedMeanwhile) {
  describe("a");
  bool has_ended = false;
  net::co_spawn(io_, use("a"), [&](std::exception_ptr, std::unique_ptr<ModelUse>) { has_ended = true; });
  io_.poll();
  ASSERT_FALSE(has_ended);
  models_->remove("a");
  while (!has_ended) io_.run_one();
  EXPECT_THAT(loaded(), ElementsAre("a"));  // what has begun goes on
  io_.restart();
  net::co_spawn(io_, models_->tend(), [](std::exception_ptr) {});
  while (!loaded().empty()) io_.run_one();
}

TEST_F(ModelsTest, EndTheirRequestsBeforeTheyAreUnloaded) {
  describe("a");
  run(io_, [&]() -> Awaitable<> {
    const auto model = co_await use("a");
    EXPECT_TRUE(models_->unload("a"));
    EXPECT_FALSE(models_->unload("a"));
    const std::vector<int32_t> tokens = co_await model->tokenize("Hello", false, false);
    EXPECT_FALSE(tokens.empty());
  });
  EXPECT_TRUE(loaded().empty());
}

TEST_F(ModelsTest, ThatCantBeLoadedSayWhy) {
  ModelDescription description;
  description.name = "missing";
  description.source = "models/missing.gguf";
  ASSERT_TRUE(catalog_.add(description).ok());
  EXPECT_THAT(code_of("missing"), HasSubstr("NOT_FOUND: "));
  EXPECT_THAT(code_of("missing"), HasSubstr("models/missing.gguf"));
}

}  // namespace
}  // namespace hearth::serve
