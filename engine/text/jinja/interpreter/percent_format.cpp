#include <fmt/format.h>

#include <cmath>

#include "engine/text/jinja/interpreter/format.h"
#include "engine/text/jinja/value/characters.h"
#include "engine/text/jinja/value/value.h"

namespace hearth::jinja {
namespace {

class PercentFormatter {
 public:
  PercentFormatter(const Text& format, const Value& values, Interpreter& interpreter)
      : format_(format), values_(values), interpreter_(interpreter), out_(interpreter.budget()) {}

  Result<Value> run() {
    const std::string_view bytes = format_.bytes();
    while (next_ < bytes.size() && !interpreter_.budget().exhausted()) {
      const size_t percent = std::min(bytes.find('%', next_), bytes.size());
      out_.append(format_, next_, percent);
      next_ = percent;
      if (next_ < bytes.size()) HEARTH_TRY(replace_one());
    }
    const List* tuple = tuple_of_values();
    const size_t count = tuple ? tuple->items.size() : 1;
    // Python takes lists and dicts for mappings of names, of which some may go unused.
    const bool may_go_unused =
        values_.dict() || values_.is_undefined() || (values_.list() && tuple == nullptr);
    if (used_ < count && !may_go_unused) return interpreter_.fail("% has more values than its string uses");
    return Value(out_.take().as_safe(format_.is_safe()));
  }

 private:
  const List* tuple_of_values() const {
    return values_.list() && values_.list()->is_tuple ? values_.list() : nullptr;
  }
  std::string_view rest() const { return format_.bytes().substr(next_); }
  char at(size_t offset) const { return offset < format_.size() ? format_.bytes()[offset] : '\0'; }

  Result<Value> next_value() {
    const List* tuple = tuple_of_values();
    const size_t index = used_++;
    if (tuple ? index >= tuple->items.size() : index > 0) {
      return interpreter_.fail("% has fewer values than its string uses");
    }
    return tuple ? tuple->items[index] : values_;
  }

  Result<Value> named_value() {
    const size_t end = format_.bytes().find(')', next_);
    if (end == std::string_view::npos) return interpreter_.fail("%(name) in a string misses its ')'");
    const std::string_view name = format_.bytes().substr(next_ + 1, end - next_ - 1);
    const Value* found = values_.dict() ? values_.dict()->find(name) : nullptr;
    if (found == nullptr) return interpreter_.fail(fmt::format("% has no value named '{}'", name));
    next_ = end + 1;
    return *found;
  }

  /// Digits, or a star for the next value.
  Result<int64_t> read_number(int64_t maximum) {
    int64_t number = 0;
    if (at(next_) == '*') {
      ++next_;
      HEARTH_ASSIGN(const Value value, next_value());
      if (!value.integer()) return interpreter_.fail("* in % needs an integer");
      number = *value.integer();
    } else {
      for (; at(next_) >= '0' && at(next_) <= '9' && number <= maximum; ++next_) {
        number = number * 10 + (at(next_) - '0');
      }
    }
    if (number < -maximum || number > maximum) {
      return interpreter_.fail(fmt::format("a width or precision in % is larger than {}", maximum));
    }
    return number;
  }

  void read_flags(FormatSpec& spec) {
    for (;; ++next_) {
      const char flag = at(next_);
      if (flag == '-') {
        spec.align = '<';
      } else if (flag == '0') {
        spec.fill = "0";
      } else if (flag == '+' || (flag == ' ' && spec.sign != '+')) {
        spec.sign = flag;
      } else if (flag == '#') {
        spec.alternate = true;
      } else if (flag != ' ') {
        break;
      }
    }
  }

