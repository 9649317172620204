// Filters of one string: upper, title, trim, replace, format, ...; and those that write or read HTML: safe,
// escape, striptags, xmlattr, urlize.
#include <fmt/format.h>

#include <algorithm>

#include "engine/text/jinja/access.h"
#include "engine/text/jinja/builtin.h"
#include "engine/text/jinja/characters.h"
#include "engine/text/jinja/format.h"
#include "engine/text/jinja/html.h"
#include "engine/text/jinja/print.h"
#include "engine/text/jinja/string_transform.h"

namespace hearth::jinja {
namespace {

/// str(subject), transformed. Safe text stays safe.
template <Text (*transform)(const Text&, Budget&)>
Result<Value> transform_filter(BuiltinCall& call) {
  const Text text = call.subject_text();
  return Value(transform(text, call.budget()).as_safe(text.is_safe()));
}

Result<Value> title(BuiltinCall& call) { return Value(title_words(call.subject_text(), call.budget())); }
Result<Value> string_filter(BuiltinCall& call) { return Value(call.subject_text()); }

Result<Value> trim_filter(BuiltinCall& call) {
  const Text text = call.subject_text();
  std::optional<Text> unwanted;
  if (call.has(0) && !call.arguments[0].is_none()) {
    HEARTH_ASSIGN(unwanted, call.text(0, ""));
  }
  const std::optional<std::string_view> bytes = unwanted ? std::optional(unwanted->bytes()) : std::nullopt;
  return Value(strip(text, Ends::kBoth, bytes, call.budget()).as_safe(text.is_safe()));
}

/// Where text is escaped as it is written, what replaces a part of safe text is escaped, and unsafe text that
/// safe text goes into is, too.
Result<Value> replace_filter(BuiltinCall& call) {
  Budget& budget = call.budget();
  Text text = call.subject_text();
  const Text old = to_text(call.arguments[0], budget);
  Text with = to_text(call.arguments[1], budget);
  int64_t count = -1;
  if (!call.arguments[2].is_none()) {
    HEARTH_ASSIGN(count, call.integer(2, -1));
  }
  const bool escapes = call.interpreter.autoescape();
  if (escapes && (old.is_safe() || with.is_safe())) text = to_safe_text(text, budget);
  const bool is_safe = escapes && text.is_safe();
  if (is_safe) with = to_safe_text(with, budget);
  return Value(replace(text, old.bytes(), with, count, budget).as_safe(is_safe));
}

/// 'format'|format(values...): the % operator.
Result<Value> format_filter(BuiltinCall& call) {
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
    const bool is_word = is_word_character(c);
    if (is_word && !in_word) ++words;
    in_word = is_word;
  });
  return Value::integer(words);
}

/// Percent-encodes all but letters, digits and _.-~ and, in a path, the slash. In a query, blanks are pluses.
void append_encoded(const Text& text, bool is_query, TextBuilder& out) {
  const std::string_view plain = is_query ? "_.-~" : "_.-~/";
  text.each_piece([&](std::string_view piece, Origin origin) {
    std::string encoded;
    for (const char c : piece) {
      const bool is_plain = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
                            plain.find(c) != std::string_view::npos;
      if (is_plain) {
        encoded += c;
      } else {
        encoded += is_query && c == ' ' ? "+" : fmt::format("%{:02X}", static_cast<unsigned char>(c));
      }
    }
    out.append(encoded, origin);
  });
}

/// A string for a path, or a dict or pairs for a query.
Result<Value> urlencode(BuiltinCall& call) {
  TextBuilder out(call.budget());
  if (!call.subject.dict() && !call.subject.list()) {
    append_encoded(call.subject_text(), false, out);
    return Value(out.take());
  }
  Value pairs = call.subject;
  if (call.subject.dict()) {
    HEARTH_ASSIGN(pairs, call.interpreter.apply_filter("items", call.subject, {}));
  }
  for (const Value& pair : pairs.list()->items) {
    HEARTH_ASSIGN(const std::vector<Value> both, items_of(pair, call.interpreter));
    if (both.size() != 2) return call.fail("urlencode takes a string, a dict or pairs");
    if (out.size() > 0) out.append("&", Origin::kTemplate);
    append_encoded(to_text(both[0], call.budget()), true, out);
    out.append("=", Origin::kTemplate);
    append_encoded(to_text(both[1], call.budget()), true, out);
  }
  return Value(out.take());
}

