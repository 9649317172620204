// Text from a file or a model, made fit for a terminal, a log or a message.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hearth {

/// What stands as it is.
enum class Unescaped : uint8_t {
  kAscii,            // printable ASCII
  kPrintable,        // all but control characters: C0, DEL, and C1 as UTF-8 has them
  kPrintableOrSpace  // line breaks and tabs as well
};

/// `text` with every byte of anything else written as \xNN: it can neither move a terminal's cursor nor
/// change its settings, nor, without line breaks, pass for more than one line.
std::string escaped(std::string_view text, Unescaped kept = Unescaped::kPrintable);

}  // namespace hearth
