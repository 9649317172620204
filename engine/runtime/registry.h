// Which of several models stay in memory: the policy, in names and numbers alone. Who loads and frees the
// models asks it.
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/result.h"

namespace hearth {

class Registry {
 public:
  struct Entry {
    std::string name;
    uint64_t memory;     // bytes
    uint64_t id;         // of no other model, not even of a later one of the same name
    uint64_t last_used;  // by a clock that counts what happens here
    int32_t active = 0;  // requests that it works on
  };

  /// `budget`: bytes that models may take together. `current` names the model that answers where a request
  /// names none; without, it is the first that is added.
  explicit Registry(uint64_t budget = UINT64_MAX, std::optional<std::string> current = std::nullopt)
      : budget_(budget), current_(std::move(current)) {}

  /// Takes in a model and gives the names of those that have to be unloaded for it, which are idle and were
  /// used longest ago; they are no longer here. OUT_OF_MEMORY where all idle ones together would not make
  /// room: then everything stays as it was. INVALID_ARGUMENT where there is a model of that name.
  Result<std::vector<std::string>> add(std::string_view name, uint64_t memory);
  /// If it was current, the one added first of those that stay becomes it. NOT_FOUND.
  Result<void> remove(std::string_view name);
  /// Makes it the current model. NOT_FOUND.
  Result<void> use(std::string_view name);

  /// A request for the named model, or the current one, begins: until its end the model is not idle. The
  /// entry is valid while the model is here. NOT_FOUND.
  Result<const Entry*> begin(std::optional<std::string_view> name);
  /// The request's model, by its entry's id, may have been removed in between.
  void end(uint64_t id);

  /// In the order in which they were added.
  const std::list<Entry>& entries() const { return entries_; }
  /// Of the model that answers where a request names none; nullptr where it is not here.
  const Entry* current() const;

 private:
  const Entry* look_up(std::string_view name) const;
  /// NOT_FOUND, naming those that are here.
  Result<Entry*> find(std::string_view name);
  /// Requires that one is idle.
  std::string longest_idle() const;
  void erase(std::string_view name);

  uint64_t budget_;
  std::optional<std::string> current_;
  std::list<Entry> entries_;
  uint64_t clock_ = 0;
};

}  // namespace hearth
