#include "apps/serve/operation/log.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <iterator>

#include "apps/serve/json_text.h"

namespace hearth::serve {

namespace {

std::string time_text() {
  const auto now = std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
  const auto seconds = std::chrono::time_point_cast<std::chrono::seconds>(now);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)), (now - seconds).count());
}

bool is_plain(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char byte) {
    return std::isalnum(static_cast<unsigned char>(byte)) ||
           std::string_view("-_./:*+").find(byte) != std::string_view::npos;
  });
}

std::string value_text(const Log::Fields& value) {
  if (!value.is_string()) return json_text(value);
  const auto& text = value.get_ref<const std::string&>();
  return is_plain(text) ? text : json_text(value);
}

}  // namespace

std::string log_line(bool as_json, std::string_view time, LogLevel level, std::string_view message,
                     const Log::Fields& fields) {
  const std::string_view name = kLogLevels[static_cast<size_t>(level)];
  if (as_json) {
    Log::Fields line = {{"time", time}, {"level", name}, {"message", message}};
    line.update(fields);
    return json_text(line) + "\n";
  }
  std::string line = fmt::format("{} {:7} {}", time, name, message);
  for (const auto& [key, value] : fields.items()) line += fmt::format(" {}={}", key, value_text(value));
  return line + "\n";
}

void Log::configure(const LogSettings& settings) {
  const auto* const found = std::find(std::begin(kLogLevels), std::end(kLogLevels), settings.level);
  level_ = static_cast<LogLevel>(found - std::begin(kLogLevels));
  is_json_ = settings.format == "json";
  prompts_ = settings.prompts;
}

void Log::say(LogLevel level, std::string_view message, const Fields& fields) {
  if (!tells(level)) return;
  write(log_line(is_json_, time_text(), level, message, fields));
}

void Log::write(std::string line) {
  if (left_out_ > 0) {
    const Fields count = {{"lines", left_out_}};
    line.insert(0, log_line(is_json_, time_text(), LogLevel::kWarning, "some of the log had no room", count));
  }
  pollfd room{file_, POLLOUT, 0};
  // Where there is room, there is room for a page: what is longer may have to wait for its reader.
  if (poll(&room, 1, 0) == 1 && (room.revents & POLLOUT) != 0 &&
      ::write(file_, line.data(), line.size()) == static_cast<ssize_t>(line.size())) {
    left_out_ = 0;
  } else {
    ++left_out_;
  }
}

}  // namespace hearth::serve
