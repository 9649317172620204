#include "engine/workflow/actions/action_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "engine/base/nearest_name.h"
#include "engine/workflow/actions/action.h"
#include "engine/workflow/actions/tables.h"

namespace hearth::workflow {
namespace {

using Table = std::map<std::string_view, const Action*>;

const Table& actions() {
  static const Table kByName = [] {
    Table table;
    for (const std::span<const Action> topic :
         {state_actions(), llm_actions(), tool_actions(), json_actions(), text_actions(), storage_actions(),
          memory_actions(), http_actions()}) {
      for (const Action& action : topic) table.emplace(action.name, &action);
    }
    return table;
  }();
  return kByName;
}

/// What to use instead of what other engines have, by the beginning of a name.
constexpr std::pair<std::string_view, std::string_view> kInstead[] = {
    {"lua.", "an expression or a function of your program"},
    {"prolog.", "an expression, llm.classify, or a function of your program"},
    {"code.", "an expression, or a function of your program"},
    {"python.", "an expression, or a function of your program"},
    {"exec", "an expression, or a function of your program"},
    {"file.", "storage.get and storage.put, or a function of your program"},
    {"ltm.", "memory.store and the other actions of memory"},
    {"agent.", "nodes that call llm.chat, with the agent's words as `system`"},
    {"plan.", "llm.json with a schema of the plan, and a for_each over its steps"},
    {"reason.", "llm.chat with your words of reasoning as `system`"},
    {"actions.", "a function that your program registers"},
};

}  // namespace

const Action* find_action(std::string_view name) {
  const auto found = actions().find(name);
  return found == actions().end() ? nullptr : found->second;
}

bool is_action(std::string_view name) { return find_action(name) != nullptr; }

std::string missing_action(std::string_view name, const std::vector<std::string>& functions) {
  for (const auto& [prefix, instead] : kInstead) {
    if (name.starts_with(prefix)) return fmt::format("there is no action '{}'; use {}", name, instead);
  }
  std::vector<std::string> names = functions;
  for (const auto& [known, action] : actions()) names.emplace_back(known);
  return fmt::format(
      "there is no action '{}', and no function of that name is registered; did you mean '{}'?", name,
      nearest_name(name, names));
}

}  // namespace hearth::workflow
