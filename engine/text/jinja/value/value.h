// What a template computes with: Python's values, as far as chat templates use them.
//
// Values are cheap to copy. Lists, dicts and objects are shared by reference, as in Python, and belong to the
// Heap of the rendering: values never own them, so no cycle or depth of nesting can leak or overflow.
#pragma once

#include <compare>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "engine/base/result.h"
#include "engine/text/jinja/value/big_integer.h"
#include "engine/text/jinja/value/text.h"

namespace hearth::jinja {

class Dict;
class Interpreter;
class Namespace;
class Object;
struct List;

struct None {};

/// What a missing name or attribute gives. Prints as nothing, is false and empty; any other use is an error.
struct Undefined {
  Text description;  // what is missing, for that error: "message.tool_calls"
  Text nearest{};    // the name that may be meant instead, if any
};

class Value {
 public:
  Value() = default;  // undefined
  // Implicit, so that a function returns a Text or a list as it is. NOLINTBEGIN(google-explicit-constructor)
  Value(None none) : data_(none) {}
  Value(Undefined undefined) : data_(std::move(undefined)) {}
  Value(Text text) : data_(std::move(text)) {}
  Value(List* list) : data_(list) {}
  Value(Dict* dict) : data_(dict) {}
  Value(Object* object) : data_(object) {}
  // NOLINTEND(google-explicit-constructor)
  // Named, because C++ converts freely between bool, integers and doubles.
  static Value boolean(bool value) { return Value(Data(std::in_place_type<bool>, value)); }
  static Value integer(int64_t value) { return Value(Data(std::in_place_type<int64_t>, value)); }
  static Value integer(const BigInteger& value);
  static Value real(double value) { return Value(Data(std::in_place_type<double>, value)); }
  /// Text that the template or the interpreter itself wrote.
  static Value text(std::string_view bytes) { return Text(bytes, Origin::kTemplate); }

  bool is_undefined() const { return std::holds_alternative<Undefined>(data_); }
  bool is_none() const { return std::holds_alternative<None>(data_); }

  // Each null or empty where the value is something else.
  const Undefined* undefined() const { return std::get_if<Undefined>(&data_); }
  const bool* boolean() const { return std::get_if<bool>(&data_); }
  const double* real() const { return std::get_if<double>(&data_); }
  const Text* text() const { return std::get_if<Text>(&data_); }
  List* list() const { return pointer<List>(); }  // list or tuple
  Dict* dict() const { return pointer<Dict>(); }
  Object* object() const { return pointer<Object>(); }
  /// An integer of 64 bits or, as in Python, a boolean.
  std::optional<int64_t> integer() const;
  /// An integer of any size or a boolean.
  bool is_integer() const { return integer().has_value() || big() != nullptr; }
  bool is_number() const { return real() != nullptr || is_integer(); }
  /// Requires is_integer().
  BigInteger whole() const { return big() != nullptr ? *big() : BigInteger(*integer()); }
  /// Requires is_number(). Infinite where an integer is larger than any double.
  double as_real() const;

  /// "a string", "an integer", ...: how error messages call it.
  std::string_view described() const;
  /// Python's bool(value).
  bool truthy() const;

 private:
  using Large = std::shared_ptr<const BigInteger>;  // an integer beyond 64 bits
  using Data = std::variant<Undefined, None, bool, int64_t, Large, double, Text, List*, Dict*, Object*>;
  explicit Value(Data data) : data_(std::move(data)) {}

  const BigInteger* big() const {
    const Large* found = std::get_if<Large>(&data_);
    return found == nullptr ? nullptr : found->get();
  }

  template <typename T>
  T* pointer() const {
    T* const* found = std::get_if<T*>(&data_);
    return found == nullptr ? nullptr : *found;
  }

  Data data_;
};

/// Anything that lives until the rendering ends.
class HeapItem {
 public:
  virtual ~HeapItem() = default;
};

struct List final : HeapItem {
  List() = default;
  explicit List(std::vector<Value> values, bool tuple = false) : items(std::move(values)), is_tuple(tuple) {}

  std::vector<Value> items;
  bool is_tuple = false;
  std::span<const std::string_view> fields;  // names of a tuple's items, where they have any
};

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

/// Python's dict: keeps the order of insertion; 1, 1.0 and true are the same key.
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

/// What a call passes: f(positional, ..., name=named, ...).
struct Arguments {
  std::vector<Value> positional;
  std::vector<std::pair<std::string, Value>> named;
};

/// A value with attributes or behaviour of its own: a namespace, a macro, the loop variable, a function.
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

class Heap {
 public:
  explicit Heap(Budget& budget) : budget_(budget) {}

  template <typename T, typename... Arguments>
  T* make(Arguments&&... arguments) {
    // An item with its vtable, its allocation and its place in the vector takes about four units of memory.
    budget_.spend(4);
    auto item = std::make_unique<T>(std::forward<Arguments>(arguments)...);
    T* made = item.get();
    items_.push_back(std::move(item));
    return made;
  }
  List* list(std::vector<Value> values) {
    budget_.spend(values.size());
    return make<List>(std::move(values));
  }
  List* tuple(std::vector<Value> values) {
    budget_.spend(values.size());
    return make<List>(std::move(values), true);
  }

 private:
  Budget& budget_;
  std::vector<std::unique_ptr<HeapItem>> items_;
};

// Python's == and <.

/// Exact, also between integers and floats. Requires two numbers; unordered where one is NaN.
std::partial_ordering compare_numbers(const Value& a, const Value& b);

bool equals(const Value& a, const Value& b, Budget& budget);

/// Nothing where Python knows no order between the two.
std::optional<std::partial_ordering> compare(const Value& a, const Value& b, Budget& budget);

/// Whether `list` has an item equal to `value`.
bool contains(const List& list, const Value& value, Budget& budget);

// Python's str() and repr().

/// str(value): text as it is, None, True, 1.0, [1, 'a'], {'k': None}.
void print(const Value& value, TextBuilder& out);
Text to_text(const Value& value, Budget& budget);

/// repr(value): as print, but text in quotes and escaped.
void print_repr(const Value& value, TextBuilder& out);
Text repr_of(const Value& value, Budget& budget);
/// ascii(value): repr, with everything beyond ASCII escaped.
Text ascii_repr_of(const Value& value, Budget& budget);

/// The digits of an integer of any size.
std::string integer_repr(const Value& value, Budget& budget);

/// repr of a float: the shortest digits that read back as the same number, and always a point, an exponent,
/// inf or nan.
std::string real_repr(double value);

// HTML, which some filters go by.

/// & < > ' and " as HTML shows them, whether or not the text is safe already. The result is safe.
Text escape_html(const Text& text, Budget& budget);
/// str(value), escaped unless it is safe already. The result is safe.
Text to_safe_text(const Value& value, Budget& budget);

}  // namespace hearth::jinja
