// Errors say what went wrong, on which line, and what to do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/text/jinja/testing.h"

namespace hearth::jinja {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::render;

TEST(SyntaxErrors, NameLineAndColumn) {
  EXPECT_EQ(render("a\nb {{ 1 + }}"), "error: line 2, column 10: expected a value, found }}");
  EXPECT_EQ(render("{% if x %}\n{{ x }}"),
            "error: line 2, column 8: expected {% elif %} or {% else %} or {% endif %}, found "
            "the end "
            "of the template");
}

TEST(SyntaxErrors, SayWhatIsMissing) {
  EXPECT_THAT(render("{{ x"), HasSubstr("add }}"));
  EXPECT_THAT(render("{% if x"), HasSubstr("add %}"));
  EXPECT_THAT(render("{# x"), HasSubstr("add #}"));
  EXPECT_THAT(render("{% raw %} x"), HasSubstr("add {% endraw %}"));
  EXPECT_THAT(render("{{ 'x }}"), HasSubstr("a string is not closed; add '"));
  EXPECT_THAT(render("{{ (1] }}"), HasSubstr("expected ')' before ']'"));
  EXPECT_THAT(render("{{ 1) }}"), HasSubstr("')' closes nothing"));
  EXPECT_THAT(render("{{ '\\x1' }}"), HasSubstr("2 hexadecimal digits"));
  EXPECT_THAT(render("{{ ? }}"), HasSubstr("unexpected character '?'"));
  EXPECT_THAT(render("{{ 1 2 }}"), HasSubstr("expected }}, found '2'"));
  EXPECT_THAT(render("{% for x y %}"), HasSubstr("expected 'in', found 'y'"));
  EXPECT_THAT(render("{% endif %}"), HasSubstr("no block named 'endif'"));
  EXPECT_THAT(render("{% macro m(a=1, b) %}{% endmacro %}"), HasSubstr("'b' needs a default"));
  EXPECT_THAT(render("{% break %}"), HasSubstr("outside of a loop"));
  EXPECT_THAT(render("{{ f(a=1, 2) }}"), HasSubstr("named argument"));
  EXPECT_THAT(render("{% macro m(caller) %}{{ caller }}{% endmacro %}"),
              HasSubstr("'caller' needs a default"));
  EXPECT_THAT(render("{{ 007 }}"), HasSubstr("'007' is no integer"));
}

TEST(SyntaxErrors, RefuseWhatOneTemplateAloneCannotDo) {
  for (const std::string block :
       {"include 'x'", "import 'x' as y", "from 'x' import y", "extends 'x'", "block x"}) {
    EXPECT_THAT(render("{% " + block + " %}"), HasSubstr("is not supported: a template stands alone"))
        << block;
  }
}

TEST(RenderErrors, NameTheLine) {
  EXPECT_EQ(render("a\n{% if true %}\n{{ 1 +\n nothing }}{% endif %}"),
            "error: line 3: 'nothing' is undefined; pass it, or test it with 'is defined' first");
  EXPECT_THAT(render("\n{{ 1\n + 'a' }}"), AllOf(HasSubstr("line 3"), HasSubstr("join them with ~")));
}

TEST(RenderErrors, NameWhatIsUndefined) {
  EXPECT_THAT(render("{{ x.y }}"), HasSubstr("'x' is undefined"));
  EXPECT_THAT(render("{{ x.y.z }}", {{"x", {{"a", 1}}}}), HasSubstr("attribute 'y' of a dict is undefined"));
  EXPECT_THAT(render("{{ x['y'] + 'a' }}", {{"x", {{"a", 1}}}}),
              HasSubstr("item 'y' of a dict is undefined"));
  EXPECT_THAT(render("{{ x() }}"), HasSubstr("'x' is undefined"));
  EXPECT_THAT(render("{{ x|tojson }}"), HasSubstr("'x' is undefined"));
  EXPECT_THAT(render("{% macro m(a) %}{{ a + 1 }}{% endmacro %}{{ m() }}"),
              HasSubstr("parameter 'a' is undefined"));
}

TEST(RenderErrors, CarryTheTemplatesOwnWords) {
  EXPECT_EQ(render("\n{{ raise_exception('System role not supported') }}"),
            "error: line 2: the template refuses this input: System role not supported");
}

TEST(RenderErrors, SayWhatDoesNotFit) {
  EXPECT_THAT(render("{{ 1 / 0 }}"), HasSubstr("division by zero"));
  EXPECT_THAT(render("{{ 1.0 % 0 }}"), HasSubstr("division by zero"));
  EXPECT_THAT(render("{{ 'a' < 1 }}"), HasSubstr("a string and an integer have no order"));
  EXPECT_THAT(render("{{ [1, 'a']|sort }}"), HasSubstr("sort cannot order"));
  EXPECT_THAT(render("{{ {[]: 1} }}"), HasSubstr("a list cannot be the key"));
  EXPECT_THAT(render("{% for x in 5 %}{% endfor %}"), HasSubstr("an integer has no items"));
  EXPECT_THAT(render("{% set a, b = [1] %}"), HasSubstr("2 names are assigned 1 values"));
  EXPECT_THAT(render("{% set x = {} %}{% set x.a = 1 %}"), HasSubstr("'x' is no namespace"));
  EXPECT_THAT(render("{{ [1][::0] }}"), HasSubstr("step cannot be zero"));
  EXPECT_THAT(render("{{ 'a'|nope }}"), HasSubstr("no filter named 'nope'"));
  EXPECT_THAT(render("{{ 'a' is nope }}"), HasSubstr("no test named 'nope'"));
  EXPECT_THAT(render("{{ 'a'|upper(1) }}"), HasSubstr("upper takes at most 0 arguments"));
  EXPECT_THAT(render("{{ 'a'|replace('a') }}"), HasSubstr("replace needs its argument 'new'"));
  EXPECT_THAT(render("{{ 'a'|trim(nope=1) }}"), HasSubstr("trim has no parameter 'nope'"));
  EXPECT_THAT(render("{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}"), HasSubstr("macro 'm' takes 1"));
  EXPECT_THAT(render("{% macro m(a) %}{% endmacro %}{{ m(b=2) }}"),
              HasSubstr("macro 'm' has no parameter 'b'"));
  EXPECT_THAT(render("{% macro m(a) %}{% endmacro %}{{ m(1, a=2) }}"),
              HasSubstr("given parameter 'a' twice"));
  EXPECT_THAT(render("{% macro m() %}{% endmacro %}{% call m() %}{% endcall %}"),
              HasSubstr("it has no caller()"));
  EXPECT_THAT(render("{{ [none, 1]|sort }}"), HasSubstr("sort cannot order"));
  EXPECT_THAT(render("{{ [x, 1]|sort }}"), HasSubstr("'x' is undefined"));
  EXPECT_THAT(render("{{ 10 ** 400 + 0.5 }}"), HasSubstr("too large for a float"));
  EXPECT_THAT(render("{{ {'a b': 1}|xmlattr }}"), HasSubstr("xmlattr cannot write an attribute named 'a b'"));
  EXPECT_THAT(render("{{ 'a'|wordwrap(0) }}"), HasSubstr("wordwrap needs a width"));
  EXPECT_THAT(render("{{ none|filesizeformat }}"), HasSubstr("filesizeformat takes a number, not none"));
  EXPECT_THAT(render("{{ 'a'.index('b') }}"), HasSubstr("index finds no such part"));
  EXPECT_THAT(render("{{ [1].pop(5) }}"), HasSubstr("pop"));
  EXPECT_THAT(render("{{ (1,).append(5) }}"), HasSubstr("cannot change a tuple"));
  EXPECT_THAT(render("{{ range|tojson }}"), HasSubstr("tojson cannot write a function"));
  EXPECT_THAT(render("{{ '%d' % 'a' }}"), HasSubstr("needs a number"));
  EXPECT_THAT(render("{{ '%s %s' % ('a',) }}"), HasSubstr("fewer values"));
  EXPECT_THAT(render("{{ '%é' % 1 }}"), HasSubstr("'%é' in a string is no conversion"));
  EXPECT_THAT(render("{{ '100%' % 1 }}"), HasSubstr("'%' in a string is no conversion"));
  EXPECT_THAT(render("{{ '{'.format(1) }}"), HasSubstr("single brace"));
  EXPECT_THAT(render("{{ '{:é}'.format(1) }}"), HasSubstr("does not know 'é'"));
}

}  // namespace
}  // namespace hearth::jinja
