// What a run of a workflow knows: values of JSON by name, passed from node to node.
#pragma once

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::workflow {

/// Copies share their values, so a branch of its own costs no more than its list of names. Keys keep the
/// order in which they came.
class State {
 public:
  using Json = nlohmann::ordered_json;
  using Shared = std::shared_ptr<const Json>;

  State() = default;
  /// Requires an object.
  explicit State(Json object);

  /// Null where there is no such key.
  const Json* find(std::string_view key) const;
  void set(std::string_view key, Json value) { set(key, std::make_shared<const Json>(std::move(value))); }
  void set(std::string_view key, Shared value);

  const std::vector<std::pair<std::string, Shared>>& entries() const { return entries_; }
  Json json() const;

 private:
  std::vector<std::pair<std::string, Shared>> entries_;
  std::map<std::string, size_t, std::less<>> places_;  // of keys in entries_
};

}  // namespace hearth::workflow
