// What people see of a run of a workflow: on standard error, so that standard output has its result alone.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace hearth::cli {

/// Lines for nodes that begin and end, and on a terminal their answers as they are written: of answers that
/// are written at the same time one, and what else there is to say when that is done.
class WorkflowScreen {
 public:
  void show(const nlohmann::ordered_json& event);

 private:
  using Clock = std::chrono::steady_clock;
  using Task = uint64_t;

  struct Shown {
    std::string node;
    Clock::time_point began;
    std::string unshown;  // of its answer
  };

  void begin(Task task, std::string node);
  void write(Task task, const std::string& text);
  void end(Task task, std::string_view how);
  void say(const std::string& line);

  std::map<Task, Shown> nodes_;  // that are at work
  Task writing_ = 0;             // whose answer is shown as it comes
  std::string unsaid_;           // lines that wait for the end of that
};

}  // namespace hearth::cli
