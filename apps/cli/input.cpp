#include "apps/cli/input.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>

#include "apps/cli/console.h"
#include "apps/cli/interrupt.h"
#include "apps/cli/line_reader.h"
#include "engine/text/json_text.h"

namespace hearth::cli {
namespace {

std::string shown_name(const std::string& path) { return path == "-" ? "standard input" : path; }

Error system_error(const std::string& path, const char* action) {
  const ErrorCode code = errno == ENOENT   ? ErrorCode::kNotFound
                         : errno == EISDIR ? ErrorCode::kInvalidArgument
                                           : ErrorCode::kIo;
  return {code, fmt::format("{}: cannot {} it: {}", shown_name(path), action, std::strerror(errno))};
}

Result<std::string> read_all(std::FILE* file, const std::string& path) {
  std::string bytes;
  std::array<char, 1 << 16> piece{};
  while (const size_t count = std::fread(piece.data(), 1, piece.size(), file)) {
    bytes.append(piece.data(), count);
  }
  if (std::ferror(file) != 0) return system_error(path, "read");
  return bytes;
}

/// Until Ctrl-D in an empty line. A read alone would get 4,095 characters of a line, and no word of the rest.
Result<std::string> read_typed() {
  const std::unique_ptr<LineReader> lines = open_line_reader();
  std::string text;
  while (const auto line = lines->read("")) text += *line + "\n";
  if (interrupted()) return Error{ErrorCode::kAborted, "interrupted"};
  return text;
}

}  // namespace

Result<std::string> read_input(const std::string& path) {
  if (path == "-") return stdin_is_terminal() ? read_typed() : read_all(stdin, path);
  const std::unique_ptr<std::FILE, decltype(&std::fclose)> file(std::fopen(path.c_str(), "re"), std::fclose);
  if (!file) return system_error(path, "open");
  return read_all(file.get(), path);
}

std::string plain_text(std::string_view bytes) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (bytes.starts_with(kByteOrderMark)) bytes.remove_prefix(kByteOrderMark.size());
  std::string text;
  text.reserve(bytes.size());
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (bytes.substr(i, 2) != "\r\n") text += bytes[i];
  }
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

Result<nlohmann::ordered_json> read_json(const std::string& path) {
  HEARTH_ASSIGN(const std::string text, read_input(path));
  return parse_json(text, shown_name(path));
}

}  // namespace hearth::cli