  /// Replaces the conversion at next_, such as %5.2f or %(name)s.
  Result<void> replace_one() {
    const Origin origin = format_.origin_at(next_);
    ++next_;
    if (at(next_) == '%') {
      ++next_;
      out_.append("%", origin);
      return {};
    }
    const bool is_named = at(next_) == '(';
    Value value;
    if (is_named) {
      HEARTH_ASSIGN(value, named_value());
    }
    FormatSpec spec;
    read_flags(spec);
    HEARTH_ASSIGN(spec.width, read_number(kMaxFormatWidth));
    if (spec.width < 0) {
      spec.align = '<';
      spec.width = -spec.width;
    }
    if (spec.align == '<') spec.fill = " ";
    if (at(next_) == '.') {
      ++next_;
      HEARTH_ASSIGN(const int64_t precision, read_number(kMaxFormatPrecision));
      spec.precision = std::max<int64_t>(precision, 0);
    }
    if (at(next_) == 'h' || at(next_) == 'l' || at(next_) == 'L') ++next_;
    const std::string_view type = rest().substr(0, character_bytes(at(next_)));
    if (type.size() != 1) {
      return interpreter_.fail(
          fmt::format("'%{}' in a string is no conversion; write %% for a percent sign", type));
    }
    spec.type = type[0];
    ++next_;
    if (!is_named) {
      HEARTH_ASSIGN(value, next_value());
    }
    return append_value(value, spec);
  }

  Result<void> append_value(const Value& value, FormatSpec spec) {
    const char type = spec.type;
    if (type == 's' || type == 'r' || type == 'a' || type == 'c') {
      HEARTH_ASSIGN(const Text text, text_of(value, type));
      spec.fill = " ";
      append_padded(type == 'c' ? text : cut_to_precision(text, spec, interpreter_.budget()), spec, '>', 0,
                    out_);
      return {};
    }
    if (type == '%') return interpreter_.fail("'%%' in a string takes nothing between its two signs");
    const bool is_decimal = type == 'd' || type == 'i' || type == 'u';
    const bool needs_integer = type == 'x' || type == 'X' || type == 'o';
    if (!value.is_number() || (needs_integer && !value.is_integer())) {
      return interpreter_.fail_about(
          value, fmt::format("%{} in a string needs {}, not {}", type,
                             needs_integer ? "an integer" : "a number", value.described()));
    }
    Value number = value;
    if (is_decimal) {
      spec.type = 'd';
      if (value.real() && !std::isfinite(*value.real())) return interpreter_.fail("%d needs a finite number");
      HEARTH_ASSIGN(number, interpreter_.apply_filter("int", value, {}));
    }
    HEARTH_ASSIGN(FormattedNumber formatted, format_number(number, spec, interpreter_));
    const size_t digits = formatted.text.size() - formatted.prefix_bytes;
    if ((is_decimal || needs_integer) && spec.precision && *spec.precision > static_cast<int64_t>(digits)) {
      formatted.text.insert(formatted.prefix_bytes, static_cast<size_t>(*spec.precision) - digits, '0');
    }
    if (spec.fill == "0") spec.align = '=';
    append_padded(Text(formatted.text, Origin::kTemplate), spec, '>', formatted.prefix_bytes, out_);
    return {};
  }

  /// What %s, %r, %a and %c show of a value; escaped where the string is safe.
  Result<Text> text_of(const Value& value, char type) {
    Budget& budget = interpreter_.budget();
    if (type == 'c' && value.is_integer()) return character_of(value, interpreter_);
    if (type == 'c' && !(value.text() && value.text()->characters() == 1)) {
      return interpreter_.fail_about(value, "%c in a string needs a code point or one character");
    }
    const bool is_plain = type == 's' || type == 'c';
    if (is_plain && format_.is_safe()) return to_safe_text(value, budget);
    const Text text = is_plain      ? to_text(value, budget)
                      : type == 'r' ? repr_of(value, budget)
                                    : ascii_repr_of(value, budget);
    return format_.is_safe() ? escape_html(text, budget) : text;
  }

  const Text& format_;
  const Value& values_;
  Interpreter& interpreter_;
  TextBuilder out_;
  size_t next_ = 0;
  size_t used_ = 0;  // values taken so far
};

}  // namespace

Result<Value> percent_format(const Text& format, const Value& values, Interpreter& interpreter) {
  return PercentFormatter(format, values, interpreter).run();
}

}  // namespace hearth::jinja
