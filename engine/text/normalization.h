// Unicode's canonical normalisation, which some tokenizers apply before anything else
// (https://www.unicode.org/reports/tr15).
#pragma once

#include <string>
#include <string_view>

namespace hearth {

/// Normalization Form C: characters and the marks on them in one order, composed where Unicode has one code
/// point for them. Bytes that are no UTF-8 stay as they are. Takes time near linear in the text, whatever
/// marks pile up.
std::string to_nfc(std::string_view text);

}  // namespace hearth
