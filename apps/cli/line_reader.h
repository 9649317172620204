// The lines of a conversation, as a person types them or a pipe holds them.
#pragma once

#include <memory>
#include <optional>
#include <string>

namespace hearth::cli {

class LineReader {
 public:
  virtual ~LineReader() = default;

  /// Asks for a line with `prompt` and a space where a person types, and gives it without its end; none at
  /// the end of the input or after a signal (interrupt.h). A line that was pasted may have line breaks
  /// within.
  virtual std::optional<std::string> read(const char* prompt) = 0;
};

/// Reads standard input: with an editor on a terminal, line by line otherwise.
std::unique_ptr<LineReader> open_line_reader();

}  // namespace hearth::cli
