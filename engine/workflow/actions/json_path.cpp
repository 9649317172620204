#include "engine/workflow/actions/json_path.h"

#include <fmt/format.h>

#include <charconv>
#include <string>
#include <variant>
#include <vector>

namespace hearth::workflow {
using Json = nlohmann::ordered_json;

namespace {

struct All {};
using PathStep = std::variant<std::string, int64_t, All>;

Error bad_path(std::string_view path) {
  return {
      ErrorCode::kInvalidArgument,
      fmt::format("'{}' is no path such as users[0].name or users[*].name; for what chooses and computes, "
                  "write a template: {{{{ state.users | selectattr('active') | list }}}}",
                  path)};
}

/// The step in brackets that `rest` begins with, which is taken off.
std::optional<PathStep> bracket(std::string_view& rest) {
  if (rest.size() > 1 && (rest[1] == '"' || rest[1] == '\'')) {
    const size_t end = rest.find(rest[1], 2);
    if (end == std::string_view::npos || !rest.substr(end + 1).starts_with(']')) return std::nullopt;
    const std::string key(rest.substr(2, end - 2));
    rest.remove_prefix(end + 2);
    return key;
  }
  const size_t end = rest.find(']');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view inside = rest.substr(1, end - 1);
  rest.remove_prefix(end + 1);
  if (inside == "*") return All{};
  int64_t index = 0;
  const auto [stop, error] = std::from_chars(inside.data(), inside.data() + inside.size(), index);
  if (error != std::errc() || stop != inside.data() + inside.size()) return std::nullopt;
  return index;
}

Result<std::vector<PathStep>> read_path(std::string_view path) {
  std::vector<PathStep> steps;
  std::string_view rest = path;
  if (rest.starts_with('$')) rest.remove_prefix(1);
  while (!rest.empty()) {
    if (rest.front() == '[') {
      std::optional<PathStep> step = bracket(rest);
      if (!step) return bad_path(path);
      steps.push_back(*std::move(step));
      continue;
    }
    if (rest.front() == '.') rest.remove_prefix(1);
    const size_t end = std::min(rest.find_first_of(".["), rest.size());
    const std::string_view key = rest.substr(0, end);
    if (key.empty() || key.find_first_of("]{}()|?&@`'\"") != std::string_view::npos) return bad_path(path);
    steps.emplace_back(key == "*" ? PathStep(All{}) : PathStep(std::string(key)));
    rest.remove_prefix(end);
  }
  return steps;
}

std::optional<Json> follow(const Json& value, const std::vector<PathStep>& steps, size_t from) {
  const Json* at = &value;
  for (size_t i = from; i < steps.size(); ++i) {
    if (const auto* key = std::get_if<std::string>(&steps[i])) {
      const auto found = at->find(*key);
      if (found == at->end()) return std::nullopt;
      at = &*found;
    } else if (const auto* index = std::get_if<int64_t>(&steps[i])) {
      if (!at->is_array()) return std::nullopt;
      const auto size = static_cast<int64_t>(at->size());
      const int64_t place = *index < 0 ? size + *index : *index;
      if (place < 0 || place >= size) return std::nullopt;
      at = &(*at)[static_cast<size_t>(place)];
    } else {
      if (!at->is_structured()) return std::nullopt;
      Json found = Json::array();
      for (const Json& item : *at) {
        if (std::optional<Json> below = follow(item, steps, i + 1)) found.push_back(*std::move(below));
      }
      return found;
    }
  }
  return *at;
}

}  // namespace

Result<std::optional<Json>> value_at(const Json& value, std::string_view path) {
  HEARTH_ASSIGN(const std::vector<PathStep> steps, read_path(path));
  return follow(value, steps, 0);
}

}  // namespace hearth::workflow
