// Against public suites and real schemas (../shared/testdata/jsonschema and grammar): a verdict is right, or
// the schema is refused, which is counted here.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/base/testdata.h"
#include "engine/grammar/automaton.h"
#include "engine/grammar/json_schema.h"
#include "engine/grammar/program.h"

namespace hearth {
namespace {

using OrderedJson = nlohmann::ordered_json;

std::vector<std::string> lines_of(std::string_view name) {
  std::vector<std::string> lines;
  std::ifstream file(testing::testdata() / name);
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

/// Reads each schema once.
class SchemaVerdicts {
 public:
  /// Whether the schema allows the text; nothing where it is refused.
  std::optional<bool> allows(const std::string& schema, const std::string& text) {
    const auto [entry, is_new] = automata_.try_emplace(schema, nullptr);
    if (is_new) entry->second = read(schema);
    if (!entry->second) return std::nullopt;
    Automaton& automaton = *entry->second;
    ConfigurationId at = automaton.start();
    for (const char byte : text) at = automaton.next(at, static_cast<uint8_t>(byte));
    EXPECT_FALSE(automaton.overflowed()) << schema;
    return automaton.can_end(at);
  }
  const std::vector<std::string>& refusals() const { return refusals_; }

 private:
  std::unique_ptr<Automaton> read(const std::string& schema) {
    const Result<Grammar> grammar = read_json_schema(schema);
    if (!grammar.ok()) {
      refusals_.push_back(grammar.error().message);
      return nullptr;
    }
    return std::make_unique<Automaton>(compile_grammar(*grammar, nullptr).value(), INT32_MAX);
  }

  std::map<std::string, std::unique_ptr<Automaton>> automata_;
  std::vector<std::string> refusals_;
};

size_t count_with(const std::vector<std::string>& texts, std::string_view part) {
  return static_cast<size_t>(std::count_if(texts.begin(), texts.end(), [&](const std::string& text) {
    return text.find(part) != std::string::npos;
  }));
}

/// The instance as the line has it, numbers digit for digit.
std::string instance_text(const std::string& line) {
  const std::string begin = "\"instance\":";
  const size_t start = line.find(begin) + begin.size();
  return line.substr(start, line.rfind(",\"valid\":") - start);
}

TEST(JsonSchemaData, JudgesAsThePublicSuiteDoes) {
  HEARTH_REQUIRE_TESTDATA();
  SchemaVerdicts verdicts;
  size_t only_annotated = 0;
  for (const std::string& line : lines_of("jsonschema/suite.jsonl")) {
    const OrderedJson one = OrderedJson::parse(line);
    const bool valid = one["valid"].get<bool>();
    const std::optional<bool> allowed = verdicts.allows(one["schema"].dump(), instance_text(line));
    const std::string from = one["from"].get<std::string>();
    // The suite takes formats for annotations; those that are kept here reject.
    if (allowed && *allowed != valid && from.find("only an annotation by default") != std::string::npos) {
      ++only_annotated;
    } else if (allowed) {
      EXPECT_EQ(*allowed, valid) << line;
    } else {
      EXPECT_TRUE(!valid || count_with({verdicts.refusals().back()}, "uniqueItems") == 1) << line;
    }
  }
  EXPECT_EQ(only_annotated, 7);
  EXPECT_EQ(count_with(verdicts.refusals(), "no value keeps to this schema"), 7);
  EXPECT_EQ(count_with(verdicts.refusals(), "uniqueItems"), 2);
  EXPECT_EQ(verdicts.refusals().size(), 10);
}

TEST(JsonSchemaData, RefusesWhatLooksAtOtherKeywords) {
  HEARTH_REQUIRE_TESTDATA();
  SchemaVerdicts verdicts;
  for (const std::string& line : lines_of("jsonschema/suite-advanced.jsonl")) {
    const OrderedJson one = OrderedJson::parse(line);
    const std::optional<bool> allowed = verdicts.allows(one["schema"].dump(), instance_text(line));
    EXPECT_EQ(allowed.value_or(one["valid"].get<bool>()), one["valid"].get<bool>()) << line;
  }
  EXPECT_EQ(count_with(verdicts.refusals(), "unevaluated") + count_with(verdicts.refusals(), "$dynamicRef"),
            verdicts.refusals().size());
  EXPECT_EQ(verdicts.refusals().size(), 44);
}

// One of so many real schemas: address sanitizers make reading them some twenty times slower.
#if defined(__SANITIZE_ADDRESS__) || defined(__has_feature)
constexpr size_t kEvery = 8;
#else
constexpr size_t kEvery = 1;
#endif

TEST(JsonSchemaData, JudgesInstancesOfRealSchemas) {
  HEARTH_REQUIRE_TESTDATA();
  SchemaVerdicts verdicts;
  size_t number = 0;
  for (const std::string& line : lines_of("jsonschema/real.jsonl")) {
    if (number++ % kEvery != 0) continue;
    const OrderedJson one = OrderedJson::parse(line);
    for (const OrderedJson& instance : one["instances"]) {
      const bool valid = instance["valid"].get<bool>();
      for (const int indent : {-1, 2}) {
        const std::optional<bool> allowed =
            verdicts.allows(one["schema"].dump(), instance["value"].dump(indent));
        EXPECT_EQ(allowed.value_or(valid), valid) << one["from"] << ": " << instance;
      }
    }
  }
  if (kEvery > 1) return;
  EXPECT_EQ(count_with(verdicts.refusals(), "uniqueItems"), 5);
  EXPECT_EQ(verdicts.refusals().size(), 7);
}

TEST(JsonSchemaData, AllowsWhatLlamaCppAllows) {
  HEARTH_REQUIRE_TESTDATA();
  SchemaVerdicts verdicts;
  for (const std::string& line : lines_of("grammar/integration.jsonl")) {
    const OrderedJson one = OrderedJson::parse(line);
    if (one["kind"] != "schema") continue;
    const std::string schema = one["grammar"].get<std::string>();
    for (const std::string text : one["accept"]) {
      EXPECT_NE(verdicts.allows(schema, text), false) << one["from"] << ": " << text;
    }
    std::set<std::string> stricter;
    if (one.contains("stricter")) stricter = one["stricter"].get<std::set<std::string>>();
    for (const std::string text : one["reject"]) {
      if (stricter.contains(text)) continue;
      EXPECT_NE(verdicts.allows(schema, text), true) << one["from"] << ": " << text;
    }
  }
  EXPECT_EQ(verdicts.refusals().size(), 1);  // uniqueItems
}

}  // namespace
}  // namespace hearth
