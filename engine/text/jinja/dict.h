// Python's dict: keeps the order of insertion; 1, 1.0 and true are the same key.
#pragma once

#include <list>
#include <map>
#include <string_view>

#include "engine/text/jinja/value.h"

namespace hearth::jinja {

/// Whether Python could hash the value, that is, use it as a key: no lists or dicts, not within tuples either
/// (nor very large tuples).
bool is_hashable(const Value& value);

/// A total order of hashable values in which equal keys are equivalent.
struct KeyOrder {
  using is_transparent = void;
  bool operator()(const Value& a, const Value& b) const;
  bool operator()(const Value& a, std::string_view b) const;
  bool operator()(std::string_view a, const Value& b) const;
};

class Dict final : public HeapItem {
 public:
  struct Entry {
    Value key;
    Value value;
  };

  /// The value of a key; null where there is none (a key that cannot be hashed included).
  const Value* find(const Value& key) const;
  const Value* find(std::string_view key) const;
  /// Requires a hashable key. A key that is there keeps its place and its spelling.
  void set(const Value& key, Value value);
  void erase(const Value& key);
  void clear();

  const std::list<Entry>& entries() const { return entries_; }
  size_t size() const { return entries_.size(); }

 private:
  std::list<Entry> entries_;
  std::map<Value, std::list<Entry>::iterator, KeyOrder> by_key_;
};

}  // namespace hearth::jinja
