#include "engine/text/spm_space.h"

namespace hearth {

void append_with_spm_spaces(std::string& out, std::string_view text) {
  for (const char byte : text) {
    if (byte == ' ') {
      out += kSpmSpace;
    } else {
      out += byte;
    }
  }
}

std::string without_spm_spaces(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const size_t space = text.find(kSpmSpace);
    out += text.substr(0, space);
    if (space == std::string_view::npos) break;
    out += ' ';
    text.remove_prefix(space + kSpmSpace.size());
  }
  return out;
}

}  // namespace hearth
