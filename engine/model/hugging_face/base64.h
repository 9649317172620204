// Base64 (RFC 4648), in which JSON files hold bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace hearth {

/// nullopt for what is none; padding may be missing.
std::optional<std::vector<uint8_t>> decode_base64(std::string_view text);

}  // namespace hearth
