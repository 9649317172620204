// Times and sizes as people write them: "1h30m", "500ms", "8GiB".
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hearth::serve {

using Duration = std::chrono::milliseconds;

/// Without an end. No point in time can be that far: compare with it, never add it.
inline constexpr Duration kForever = Duration::max();

struct ByteCount {
  uint64_t bytes = 0;
  friend bool operator==(const ByteCount&, const ByteCount&) = default;
};

/// A number of seconds, or numbers with ms, s, m, h or d, whose sum it is; what is negative is kForever.
std::optional<Duration> parse_duration(std::string_view text);
/// A number of bytes, or one of kB, MB, GB, TB (powers of 1000), KiB, MiB, GiB or TiB.
std::optional<ByteCount> parse_byte_count(std::string_view text);

/// What the functions above read as the same: "5m", "1500ms", "-1" for kForever; "8GiB".
std::string to_text(Duration duration);
std::string to_text(ByteCount size);

}  // namespace hearth::serve
