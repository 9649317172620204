#include "apps/cli/console.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <nlohmann/json.hpp>

#include "engine/base/escaped.h"
#include "engine/text/json_text.h"

namespace hearth::cli {

bool stdin_is_terminal() { return isatty(STDIN_FILENO) == 1; }
bool stdout_is_terminal() { return isatty(STDOUT_FILENO) == 1; }
bool stderr_is_terminal() { return isatty(STDERR_FILENO) == 1; }

Result<void> put(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0) return {};
  return Error{ErrorCode::kIo, fmt::format("cannot write to standard output: {}", std::strerror(errno))};
}

Result<void> put_untrusted(std::string_view text) {
  return stdout_is_terminal() ? put(escaped(text, Unescaped::kPrintableOrSpace)) : put(text);
}

Result<void> put_reasoning(std::string_view text) {
  if (text.empty()) return {};
  const char* no_color = std::getenv("NO_COLOR");
  const bool is_dim = stderr_is_terminal() && (no_color == nullptr || *no_color == '\0');
  const std::string shown =
      stderr_is_terminal() ? escaped(text, Unescaped::kPrintableOrSpace) : std::string(text);
  std::fputs((is_dim ? fmt::format("\x1b[2m{}\x1b[0m", shown) : shown).c_str(), stderr);
  return {};
}

Result<void> put_json(const nlohmann::ordered_json& json, int indent) {
  const std::string text = write_json(json, indent);
  std::string harmless;
  for (size_t i = 0; i < text.size(); ++i) {
    // The library escapes C0; DEL is 7F, and C1 are C2 80 to C2 9F.
    const bool is_c1 = text[i] == '\xC2' && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (!is_c1 && text[i] != '\x7F') {
      harmless += text[i];
    } else {
      i += is_c1 ? 1 : 0;
      harmless += fmt::format("\\u{:04x}", static_cast<unsigned char>(text[i]));
    }
  }
  return put(harmless + "\n");
}

void print_error(ErrorCode code, std::string_view message) {
  fmt::print(stderr, "hearth: {}: {}\n", error_code_name(code), escaped(message));
}

std::string styled(Style style, std::string_view text) {
  // ECMA-48, select graphic rendition: 1 bold, 2 faint, 32 green.
  constexpr std::array kCodes{"1", "2", "1;32"};
  const char* no_color = std::getenv("NO_COLOR");
  const bool wanted = stdout_is_terminal() && (no_color == nullptr || *no_color == '\0');
  if (!wanted) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", kCodes[static_cast<size_t>(style)], text);
}

std::string readable_bytes(uint64_t bytes) {
  constexpr std::array kUnits{"B", "kB", "MB", "GB", "TB"};
  auto value = static_cast<double>(bytes);
  size_t unit = 0;
  while (value >= 1000.0 && unit + 1 < kUnits.size()) {
    value /= 1000.0;
    ++unit;
  }
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.2f} {}", value, kUnits[unit]);
}

ProgressLine::~ProgressLine() {
  if (!shown_.empty()) fmt::print(stderr, "\r{:{}}\r", "", shown_.size());
}

void ProgressLine::show(std::string_view what, uint64_t done, uint64_t total) {
  if (!stderr_is_terminal() || total == 0) return;
  const double percent = static_cast<double>(done) / static_cast<double>(total) * 100.0;
  std::string line = fmt::format("{}: {:.0f}%", what, percent);
  if (line == shown_) return;
  fmt::print(stderr, "\r{:{}}", line, shown_.size());
  std::fflush(stderr);
  shown_ = std::move(line);
}

}  // namespace hearth::cli
