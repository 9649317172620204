// Standard output and standard error: what goes where, and what a terminal gets that a file does not.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace hearth::cli {

bool stdin_is_terminal();
bool stdout_is_terminal();
bool stderr_is_terminal();

/// Writes to standard output and flushes, so that text appears as it is generated. IO when it cannot be
/// written; a closed pipe ends the program quietly (SIGPIPE), as it does for other filters.
Result<void> put(std::string_view text);

/// The same for text that a model wrote or a template made: on a terminal, control characters other than line
/// breaks and tabs are shown escaped, so that it cannot move the cursor or change settings. Names from files
/// are escaped wherever they go (engine/base/escaped.h).
Result<void> put_untrusted(std::string_view text);

/// What a model thinks before it answers: on standard error, dim where that is a terminal.
Result<void> put_reasoning(std::string_view text);

/// JSON and a line break. Bytes that are not UTF-8 become U+FFFD, and all control characters are escaped.
Result<void> put_json(const nlohmann::ordered_json& json, int indent = -1);

/// "hearth: CODE: message" on standard error, control characters of the message escaped.
void print_error(ErrorCode code, std::string_view message);

enum class Style { kBold, kDim, kPrompt };
/// `text` in a style where standard output is a terminal and NO_COLOR is not set (https://no-color.org).
std::string styled(Style style, std::string_view text);

/// "1.23 GB", in powers of 1000.
std::string readable_bytes(uint64_t bytes);

/// One line on standard error that is written over, shown only on a terminal. Cleared when it goes.
class ProgressLine {
 public:
  ProgressLine() = default;
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  /// Shows "what: 42%"; redrawn only when that changes.
  void show(std::string_view what, uint64_t done, uint64_t total);

 private:
  std::string shown_;
};

}  // namespace hearth::cli
