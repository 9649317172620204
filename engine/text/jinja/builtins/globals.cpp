// Functions that every template may call: range, namespace, dict, cycler, joiner, raise_exception,
// strftime_now.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>

#include "engine/text/jinja/interpreter/builtin.h"
#include "engine/text/jinja/interpreter/operators.h"
#include "engine/text/jinja/value/value.h"

namespace hearth::jinja {
namespace {

/// The conversions whose result does not depend on what a platform makes of an unknown one.
constexpr std::string_view kConversions = "aAbBcdDeFgGhHIjmMnpRSTuUVwWxXyYzZ";

std::string convert(char conversion, const std::tm& time) {
  const std::array<char, 3> format = {'%', conversion, '\0'};
  std::array<char, 128> buffer{};
  const size_t length = std::strftime(buffer.data(), buffer.size(), format.data(), &time);
  return {buffer.data(), length};
}

std::string without_padding(const std::string& text) {
  const size_t first = text.find_first_not_of("0 ");
  return first == std::string::npos ? text.substr(text.size() - (text.empty() ? 0 : 1)) : text.substr(first);
}

/// The local time `seconds` after 1970-01-01 UTC, as strftime writes it in the C locale. A dash drops padding
/// (%-d); what is no conversion stays as it is.
std::string format_time(std::string_view format, int64_t seconds) {
  const auto moment = static_cast<std::time_t>(seconds);
  std::tm time{};
#ifdef _WIN32
  localtime_s(&time, &moment);
#else
  localtime_r(&moment, &time);
#endif
  std::string out;
  for (size_t i = 0; i < format.size(); ++i) {
    const bool has_dash = format.substr(i).starts_with("%-");
    const size_t at = i + (has_dash ? 2 : 1);
    const bool is_conversion = format[i] == '%' && at < format.size() &&
                               (format[at] == '%' || kConversions.find(format[at]) != std::string_view::npos);
    if (!is_conversion) {
      out += format[i];
      continue;
    }
    const std::string converted = format[at] == '%' ? "%" : convert(format[at], time);
    out += has_dash ? without_padding(converted) : converted;
    i = at;
  }
  return out;
}

/// The same limit as the sandbox of Jinja itself.
constexpr int64_t kMaxRange = 100000;

/// range(stop) or range(start, stop, step=1)
Result<Value> range(BuiltinCall& call) {
  HEARTH_ASSIGN(const int64_t first, call.integer(0, 0));
  HEARTH_ASSIGN(const int64_t second, call.integer(1, 0));
  HEARTH_ASSIGN(const int64_t step, call.integer(2, 1));
  const int64_t start = call.has(1) ? first : 0;
  const int64_t stop = call.has(1) ? second : first;
  if (step == 0) return call.fail("range needs a step that is not zero");
  std::vector<Value> numbers;
  for (int64_t i = start; step > 0 ? i < stop : i > stop;) {
    if (numbers.size() == kMaxRange)
      return call.fail(fmt::format("range gives at most {} numbers", kMaxRange));
    numbers.push_back(Value::integer(i));
    if (__builtin_add_overflow(i, step, &i)) break;
  }
  return Value(call.heap().list(std::move(numbers)));
}

/// The pairs of a dict or of a list of pairs, then the named arguments.
Result<void> fill(Dict& dict, BuiltinCall& call) {
  const Value& from = call.arguments[0];
  if (from.dict()) {
    for (const Dict::Entry& entry : from.dict()->entries()) {
      HEARTH_TRY(set_item(dict, entry.key, entry.value, call.interpreter));
    }
  } else {
    HEARTH_ASSIGN(const std::vector<Value> pairs, items_of(from, call.interpreter));
    for (const Value& pair : pairs) {
      HEARTH_ASSIGN(const std::vector<Value> both, items_of(pair, call.interpreter));
      if (both.size() != 2) return call.fail("a dict is made of pairs of a key and a value");
      HEARTH_TRY(set_item(dict, both[0], both[1], call.interpreter));
    }
  }
  for (const auto& [name, value] : call.rest.named) {
    HEARTH_TRY(set_item(dict, Value::text(name), value, call.interpreter));
  }
  return {};
}

Result<Value> dict(BuiltinCall& call) {
  Dict* made = call.heap().make<Dict>();
  HEARTH_TRY(fill(*made, call));
  return Value(made);
}

Result<Value> namespace_function(BuiltinCall& call) {
  auto* made = call.heap().make<Namespace>();
  HEARTH_TRY(fill(made->attributes, call));
  return Value(made);
}

/// cycler(a, b, ...): next() gives each in turn.
class Cycler final : public Object {
 public:
  explicit Cycler(std::vector<Value> choices) : choices_(std::move(choices)) {}
  std::string_view described() const override { return "a cycler"; }
  std::optional<Value> attribute(std::string_view name, Interpreter& interpreter) const override;

