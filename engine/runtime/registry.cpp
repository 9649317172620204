#include "engine/runtime/registry.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace hearth {
namespace {

/// Of sizes that callers name: a sum that 64 bits do not hold is above any budget but none.
uint64_t sum(uint64_t a, uint64_t b) { return a > UINT64_MAX - b ? UINT64_MAX : a + b; }

/// Bytes of the models, of those at work or of all.
uint64_t memory_of(const std::list<Registry::Entry>& entries, bool at_work) {
  uint64_t bytes = 0;
  for (const Registry::Entry& entry : entries) {
    if (!at_work || entry.active > 0) bytes = sum(bytes, entry.memory);
  }
  return bytes;
}

}  // namespace

Result<std::vector<std::string>> Registry::add(std::string_view name, uint64_t memory) {
  if (look_up(name) != nullptr) {
    return Error{ErrorCode::kInvalidArgument, fmt::format("a model named '{}' is loaded already", name)};
  }
  const uint64_t least = sum(memory, memory_of(entries_, true));
  if (least > budget_) {
    return Error{
        ErrorCode::kOutOfMemory,
        fmt::format("'{}' needs {} bytes; with the models at work that is {}, above the budget of {}", name,
                    memory, least, budget_)};
  }
  std::vector<std::string> unloaded;
  while (sum(memory, memory_of(entries_, false)) > budget_) {
    unloaded.push_back(longest_idle());
    erase(unloaded.back());
  }
  ++clock_;
  entries_.push_back({std::string(name), memory, clock_, clock_});
  if (!current_) current_ = name;
  return unloaded;
}

Result<void> Registry::remove(std::string_view name) {
  HEARTH_TRY(find(name));
  erase(name);
  return {};
}

Result<void> Registry::use(std::string_view name) {
  HEARTH_TRY(find(name));
  current_ = name;
  return {};
}

Result<const Registry::Entry*> Registry::begin(std::optional<std::string_view> name) {
  if (!name && !current_) {
    return Error{ErrorCode::kNotFound, "no model is loaded: call loadModel first"};
  }
  HEARTH_ASSIGN(Entry* const entry, find(name ? *name : *current_));
  entry->last_used = ++clock_;
  ++entry->active;
  return entry;
}

void Registry::end(uint64_t id) {
  for (Entry& entry : entries_) {
    if (entry.id == id && entry.active > 0) --entry.active;
  }
}

const Registry::Entry* Registry::current() const { return current_ ? look_up(*current_) : nullptr; }

const Registry::Entry* Registry::look_up(std::string_view name) const {
  for (const Entry& entry : entries_) {
    if (entry.name == name) return &entry;
  }
  return nullptr;
}

Result<Registry::Entry*> Registry::find(std::string_view name) {
  std::vector<std::string> names;
  for (Entry& entry : entries_) {
    if (entry.name == name) return &entry;
    names.push_back(fmt::format("'{}'", entry.name));
  }
  return Error{ErrorCode::kNotFound,
               fmt::format("no model named '{}' is loaded; there is {}", name,
                           names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", ")))};
}

std::string Registry::longest_idle() const {
  const auto oldest = std::min_element(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
    return std::pair(a.active > 0, a.last_used) < std::pair(b.active > 0, b.last_used);
  });
  return oldest->name;
}

void Registry::erase(std::string_view name) {
  const bool was_current = name == current_;
  entries_.remove_if([name](const Entry& entry) { return entry.name == name; });
  if (!was_current) return;
  current_.reset();
  if (!entries_.empty()) current_ = entries_.front().name;
}

}  // namespace hearth
