#include "engine/runtime/registry.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

namespace hearth {
namespace {

using nlohmann::json;

/// A registry with its requests by their models' names, which the cases' steps use.
class Steps {
 public:
  explicit Steps(const json& test)
      : registry_(test.value("budget", UINT64_MAX),
                  test.contains("default") ? std::optional<std::string>(test["default"]) : std::nullopt) {}

  void run(const json& step) {
    EXPECT_EQ(outcome_of(step), step.value("error", step.value("to", "")));
    if (step.contains("models")) {
      json names = json::array();
      for (const Registry::Entry& entry : registry_.entries()) names.push_back(entry.name);
      EXPECT_EQ(names, step["models"]);
    }
    if (step.contains("current")) {
      EXPECT_EQ(registry_.current() == nullptr ? json() : json(registry_.current()->name), step["current"]);
    }
  }

 private:
  /// The error, the model that a request went to, or nothing.
  std::string outcome_of(const json& step) {
    if (step.contains("begin")) return begin(step["begin"]);
    if (step.contains("add")) return add(step["add"], step["memory"]);
    if (step.contains("remove")) return error_of(registry_.remove(step["remove"].get<std::string>()));
    if (step.contains("use")) return error_of(registry_.use(step["use"].get<std::string>()));
    auto& requests = requests_[step.value("end", step.value("end first", ""))];
    const auto ended = step.contains("end") ? requests.end() - 1 : requests.begin();
    registry_.end(*ended);
    requests.erase(ended);
    return "";
  }

  /// What is to be unloaded is what is there no longer.
  std::string add(const std::string& name, uint64_t memory) {
    const size_t before = registry_.entries().size();
    const auto unloaded = registry_.add(name, memory);
    if (!unloaded.ok()) return error_of(unloaded);
    for (const std::string& other : *unloaded) {
      for (const Registry::Entry& entry : registry_.entries()) EXPECT_NE(entry.name, other);
    }
    EXPECT_EQ(registry_.entries().size(), before + 1 - unloaded->size());
    return "";
  }

  std::string begin(const json& name) {
    std::optional<std::string> wanted;
    if (name.is_string()) wanted = name;
    const auto entry = registry_.begin(wanted);
    if (!entry.ok()) return error_of(entry);
    requests_[(*entry)->name].push_back((*entry)->id);
    return (*entry)->name;
  }

  template <typename T>
  static std::string error_of(const Result<T>& result) {
    if (result.ok()) return "";
    return fmt::format("{}: {}", error_code_name(result.error().code), result.error().message);
  }

  Registry registry_;
  std::map<std::string, std::vector<uint64_t>> requests_;
};

TEST(Registry, DoesInEveryCaseWhatTypeScriptsDoes) {
  std::ifstream file("engine/runtime/registry_cases.json");
  ASSERT_TRUE(file.good()) << "run the tests in the project's root";
  const json cases = json::parse(file)["cases"];
  for (const json& test : cases) {
    SCOPED_TRACE(test["name"]);
    Steps steps(test);
    for (const json& step : test["steps"]) {
      SCOPED_TRACE(step);
      steps.run(step);
    }
  }
}

TEST(Registry, RefusesASecondModelOfAName) {
  Registry registry;
  EXPECT_TRUE(registry.add("a", 1).ok());
  const auto again = registry.add("a", 1);
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(again.error().message, "a model named 'a' is loaded already");
}

TEST(Registry, SizesThatNoSumHoldsAreAboveEveryBudget) {
  Registry registry(UINT64_MAX - 1);
  EXPECT_TRUE(registry.add("a", UINT64_MAX - 2).ok());
  ASSERT_TRUE(registry.begin("a").ok());
  EXPECT_EQ(registry.add("b", UINT64_MAX - 2).error().code, ErrorCode::kOutOfMemory);
  registry.end(registry.entries().front().id);
  EXPECT_EQ(*registry.add("b", UINT64_MAX - 2), std::vector<std::string>{"a"});
}

TEST(Registry, AnEndWithoutARequestChangesNothing) {
  Registry registry(10);
  EXPECT_TRUE(registry.add("a", 10).ok());
  registry.end(registry.entries().front().id);
  registry.end(12345);
  EXPECT_EQ(registry.entries().front().active, 0);
}

}  // namespace
}  // namespace hearth
