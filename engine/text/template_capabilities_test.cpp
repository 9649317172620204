#include "engine/text/template_capabilities.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>
#include <set>

#include "engine/base/testdata.h"
#include "engine/text/chat_template_testing.h"

namespace hearth::testing {
namespace {

ordered_json capabilities_of(std::string_view source) { return to_json(parsed(source)->capabilities()); }

TEST(TemplateCapabilities, OfATemplateThatOnlyTalks) {
  EXPECT_EQ(capabilities_of("{% for m in messages %}{{ m.role + m.content }}{% endfor %}"),
            ordered_json({{"system", true},
                          {"tools", false},
                          {"parts", false},
                          {"reasoning", false},
                          {"parallelCalls", false}}));
}

TEST(TemplateCapabilities, AreFoundOneByOne) {
  const auto after = [](std::string_view more) {
    return capabilities_of("{% for m in messages %}{{ m.content }}" + std::string(more) + "{% endfor %}");
  };
  EXPECT_EQ(
      capabilities_of("{% for m in messages if m.role != 'system' %}{{ m.content }}{% endfor %}")["system"],
      false);
  EXPECT_EQ(after("{{ tools | tojson if tools }}")["tools"], true);
  EXPECT_EQ(capabilities_of("{% for m in messages %}{{ m.content if m.content is string else "
                            "m.content | map(attribute='text') | join('') }}{% endfor %}")["parts"],
            true);
  EXPECT_EQ(after("{{ m.reasoning_content }}")["reasoning"], true);
  EXPECT_EQ(after("{{ m.thinking }}")["reasoning"], true);
  const std::string calls = "{{ m.tool_calls | map(attribute='function') | map(attribute='name') | list ";
  EXPECT_EQ(after(calls + "}}")["parallelCalls"], true);
  EXPECT_EQ(after(calls + "| first if m.tool_calls }}")["parallelCalls"], false);
  EXPECT_EQ(after("{{ raise_exception('one call') if m.tool_calls | count > 1 }}")["parallelCalls"], false);
}

TEST(TemplateCapabilities, OfATemplateThatIsForToolUseOnly) {
  const ordered_json found = capabilities_of("{{ messages[0].content }}{{ tools | tojson }}");
  EXPECT_EQ(found["tools"], true);
  EXPECT_EQ(found["parts"], false);
}

TEST(TemplateCapabilities, AreAssumedOfATemplateThatWantsFurtherVariables) {
  const auto capabilities = parsed("{{ date + messages[0].content }}")->capabilities();
  EXPECT_TRUE(capabilities.system && capabilities.calls && capabilities.results);
  EXPECT_FALSE(capabilities.tools || capabilities.takes_parts("user"));
}

TEST(TemplateCapabilities, TakeNoLongTimeToFind) {
  const std::clock_t start = std::clock();  // the processor's time, which other programs take nothing of
  const auto endless =
      parsed("{% for i in range(100000) %}{% for j in range(100000) %}.{% endfor %}{% endfor %}");
  EXPECT_LT(std::clock() - start, 2 * CLOCKS_PER_SEC);
}

/// The names of the real templates that have a capability.
std::set<std::string> templates_with(const std::string& capability, bool has) {
  std::set<std::string> names;
  for (const auto& [name, source] : real_templates()) {
    if (capabilities_of(source)[capability] == has) names.insert(name);
  }
  return names;
}

TEST(TemplateCapabilities, OfRealTemplates) {
  HEARTH_REQUIRE_TESTDATA();
  using ::testing::ElementsAre;
  EXPECT_THAT(templates_with("system", false), ElementsAre("google-gemma-2-2b-it"));
  EXPECT_THAT(templates_with("tools", false),
              ElementsAre("HuggingFaceTB-SmolLM3-3B", "deepseek-ai-DeepSeek-R1-Distill-Llama-8B",
                          "deepseek-ai-DeepSeek-R1-Distill-Qwen-32B", "deepseek-ai-DeepSeek-V3.1",
                          "fireworks-ai-llama-3-firefunction-v2", "google-gemma-2-2b-it",
                          "llama-cpp-rwkv-world", "microsoft-Phi-3.5-mini-instruct"));
  EXPECT_THAT(
      templates_with("parallelCalls", false),
      ElementsAre("GigaChat3-10B-A1.8B", "GigaChat3.1-10B-A1.8B", "HuggingFaceTB-SmolLM3-3B", "LFM2-8B-A1B",
                  "LFM2.5-Instruct", "google-gemma-2-2b-it", "ibm-granite-granite-3.3-2B-Instruct",
                  "llama-cpp-rwkv-world", "meta-llama-Llama-3.1-8B-Instruct",
                  "meta-llama-Llama-3.2-3B-Instruct", "meta-llama-Llama-3.3-70B-Instruct",
                  "microsoft-Phi-3.5-mini-instruct", "openai-gpt-oss-120b"));
  EXPECT_EQ(templates_with("parts", true).size(), 21U);
  EXPECT_EQ(templates_with("reasoning", true).size(), 19U);
}

}  // namespace
}  // namespace hearth::testing
