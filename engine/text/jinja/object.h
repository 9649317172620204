// Values with attributes or behaviour of their own: namespaces, macros, the loop variable, functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "engine/text/jinja/dict.h"
#include "engine/text/jinja/value.h"

namespace hearth::jinja {

class Interpreter;
class Namespace;

/// What a call passes: f(positional, ..., name=named, ...).
struct Arguments {
  std::vector<Value> positional;
  std::vector<std::pair<std::string, Value>> named;
};

class Object : public HeapItem {
 public:
  virtual std::string_view described() const = 0;
  /// What it prints as, between < and >.
  virtual std::string shown() const { return std::string(described()); }
  /// Nothing where there is no such attribute.
  virtual std::optional<Value> attribute(std::string_view, Interpreter&) const { return std::nullopt; }
  virtual Namespace* as_namespace() { return nullptr; }
  virtual bool is_callable() const { return false; }
  /// Requires is_callable(). Those that are take the arguments apart, hence the copy.
  /// NOLINTNEXTLINE(performance-unnecessary-value-param)
  virtual Result<Value> call(Interpreter&, Arguments) { return Value(); }
};

/// The one object whose attributes `{% set ns.x = ... %}` may change, from within loops too.
class Namespace final : public Object {
 public:
  std::string_view described() const override { return "a namespace"; }
  Namespace* as_namespace() override { return this; }
  std::optional<Value> attribute(std::string_view name, Interpreter&) const override {
    const Value* found = attributes.find(name);
    return found == nullptr ? std::nullopt : std::optional(*found);
  }

  Dict attributes;
};

}  // namespace hearth::jinja