  Value next() { return choices_[next_++ % choices_.size()]; }
  void reset() { next_ = 0; }

 private:
  std::vector<Value> choices_;
  size_t next_ = 0;
};

Cycler& cycler_of(const BuiltinCall& call) { return static_cast<Cycler&>(*call.subject.object()); }

constexpr Builtin kCyclerNext = {"next",
                                 [](BuiltinCall& call) -> Result<Value> { return cycler_of(call).next(); }};
constexpr Builtin kCyclerReset = {"reset", [](BuiltinCall& call) -> Result<Value> {
                                    cycler_of(call).reset();
                                    return Value(None());
                                  }};

std::optional<Value> Cycler::attribute(std::string_view name, Interpreter& interpreter) const {
  if (name == "current") return choices_[next_ % choices_.size()];
  const Builtin* method = name == "next" ? &kCyclerNext : name == "reset" ? &kCyclerReset : nullptr;
  if (method == nullptr) return std::nullopt;
  return Value(interpreter.heap().make<BoundBuiltin>(*method, Value(const_cast<Cycler*>(this))));
}

Result<Value> cycler(BuiltinCall& call) {
  if (call.rest.positional.empty()) return call.fail("cycler needs something to cycle through");
  return Value(call.heap().make<Cycler>(std::move(call.rest.positional)));
}

/// joiner(separator): nothing at the first call, then the separator.
class Joiner final : public Object {
 public:
  explicit Joiner(Text separator) : separator_(std::move(separator)) {}
  std::string_view described() const override { return "a joiner"; }
  bool is_callable() const override { return true; }
  Result<Value> call(Interpreter&, Arguments) override {
    return std::exchange(is_first_, false) ? Value(Text()) : Value(separator_);
  }

 private:
  Text separator_;
  bool is_first_ = true;
};

Result<Value> joiner(BuiltinCall& call) {
  HEARTH_ASSIGN(Text separator, call.text(0, ", "));
  return Value(call.heap().make<Joiner>(std::move(separator)));
}

Result<Value> raise_exception(BuiltinCall& call) {
  return call.fail(
      fmt::format("the template refuses this input: {}", to_text(call.arguments[0], call.budget()).bytes()));
}

Result<Value> strftime_now(BuiltinCall& call) {
  HEARTH_ASSIGN(const Text format, call.text(0, ""));
  const Origin origin = format.has_input() ? Origin::kInput : Origin::kTemplate;
  return Value(Text(format_time(format.bytes(), call.interpreter.now()), origin));
}

constexpr Builtin kGlobals[] = {
    {"range", range, 1, {"start", "stop", "step"}},
    {"dict", dict, 0, {"pairs"}, true},
    {"namespace", namespace_function, 0, {"pairs"}, true},
    {"cycler", cycler, 0, {}, true},
    {"joiner", joiner, 0, {"sep"}},
    {"raise_exception", raise_exception, 1, {"message"}},
    {"strftime_now", strftime_now, 1, {"format"}},
};

}  // namespace

std::span<const Builtin> global_functions() { return kGlobals; }

}  // namespace hearth::jinja
