// Templates that would take forever, or all memory, or the whole stack, end with an error at once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>

#include <ctime>
#include <string>
#include <utility>
#include <vector>

#include "engine/text/jinja/testing.h"

namespace hearth::jinja {
namespace {

std::string repeated(std::string_view text, size_t times) {
  std::string all;
  for (size_t i = 0; i < times; ++i) all += text;
  return all;
}

/// A tenth of the usual work, which does as well and takes a sanitizer no minutes.
constexpr Limits kLimits{.work = 400'000};

/// Renders a template that must fail soon, and returns the message.
std::string refusal(std::string_view source, const nlohmann::ordered_json& variables = {}) {
  const std::clock_t start = std::clock();
  const std::string outcome = testing::render(source, variables, Whitespace(), kLimits);
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  EXPECT_EQ(outcome.substr(0, 7), "error: ") << source.substr(0, 100);
  // Of the processor's time; mostly some hundredths of it, but many times that under a sanitizer.
  EXPECT_LT(seconds, 5) << source.substr(0, 100);
  return outcome;
}

TEST(Limits, EndLoops) {
  EXPECT_THAT(refusal("{% for i in range(10**12) %}{% endfor %}"),
              ::testing::HasSubstr("range gives at most"));
  EXPECT_THAT(
      refusal("{% for a in range(99999) %}{% for b in range(99999) %}{{ a }}{% endfor %}{% endfor %}"),
      ::testing::HasSubstr("more work"));
  EXPECT_THAT(refusal("{% set x = [1] %}{% for i in x recursive %}{{ loop(x) }}{% endfor %}"),
              ::testing::HasSubstr("nests deeper"));
}

TEST(Limits, EndRecursion) {
  EXPECT_THAT(refusal("{% macro m(x) %}{{ m(x) }}{% endmacro %}{{ m(1) }}"),
              ::testing::HasSubstr("nests deeper"));
  EXPECT_THAT(refusal("{% macro m(x) %}{{ m(x) }}{{ m(x) }}{% endmacro %}{{ m(1) }}"),
              ::testing::HasSubstr("nests deeper"));
  EXPECT_THAT(
      refusal("{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(40) }}"),
      ::testing::HasSubstr("more work"));
}

TEST(Limits, RefuseDeepNestingWhereItIsWritten) {
  const size_t deep = 100000;
  for (const auto& [open, close] : std::vector<std::pair<std::string, std::string>>{{"(", ")"},
                                                                                    {"[", "]"},
                                                                                    {"{1:", "}"},
                                                                                    {"-", ""},
                                                                                    {"not ", ""},
                                                                                    {"x[", "]"},
                                                                                    {"f(", ")"},
                                                                                    {"1 if ", ""}}) {
    EXPECT_THAT(refusal("{{ " + repeated(open, deep) + "1" + repeated(close, deep) + " }}"),
                ::testing::HasSubstr("nests deeper"))
        << open;
  }
  for (const std::string link : {".a", "[0]", "()", "|e", " + 1", " and 1", " is none", " if 1", "**1"}) {
    EXPECT_THAT(refusal("{{ 1" + repeated(link, deep) + " }}"), ::testing::HasSubstr("nests deeper")) << link;
  }
  EXPECT_THAT(refusal(repeated("{% if 1 %}", deep)), ::testing::HasSubstr("blocks nest deeper"));
  EXPECT_THAT(refusal("{% set " + repeated("(", deep) + "x" + repeated(")", deep) + " = 1 %}"),
              ::testing::HasSubstr("nest deeper"));
}

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kLargeFrames = true;
#elif defined(__has_feature)
constexpr bool kLargeFrames = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool kLargeFrames = false;
#endif

void* render_all(void* sources) {
  for (const std::string& source : *static_cast<const std::vector<std::string>*>(sources)) {
    EXPECT_THAT(testing::render(source), ::testing::HasSubstr("nest")) << source.substr(0, 50);
  }
  return nullptr;
}

TEST(Limits, FitTheStackOfAThread) {
#ifndef __OPTIMIZE__
  GTEST_SKIP() << "stack frames are larger without optimisation";
#endif
  if (kLargeFrames) GTEST_SKIP() << "stack frames are larger under a sanitizer";
  std::vector<std::string> sources = {
      "{% macro f(n) %}{{ f(f(f(n))) }}{% endmacro %}{{ f(1) }}",
      "{% macro f(n) %}{% if caller %}{% endif %}{% call f(n) %}{{ f(n) }}{% endcall %}{% endmacro %}{{ f(1) "
      "}}",
      "{% macro f(n) %}{% for i in [1] %}{{ [f(n)|upper, 1][0] + 1 }}{% endfor %}{% endmacro %}{{ f(1) }}",
      "{% set n = namespace(v=[]) %}{% for i in range(999) %}{% set n.v = [n.v] %}{% endfor %}{{ n.v|tojson "
      "}}",
      repeated("{% if 1 %}", 39) + "{{ " + repeated("f(", 999) + "1" + repeated(")", 999) + " }}",
      repeated("{% if 1 %}", 39) + "{{ " + repeated("[(", 999) + "1" + repeated(")]", 999) + " }}"};
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, size_t{512} << 10);  // that of macOS's threads
  pthread_t thread{};
  ASSERT_EQ(pthread_create(&thread, &attributes, render_all, &sources), 0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
}

TEST(Limits, RefuseDeepValues) {
  const std::string nest =
      "{% set n = namespace(v=[]) %}{% for i in range(9000) %}{% set n.v = [n.v] %}{% endfor %}";
  for (const std::string use :
       {"{{ n.v }}", "{{ n.v|tojson }}", "{{ n.v == [n.v] }}", "{{ n.v < [n.v] }}", "{{ n.v|pprint }}"}) {
    EXPECT_THAT(refusal(nest + use), ::testing::HasSubstr("nests deeper")) << use;
  }
  EXPECT_EQ(testing::render(nest + "{{ n.v|length }}"), "1");
  const std::string tuples =
      "{% set n = namespace(v=()) %}{% for i in range(9000) %}{% set n.v = (n.v,) %}{% endfor %}";
  EXPECT_THAT(refusal(tuples + "{{ {n.v: 1} }}"), ::testing::HasSubstr("cannot be the key"));
}

TEST(Limits, RefuseListsThatContainThemselves) {
  const std::string cycle =
      "{% set a = [] %}{% set _ = a.append(a) %}{% set b = [] %}{% set _ = b.append(b) %}";
  for (const std::string use : {"{{ a }}", "{{ a|tojson }}", "{{ a == b }}", "{{ [a, a]|sort }}"}) {
    EXPECT_THAT(refusal(cycle + use), ::testing::HasSubstr("nests deeper")) << use;
  }
  EXPECT_EQ(testing::render(cycle + "{{ a|length }}"), "1");
}

TEST(Limits, EndGrowth) {
  // Which limit a text meets first is of no importance.
  const auto too_much =
      ::testing::AnyOf(::testing::HasSubstr("longer text"), ::testing::HasSubstr("more work"));
  const std::string twice = "{% set n = namespace(s='xxxxxxxxxx') %}{% for i in range(90) %}";
  EXPECT_THAT(refusal(twice + "{% set n.s = n.s ~ n.s %}{% endfor %}"), too_much);
  EXPECT_THAT(refusal(twice + "{% set n.s = n.s + n.s %}{% endfor %}"), too_much);
  EXPECT_THAT(refusal(twice + "{% set n.s = n.s|replace('x', 'xxxx') %}{% endfor %}"), too_much);
  EXPECT_THAT(refusal("{{ 'x' * 10**15 }}"), too_much);
  EXPECT_THAT(refusal("{{ [1] * 10**15 }}"), ::testing::HasSubstr("more work"));
  EXPECT_THAT(
      refusal("{% set n = namespace(l=[1]) %}{% for i in range(90) %}{% set n.l = n.l + n.l %}{% endfor %}"),
      ::testing::HasSubstr("more work"));
  EXPECT_THAT(refusal("{% set l = [1] %}{% for i in range(90) %}{% set _ = l.extend(l) %}{% endfor %}"),
              ::testing::HasSubstr("more work"));
  EXPECT_THAT(
      refusal("{% set n = namespace(l=[1]) %}{% for i in range(90) %}{% set n.l = [n.l, n.l] %}{% endfor %}"
              "{{ n.l }}"),
      ::testing::HasSubstr("template"));
}

TEST(Limits, EndSlowBuiltins) {
  const std::string text = "{% set s = 'ab' * 1000000 %}{% set t = 'ab' * 900000 ~ 'c' %}";
  for (const std::string use :
       {"{{ t in s }}", "{{ s == t }}", "{{ s.rfind(t) }}", "{{ s.count(t) }}", "{{ s|upper }}",
        "{{ s.split(t) }}", "{{ {s: 1}[t] }}", "{{ s[::2] }}", "{{ s|reverse }}", "{{ s|striptags }}",
        "{{ s|urlize }}", "{{ s|wordwrap(9) }}", "{{ s|pprint }}", "{{ s.swapcase() }}",
        "{{ s.isidentifier() }}", "{{ s.istitle() }}", "{{ s.translate({}) }}", "{{ s.expandtabs() }}",
        "{{ s|int }}"}) {
    EXPECT_THAT(refusal(text + "{% for i in range(99999) %}" + use + "{% endfor %}"),
                ::testing::AnyOf(::testing::HasSubstr("longer text"), ::testing::HasSubstr("more work")))
        << use;
  }
  EXPECT_THAT(refusal("{{ '%9999999999d' % 1 }}"), ::testing::HasSubstr("width"));
  EXPECT_THAT(refusal("{{ '{:>9999999999}'.format(1) }}"), ::testing::HasSubstr("width"));
  EXPECT_THAT(refusal("{{ 'x'|indent(10**9) }}"), ::testing::HasSubstr("indent"));
  EXPECT_THAT(refusal("{{ [1]|tojson(indent=10**9) }}"), ::testing::HasSubstr("indent"));
  EXPECT_THAT(refusal("{{ [1]|batch(10**12, 'x') }}"), ::testing::HasSubstr("more work"));
  EXPECT_THAT(refusal("{{ 'x'.expandtabs(10**9) }}"), ::testing::HasSubstr("expandtabs"));
  EXPECT_THAT(refusal("{{ [1]|slice(10**12) }}"), ::testing::HasSubstr("more work"));
}

TEST(Limits, IntegersHaveAtMost4300Digits) {
  for (const std::string sum :
       {"10 ** 4300", "10 ** (10 ** 10)", "10 ** 4299 * 10", "10 ** 4299 * 5 + 10 ** 4299 * 5", "2 ** 14285",
        "(-10) ** 9999999999999999999999", "10 ** 4299 * -11"}) {
    EXPECT_THAT(refusal("{{ (" + sum + ") is integer }}"), ::testing::HasSubstr("4300 digits")) << sum;
  }
  EXPECT_THAT(refusal("{{ " + std::string(5000, '9') + " }}"), ::testing::HasSubstr("4300 digits"));
  EXPECT_EQ(testing::render("{{ '" + std::string(5000, '9') + "'|int }}"), "0");
  EXPECT_EQ(testing::render("{{ [[1]]|map(attribute='9' * 1000000)|list }}"), "[Undefined]");
  EXPECT_EQ(testing::render("{{ 10 ** 4299 }}").size(), 4300U);
  EXPECT_THAT(refusal("{% for i in range(99999) %}{{ (10 ** 4299 // 3) % 7 }}{% endfor %}"),
              ::testing::HasSubstr("more work"));
  EXPECT_THAT(
      refusal("{% set n = 10 ** 4299 %}{% for i in range(99999) %}{% set s = n|string %}{% endfor %}"),
      ::testing::HasSubstr("more work"));
}

TEST(Limits, SlicesTakeAnyInteger) {
  EXPECT_EQ(testing::render("{{ 'abc'[9223372036854775807:] }}{{ 'abc'[-9223372036854775807:] }}"
                            "{{ 'abc'[::9223372036854775807] }}{{ 'abc'[::-9223372036854775807] }}"),
            "abcac");
}

TEST(Limits, HostileMarkupTakesLinearTime) {
  for (const std::string part : {"<!--", "<!-<!---->-", "<", "&", "&lt", "&#", "(", "http://a.", "@a.b",
                                 "&lt;", "-", "a-", "--a", "x@", "\u03a3'"}) {
    const std::string text = "{% set s = \"" + part + "\" * 100000 %}";
    for (const std::string use : {"striptags", "urlize", "wordwrap(7)", "lower", "pprint"}) {
      const std::clock_t start = std::clock();
      testing::render(text + "{{ s|" + use + " }}", {}, Whitespace(), kLimits);
      EXPECT_LT(static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC, 1) << part << " " << use;
    }
  }
}

TEST(Limits, DeepInputIsAnError) {
  nlohmann::ordered_json deep = 1;
  for (int i = 0; i < 100000; ++i) {
    auto outer = nlohmann::ordered_json::array();
    outer.push_back(std::move(deep));
    deep = std::move(outer);
  }
  EXPECT_THAT(refusal("{{ x }}", {{"x", std::move(deep)}}), ::testing::HasSubstr("nests deeper"));
}

TEST(Limits, LongTemplatesAreRefused) {
  EXPECT_THAT(refusal(std::string(2 << 20, 'x')), ::testing::HasSubstr("more than the"));
}

TEST(Limits, ALongConversationFits) {
  nlohmann::ordered_json messages = nlohmann::ordered_json::array();
  for (int i = 0; i < 2000; ++i) {
    messages.push_back(
        {{"role", i % 2 == 0 ? "user" : "assistant"}, {"content", repeated("words and words ", 60)}});
  }
  const std::string prompt = testing::render(
      "{% for m in messages %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}{{ "
      "raise_exception('order') }}"
      "{% endif %}{{ '<|im_start|>' + m.role + '\n' + m.content | trim + '<|im_end|>\n' }}{% endfor %}",
      {{"messages", messages}});
  EXPECT_GT(prompt.size(), 1900000U) << prompt.substr(0, 200);
}

}  // namespace
}  // namespace hearth::jinja
