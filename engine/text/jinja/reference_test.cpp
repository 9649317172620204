// The interpreter against the shared reference data: unit cases, whitespace cases and real chat templates.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "engine/base/testdata.h"
#include "engine/text/jinja/testing.h"

namespace hearth::jinja {
namespace {

using nlohmann::ordered_json;

std::filesystem::path data() { return hearth::testing::testdata() / "chat-templates"; }

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  EXPECT_TRUE(file.good()) << path;
  return bytes.str();
}

ordered_json read_json(const std::filesystem::path& path) {
  return ordered_json::parse(read_file(path), nullptr, false);
}

TEST(JinjaReference, UnitCasesMatch) {
  HEARTH_REQUIRE_TESTDATA();
  const ordered_json cases = read_json(data() / "jinja-cases.json");
  ASSERT_EQ(cases.size(), 269U);
  for (const auto& test : cases) {
    EXPECT_EQ(testing::render(test["template"].get<std::string>(), test["vars"]), test["expected"])
        << test["group"] << ": " << test["name"] << "\n"
        << test["template"];
  }
}

/// reference_cases.json holds small templates and what Python's Jinja makes of them, null where it refuses
/// them; tools/chat_template_oracle/render.py --cases fills it in.
TEST(JinjaReference, SmallTemplatesRenderAsInPython) {
  const ordered_json cases = read_json("engine/text/jinja/reference_cases.json");
  ASSERT_FALSE(cases.is_discarded()) << "run the tests in the project's root";
  for (const auto& test : cases["cases"]) {
    const std::string source = test["template"].get<std::string>();
    const Result<Text> text = testing::render_text(source, cases["variables"]);
    if (test["expected"].is_null()) {
      EXPECT_FALSE(text.ok()) << source << "\nrenders " << text->bytes();
    } else {
      ASSERT_TRUE(text.ok()) << source << "\n" << text.error().message;
      EXPECT_EQ(text->bytes(), test["expected"].get<std::string>()) << source;
    }
  }
}

TEST(JinjaReference, WhitespaceCasesMatch) {
  HEARTH_REQUIRE_TESTDATA();
  const ordered_json cases = read_json(data() / "whitespace-cases.json");
  ASSERT_EQ(cases.size(), 16U);
  for (const auto& test : cases) {
    const Whitespace whitespace{test["options"].value("trim_blocks", false),
                                test["options"].value("lstrip_blocks", false)};
    EXPECT_EQ(testing::render(test["template"].get<std::string>(), test["data"], whitespace), test["target"])
        << test["options"] << test["template"];
  }
}

/// FNV-1a, 64 bits: http://www.isthe.com/chongo/tech/comp/fnv/
uint64_t fnv1a(std::string_view bytes) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char byte : bytes) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
  return hash;
}

/// What tools/chat_template_oracle/render.py passes as each context.
ordered_json context_named(const std::string& name) {
  if (name != "tool_use_objects") return read_json(data() / "contexts" / (name + ".json"));
  ordered_json context = read_json(data() / "contexts/tool_use.json");
  for (auto& message : context["messages"]) {
    if (!message.contains("tool_calls")) continue;
    for (auto& call : message["tool_calls"]) {
      auto& arguments = call["function"]["arguments"];
      arguments = ordered_json::parse(arguments.get<std::string>(), nullptr, false);
    }
  }
  return context;
}

/// reference_renderings.tsv, written by tools/chat_template_oracle/render.py with Python's Jinja, says of
/// every template and context what comes out: its length and digest, or that the template raises an exception
/// or asks for something that Python refuses.
TEST(JinjaReference, RealTemplatesRenderAsInPython) {
  HEARTH_REQUIRE_TESTDATA();
  setenv("TZ", "UTC", 1);
  std::ifstream table("engine/text/jinja/reference_renderings.tsv");
  ASSERT_TRUE(table.good()) << "run the tests in the project's root";
  std::string line;
  std::getline(table, line);
  std::map<std::string, int> verdicts;
  std::map<std::string, std::string> sources;
  for (std::string name, context, verdict, bytes, digest; std::getline(table, line);) {
    std::istringstream(line) >> name >> context >> verdict >> bytes >> digest;
    SCOPED_TRACE(name + " with " + context);
    if (!sources.contains(name)) sources[name] = read_file(data() / "templates" / name);
    const Result<Text> text = testing::render_text(sources[name], context_named(context));
    ++verdicts[verdict];
    if (verdict == "renders") {
      ASSERT_TRUE(text.ok()) << text.error().message;
      EXPECT_EQ(std::to_string(text->size()), bytes) << text->bytes();
      EXPECT_EQ(std::to_string(fnv1a(text->bytes())), digest) << text->bytes();
    } else {
      ASSERT_FALSE(text.ok()) << text->bytes();
      const bool raised = text.error().message.find("the template refuses this input") != std::string::npos;
      EXPECT_EQ(raised, verdict == "raises") << text.error().message;
    }
  }
  EXPECT_EQ(sources.size(), 58U);
  EXPECT_EQ(verdicts["renders"] + verdicts["raises"] + verdicts["fails"], 58 * 4);
}

}  // namespace
}  // namespace hearth::jinja
