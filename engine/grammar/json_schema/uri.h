// URIs as references between schemas use them (RFC 3986, section 5).
#pragma once

#include <string>
#include <string_view>

namespace hearth::json_schema {

/// What a reference means that stands within `base`, with its fragment.
std::string resolved_uri(std::string_view base, std::string_view reference);

/// %41 as A.
std::string percent_decoded(std::string_view text);

}  // namespace hearth::json_schema
