// What the server tells on standard error: a line for each thing that happens, for people or as JSON. A
// reader of it that does not keep up holds nothing: lines that have no room are left out, and counted.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "apps/serve/config/server_config.h"

namespace hearth::serve {

enum class LogLevel : uint8_t { kError, kWarning, kInfo, kDebug };

class Log {
 public:
  using Fields = nlohmann::ordered_json;

  /// `file`: the descriptor that it is written to.
  explicit Log(const LogSettings& settings, int file = 2) : file_(file) { configure(settings); }
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  void configure(const LogSettings& settings);
  bool tells(LogLevel level) const { return level <= level_; }
  /// Whether it has what callers write, and models answer.
  bool has_prompts() const { return prompts_; }

  void say(LogLevel level, std::string_view message, const Fields& fields = Fields::object());

 private:
  void write(std::string line);

  int file_;
  LogLevel level_ = LogLevel::kInfo;
  bool is_json_ = false;
  bool prompts_ = false;
  uint64_t left_out_ = 0;
};

/// A line of the log, with its end. A value in it can't be taken for something else than a value: what is not
/// plain is written as a string of JSON.
std::string log_line(bool as_json, std::string_view time, LogLevel level, std::string_view message,
                     const Log::Fields& fields);

}  // namespace hearth::serve
