// Documents, made of what a reader of YAML hands over.
#include "engine/workflow/document/document.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "engine/text/json_text.h"
#include "engine/workflow/workflow_testing.h"

namespace hearth::workflow {
namespace {

using testing::document_of;
using testing::Json;

std::string fault_of(const std::string& yaml) {
  const Result<Json> events = yaml_events(yaml, "f.yaml");
  if (!events.ok()) return events.error().message;
  const Result<Element> document = compose(*events, "f.yaml");
  return document.ok() ? "" : document.error().message;
}

TEST(Document, PlainScalarsHaveTheTypesOfYaml12) {
  const Json read = document_of(R"(
[1, -2, 0x1F, 0o17, 017, 1.5, .5, 1e3, 1., true, True, no, on, null, ~, "1", '1', 2024-01-01, .inf, +3,
 123456789012345678901234567890, !!str 5, 12:30, =])")
                        .json();
  Json expected =
      Json::parse(R"([1, -2, 31, 15, 17, 1.5, 0.5, 1000.0, 1.0, true, true, "no", "on", null, null, "1", "1",
    "2024-01-01", ".inf", 3])");
  expected.push_back(json_integer("123456789012345678901234567890"));
  for (const char* text : {"5", "12:30", "="}) expected.push_back(text);
  EXPECT_EQ(read, expected);
}

TEST(Document, PlacesAreOfTheText) {
  const Element document = document_of("a:\n  - x\n  - é: {b: 1}\n");
  EXPECT_EQ(document.members[0].place, (Place{1, 1}));
  EXPECT_EQ(document.find("a")->items[0].place, (Place{2, 5}));
  EXPECT_EQ(document.find("a")->items[1].members[0].value.place, (Place{3, 8}));
}

TEST(Document, AnchorsAreCopiedAndMerged) {
  EXPECT_EQ(document_of("base: &b {x: 1, y: 2}\nmore: {<<: *b, y: 3}\nsame: *b\n").json(),
            Json::parse(R"({"base": {"x": 1, "y": 2}, "more": {"y": 3, "x": 1}, "same": {"x": 1, "y": 2}})"));
  EXPECT_EQ(document_of("{<<: [{a: 1}, {a: 2, b: 2}], c: 3}").json(),
            Json::parse(R"({"c": 3, "a": 1, "b": 2})"));
}

TEST(Document, RefusesWhatIsNoData) {
  EXPECT_EQ(fault_of("a: !!python/object:os.system x").substr(0, 12), "f.yaml:1:4: ");
  EXPECT_EQ(fault_of("a: 1\nb: 2\na: 3"), "f.yaml:3:1: the key 'a' is there twice");
  EXPECT_EQ(fault_of("? [a]\n: 1"), "f.yaml:1:3: a key must be a text");
  EXPECT_EQ(fault_of("a: [1, 2").substr(0, 7), "f.yaml:");
  EXPECT_EQ(fault_of("a\n---\nb").substr(0, 12), "f.yaml:1:1: ");
}

TEST(Document, ABombIsRefused) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 10; ++i) {
    bomb += fmt::format("a{}: &a{} [", i, i);
    for (int j = 0; j < 10; ++j) bomb += fmt::format("{}*a{}", j == 0 ? "" : ", ", i - 1);
    bomb += "]\n";
  }
  EXPECT_THAT(fault_of(bomb), ::testing::HasSubstr("more than 1000000 values"));
  EXPECT_THAT(fault_of(std::string(150, '[') + std::string(150, ']')),
              ::testing::HasSubstr("nested more than 100 deep"));
}

TEST(Document, WhoHandsOverNoEventsIsTold) {
  for (const char* events :
       {"1", "[1]", "[[]]", R"([["]"]])", R"([["{",1,1]])", R"([["=",1,1,"a"],["=",1,1,"a"]])"}) {
    EXPECT_FALSE(compose(Json::parse(events), "x").ok()) << events;
  }
}

}  // namespace
}  // namespace hearth::workflow
