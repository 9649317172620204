// HTML as Jinja's filters know it: text that is safe to show (Python's Markup), its escapes and its tags.
// What came from the input stays marked through all of it.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "engine/text/jinja/text.h"
#include "engine/text/jinja/value.h"

namespace hearth::jinja {

/// & < > ' and " as HTML shows them, whether or not the text is safe already. The result is safe.
Text escape_html(const Text& text, Budget& budget);

/// str(value), escaped unless it is safe already. The result is safe.
Text to_safe_text(const Value& value, Budget& budget);

/// Without comments and tags, white space as single blanks, and characters for their names and numbers.
Text strip_tags(const Text& text, Budget& budget);

/// How the filter urlize writes links.
struct UrlizeStyle {
  std::optional<int64_t> shown_characters;  // of an address; all of them if not set
  Text rel;
  Text target;
  std::vector<Text> schemes;  // further ones, such as "ftp:"
};

/// Letters, digits and .+- before a colon and up to two slashes.
bool is_uri_scheme(std::string_view scheme);

/// With links for the addresses that Jinja's urlize finds. Requires text that is escaped already.
Text urlize(const Text& escaped, const UrlizeStyle& style, Budget& budget);

}  // namespace hearth::jinja
