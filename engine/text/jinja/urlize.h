// Links for the addresses in a text, as Jinja's urlize finds and writes them.
#pragma once

#include <optional>
#include <vector>

#include "engine/text/jinja/text.h"

namespace hearth::jinja {

struct UrlizeStyle {
  std::optional<int64_t> shown_characters;  // of an address; all of them if not set
  Text rel;
  Text target;
  std::vector<Text> schemes;  // further ones, such as "ftp:"
};

/// Letters, digits and .+- before a colon and up to two slashes.
bool is_uri_scheme(std::string_view scheme);

/// Requires text that is escaped already.
Text urlize(const Text& escaped, const UrlizeStyle& style, Budget& budget);

}  // namespace hearth::jinja