Result<Value> safe(BuiltinCall& call) { return Value(call.subject_text().as_safe()); }

Result<Value> escape(BuiltinCall& call) { return Value(to_safe_text(call.subject, call.budget())); }

Result<Value> force_escape(BuiltinCall& call) {
  return Value(escape_html(call.subject_text(), call.budget()));
}

Result<Value> striptags(BuiltinCall& call) { return Value(strip_tags(call.subject_text(), call.budget())); }

/// The entries of a dict as attributes of a tag, but for those of none.
Result<Value> xmlattr(BuiltinCall& call) {
  const Dict* dict = call.subject.dict();
  if (dict == nullptr) {
    return call.interpreter.fail_about(call.subject,
                                       fmt::format("xmlattr needs a dict, not {}", call.subject.described()));
  }
  TextBuilder out(call.budget());
  for (const auto& [key, value] : dict->entries()) {
    if (value.is_none() || value.is_undefined()) continue;
    if (!key.text() || key.text()->bytes().find_first_of(" \t\n\r\f\v/>=") != std::string_view::npos) {
      return call.fail(
          fmt::format("xmlattr cannot write an attribute named {}", repr_of(key, call.budget()).bytes()));
    }
    if (out.size() > 0 || call.flag(0, true)) out.append(" ", Origin::kTemplate);
    out.append(to_safe_text(key, call.budget()));
    out.append("=\"", Origin::kTemplate);
    out.append(to_safe_text(value, call.budget()));
    out.append("\"", Origin::kTemplate);
  }
  return Value(out.take().as_safe(call.interpreter.autoescape()));
}

/// The words of rel=, in order and once each, with those that are always there.
Result<Text> relation(BuiltinCall& call) {
  std::vector<Text> words;
  if (!call.arguments[3].is_none()) {
    HEARTH_ASSIGN(const Text rel, call.text(3, ""));
    words = split_words(rel, -1, call.budget());
  }
  if (call.flag(1, false)) words.emplace_back("nofollow", Origin::kTemplate);
  words.emplace_back("noopener", Origin::kTemplate);
  std::sort(words.begin(), words.end(), [](const Text& a, const Text& b) { return a.bytes() < b.bytes(); });
  TextBuilder out(call.budget());
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0 && words[i].bytes() == words[i - 1].bytes()) continue;
    if (i > 0) out.append(" ", Origin::kTemplate);
    out.append(words[i]);
  }
  return out.take();
}

Result<Value> urlize_filter(BuiltinCall& call) {
  UrlizeStyle style;
  if (call.has(0) && !call.arguments[0].is_none()) {
    HEARTH_ASSIGN(style.shown_characters, call.integer(0, 0));
  }
  HEARTH_ASSIGN(style.rel, relation(call));
  if (!call.arguments[2].is_none()) {
    HEARTH_ASSIGN(style.target, call.text(2, ""));
  }
  if (call.has(4) && !call.arguments[4].is_none()) {
    const List* schemes = call.arguments[4].list();
    if (schemes == nullptr) return call.fail("urlize takes a list of further schemes");
    for (const Value& scheme : schemes->items) {
      if (!scheme.text() || !is_uri_scheme(scheme.text()->bytes())) {
        return call.fail(fmt::format("urlize knows no scheme {}", repr_of(scheme, call.budget()).bytes()));
      }
      style.schemes.push_back(*scheme.text());
    }
  }
  const Text text = urlize(to_safe_text(call.subject, call.budget()), style, call.budget());
  return Value(text.as_safe(call.interpreter.autoescape()));
}

constexpr Builtin kTextFilters[] = {
    {"upper", transform_filter<to_upper>},
    {"lower", transform_filter<to_lower>},
    {"capitalize", transform_filter<capitalize>},
    {"title", title},
    {"string", string_filter},
    {"trim", trim_filter, 0, {"chars"}},
    {"replace", replace_filter, 2, {"old", "new", "count"}},
    {"format", format_filter, 0, {}, true},
    {"wordcount", wordcount},
    {"urlencode", urlencode},
    {"safe", safe},
    {"escape", escape},
    {"e", escape},
    {"forceescape", force_escape},
    {"striptags", striptags},
    {"xmlattr", xmlattr, 0, {"autospace"}},
    {"urlize", urlize_filter, 0, {"trim_url_limit", "nofollow", "target", "rel", "extra_schemes"}},
};

}  // namespace

std::span<const Builtin> text_filters() { return kTextFilters; }

}  // namespace hearth::jinja
