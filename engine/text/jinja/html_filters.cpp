// Filters that write or read HTML: safe, escape, striptags, xmlattr, urlize.
#include <fmt/format.h>

#include <algorithm>

#include "engine/text/jinja/builtin.h"
#include "engine/text/jinja/html.h"
#include "engine/text/jinja/print.h"
#include "engine/text/jinja/string_transform.h"

namespace hearth::jinja {
namespace {

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

constexpr Builtin kFilters[] = {
    {"safe", safe},
    {"escape", escape},
    {"e", escape},
    {"forceescape", force_escape},
    {"striptags", striptags},
    {"xmlattr", xmlattr, 0, {"autospace"}},
    {"urlize", urlize_filter, 0, {"trim_url_limit", "nofollow", "target", "rel", "extra_schemes"}},
};

}  // namespace

std::span<const Builtin> html_filters() { return kFilters; }

}  // namespace hearth::jinja
