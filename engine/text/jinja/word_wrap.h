// Lines of a limited width, as Python's textwrap breaks them.
#pragma once

#include <string_view>
#include <vector>

#include "engine/text/jinja/text.h"

namespace hearth::jinja {

struct WrapStyle {
  int64_t width;  // at least 1
  bool breaks_long_words;
  bool breaks_on_hyphens;
};

/// The lines of one paragraph, without the white space at the breaks.
std::vector<Text> wrap_words(const Text& paragraph, const WrapStyle& style, Budget& budget);

}  // namespace hearth::jinja
