#include "apps/cli/workflow_screen.h"

#include <fmt/format.h>

#include <utility>

#include "apps/cli/console.h"
#include "engine/base/escaped.h"

namespace hearth::cli {

using nlohmann::ordered_json;

void WorkflowScreen::show(const ordered_json& event) {
  const auto kind = event["event"].get<std::string>();
  const auto task = event.value("task", Task{0});
  if (kind == "node_started") return begin(task, escaped(event["node"].get<std::string>()));
  if (kind == "token") return write(task, event["text"].get<std::string>());
  if (kind == "node_finished") return end(task, "done");
  // What ends the run is told at its end.
  if (kind == "retry" || (kind == "node_failed" && event["handled"] == true))
    return end(task, escaped(event["error"]["message"].get<std::string>()));
  if (writing_ != 0 && (kind == "interrupted" || kind == "error" || kind == "done")) end(writing_, "stopped");
}

void WorkflowScreen::begin(Task task, std::string node) {
  say(fmt::format("{} ...\n", node));
  nodes_[task] = {std::move(node), Clock::now(), ""};
}

void WorkflowScreen::write(Task task, const std::string& text) {
  const auto found = nodes_.find(task);
  if (found == nodes_.end() || !stderr_is_terminal()) return;
  Shown& shown = found->second;
  shown.unshown += text;
  if (writing_ == 0) {
    fmt::print(stderr, "{}: ", shown.node);
    writing_ = task;
  }
  if (writing_ != task) return;
  fmt::print(stderr, "{}", escaped(std::exchange(shown.unshown, ""), Unescaped::kPrintableOrSpace));
}

void WorkflowScreen::end(Task task, std::string_view how) {
  const auto found = nodes_.find(task);
  if (found == nodes_.end()) return;
  const Shown shown = std::move(found->second);
  nodes_.erase(found);
  if (writing_ == task) {
    writing_ = 0;
    say("\n");
  } else if (!shown.unshown.empty()) {
    say(fmt::format("{}: {}\n", shown.node, escaped(shown.unshown, Unescaped::kPrintableOrSpace)));
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - shown.began).count();
  say(fmt::format("{}: {}, {:.1f} s\n", shown.node, how, seconds));
  if (writing_ == 0) say(std::exchange(unsaid_, ""));
}

void WorkflowScreen::say(const std::string& line) {
  if (writing_ != 0) {
    unsaid_ += line;
  } else {
    fmt::print(stderr, "{}", line);
  }
}

}  // namespace hearth::cli
