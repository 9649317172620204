// Filters that turn one text into another: upper, trim, replace, escape, ...
#include <fmt/format.h>

#include "engine/text/jinja/access.h"
#include "engine/text/jinja/builtin.h"
#include "engine/text/jinja/characters.h"
#include "engine/text/jinja/percent_format.h"
#include "engine/text/jinja/print.h"
#include "engine/text/jinja/string_transform.h"

namespace hearth::jinja {
namespace {

Result<Value> upper(BuiltinCall& call) { return Value(to_upper(call.subject_text(), call.budget())); }
Result<Value> lower(BuiltinCall& call) { return Value(to_lower(call.subject_text(), call.budget())); }
Result<Value> capitalize_filter(BuiltinCall& call) {
  return Value(capitalize(call.subject_text(), call.budget()));
}
Result<Value> string_filter(BuiltinCall& call) { return Value(call.subject_text()); }
Result<Value> safe(BuiltinCall& call) { return Value(call.subject_text().as_safe()); }

/// Unlike str.title, only blanks, dashes and opening brackets begin a word.
Result<Value> title(BuiltinCall& call) {
  const Text text = call.subject_text();
  TextBuilder out(call.budget());
  bool begins_word = true;
  text.each_piece([&](std::string_view piece, Origin origin) {
    std::string mapped;
    each_character(piece, [&](char32_t c, std::string_view) {
      append_utf8(mapped, begins_word ? hearth::to_upper(c) : hearth::to_lower(c));
      begins_word = is_space(c) || c == '-' || c == '(' || c == '{' || c == '[' || c == '<';
    });
    out.append(mapped, origin);
  });
  return Value(out.take());
}

Result<Value> trim(BuiltinCall& call) {
  const Text text = call.subject_text();
  if (!call.has(0) || call.arguments[0].is_none()) {
    return Value(strip(text, Ends::kBoth, std::nullopt, call.budget()));
  }
  HEARTH_ASSIGN(const Text unwanted, call.text(0, ""));
  return Value(strip(text, Ends::kBoth, unwanted.bytes(), call.budget()));
}

Result<Value> replace_filter(BuiltinCall& call) {
  const Text old = to_text(call.arguments[0], call.budget());
  const Text with = to_text(call.arguments[1], call.budget());
  HEARTH_ASSIGN(const int64_t count, call.integer(2, -1));
  return Value(replace(call.subject_text(), old.bytes(), with, count, call.budget()));
}

std::string_view entity(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '\'':
      return "&#39;";
    case '"':
      return "&#34;";
    default:
      return {};
  }
}

Text escape_html(const Text& text, Budget& budget) {
  TextBuilder out(budget);
  text.each_piece([&](std::string_view piece, Origin origin) {
    std::string escaped;
    for (const char c : piece) {
      if (const std::string_view replacement = entity(c); !replacement.empty()) {
        escaped += replacement;
      } else {
        escaped += c;
      }
    }
    out.append(escaped, origin);
  });
  return out.take().as_safe();
}

Result<Value> escape(BuiltinCall& call) {
  const Text text = call.subject_text();
  return Value(text.is_safe() ? text : escape_html(text, call.budget()));
}

Result<Value> force_escape(BuiltinCall& call) {
  return Value(escape_html(call.subject_text(), call.budget()));
}

/// 'format'|format(values...): the % operator.
Result<Value> format(BuiltinCall& call) {
  const Text pattern = call.subject_text();
  if (call.rest.named.empty()) {
    return percent_format(pattern, Value(call.heap().tuple(std::move(call.rest.positional))),
                          call.interpreter);
  }
  if (!call.rest.positional.empty()) return call.fail("format takes positional or named values, not both");
  Dict* named = call.heap().make<Dict>();
  for (auto& [name, value] : call.rest.named) named->set(Value::text(name), std::move(value));
  return percent_format(pattern, Value(named), call.interpreter);
}

Result<Value> wordcount(BuiltinCall& call) {
  int64_t words = 0;
  bool in_word = false;
  each_character(call.subject_text().bytes(), [&](char32_t c, std::string_view) {
    const bool is_word = is_letter(c) || is_number(c) || c == '_';
    if (is_word && !in_word) ++words;
    in_word = is_word;
  });
  return Value::integer(words);
}

/// Percent-encodes all but letters, digits and _.-~/ of a string.
Result<Value> urlencode(BuiltinCall& call) {
  TextBuilder out(call.budget());
  call.subject_text().each_piece([&](std::string_view piece, Origin origin) {
    std::string encoded;
    for (const char c : piece) {
      const bool is_plain = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
                            std::string_view("_.-~/").find(c) != std::string_view::npos;
      encoded += is_plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    out.append(encoded, origin);
  });
  return Value(out.take());
}

constexpr Builtin kFilters[] = {
    {"upper", upper},
    {"lower", lower},
    {"capitalize", capitalize_filter},
    {"title", title},
    {"string", string_filter},
    {"safe", safe},
    {"trim", trim, 0, {"chars"}},
    {"replace", replace_filter, 2, {"old", "new", "count"}},
    {"escape", escape},
    {"e", escape},
    {"forceescape", force_escape},
    {"format", format, 0, {}, true},
    {"wordcount", wordcount},
    {"urlencode", urlencode},
};

}  // namespace

std::span<const Builtin> text_filters() { return kFilters; }

}  // namespace hearth::jinja
