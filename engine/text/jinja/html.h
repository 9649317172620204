// HTML as Jinja's filters know it: text that is safe to show (Python's Markup), its escapes and its tags.
// What came from the input stays marked through all of it.
#pragma once

#include "engine/text/jinja/text.h"
#include "engine/text/jinja/value.h"

namespace hearth::jinja {

/// & < > ' and " as HTML shows them, whether or not the text is safe already. The result is safe.
Text escape_html(const Text& text, Budget& budget);

/// str(value), escaped unless it is safe already. The result is safe.
Text to_safe_text(const Value& value, Budget& budget);

/// Without comments and tags, white space as single blanks, and characters for their names and numbers.
Text strip_tags(const Text& text, Budget& budget);

}  // namespace hearth::jinja
