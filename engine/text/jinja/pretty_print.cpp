#include "engine/text/jinja/pretty_print.h"

#include <algorithm>
#include <string>

#include "engine/text/jinja/access.h"
#include "engine/text/jinja/characters.h"
#include "engine/text/jinja/compare.h"
#include "engine/text/jinja/print.h"
#include "engine/text/jinja/string_transform.h"

namespace hearth::jinja {
namespace {

constexpr int64_t kWidth = 80;

/// Keys that have no order go by the names of their types, of which these are Python's.
std::string_view type_name(const Value& value) {
  if (value.is_none()) return "NoneType";
  if (value.boolean()) return "bool";
  if (value.real()) return "float";
  if (value.is_integer()) return "int";
  if (value.text()) return value.text()->is_safe() ? "markupsafe.Markup" : "str";
  return value.list() ? "tuple" : "object";
}

/// The value with the keys of all dicts within in order.
Result<Value> sorted(const Value& value, Interpreter& interpreter) {
  const Level level(interpreter.budget());
  if (!level) return interpreter.limit_error();
  if (value.list()) {
    HEARTH_ASSIGN(std::vector<Value> items, items_of(value, interpreter));
    for (Value& item : items) {
      HEARTH_ASSIGN(item, sorted(item, interpreter));
    }
    return Value(interpreter.heap().make<List>(std::move(items), value.list()->is_tuple));
  }
  if (!value.dict()) return value;
  HEARTH_ASSIGN(std::vector<Value> keys, items_of(value, interpreter));
  std::stable_sort(keys.begin(), keys.end(), [&](const Value& a, const Value& b) {
    const auto order = compare(a, b, interpreter.budget());
    return order ? std::is_lt(*order) : type_name(a) < type_name(b);
  });
  Dict* dict = interpreter.heap().make<Dict>();
  for (const Value& key : keys) {
    HEARTH_ASSIGN(Value item, sorted(*value.dict()->find(key), interpreter));
    HEARTH_TRY(set_item(*dict, key, std::move(item), interpreter));
  }
  return Value(dict);
}

class PrettyPrinter {
 public:
  explicit PrettyPrinter(Budget& budget) : budget_(budget), out_(budget) {}

  /// `indent` columns are taken before the value, `allowance` after it.
  void write(const Value& value, int64_t indent, int64_t allowance, int depth) {
    const Level level(budget_);
    if (!level) return;
    const Text plain = repr_of(value, budget_);
    const bool fits = static_cast<int64_t>(plain.characters()) <= kWidth - indent - allowance;
    const bool is_string = value.text() && !value.text()->is_safe();
    if (fits || !(value.list() || value.dict() || is_string)) {
      out_.append(plain);
    } else if (value.list()) {
      write_list(*value.list(), indent, allowance, depth + 1);
    } else if (value.dict()) {
      write_dict(*value.dict(), indent, allowance, depth + 1);
    } else {
      write_string(*value.text(), indent, allowance, depth == 0);
    }
  }
  Text take() { return out_.take(); }

 private:
  void put(std::string_view bytes) { out_.append(bytes, Origin::kTemplate); }
  void new_line(int64_t indent) {
    put("\n");
    put(std::string(static_cast<size_t>(indent), ' '));
  }

  void write_list(const List& list, int64_t indent, int64_t allowance, int depth) {
    const std::string_view close = !list.is_tuple ? "]" : list.items.size() == 1 ? ",)" : ")";
    put(list.is_tuple ? "(" : "[");
    for (size_t i = 0; i < list.items.size() && !budget_.exhausted(); ++i) {
      const bool is_last = i + 1 == list.items.size();
      write(list.items[i], indent + 1, is_last ? allowance + static_cast<int64_t>(close.size()) : 1, depth);
      if (is_last) break;
      put(",");
      new_line(indent + 1);
    }
    put(close);
  }

  void write_dict(const Dict& dict, int64_t indent, int64_t allowance, int depth) {
    put("{");
    size_t left = dict.size();
    for (const auto& [key, value] : dict.entries()) {
      if (budget_.exhausted()) return;
      const Text name = repr_of(key, budget_);
      out_.append(name);
      put(": ");
      const auto columns = static_cast<int64_t>(name.characters()) + 3;
      write(value, indent + columns, --left == 0 ? allowance + 1 : 1, depth);
      if (left == 0) break;
      put(",");
      new_line(indent + 1);
    }
    put("}");
  }

  /// Literals below each other that Python would join again; in brackets where nothing else is around them.
  void write_string(const Text& text, int64_t indent, int64_t allowance, bool has_brackets) {
    if (has_brackets) {
      ++indent;
      ++allowance;
    }
    const std::vector<Text> literals = literals_of(text, kWidth - indent, allowance);
    if (has_brackets && literals.size() > 1) put("(");
    for (size_t i = 0; i < literals.size(); ++i) {
      if (i > 0) new_line(indent);
      out_.append(literals[i]);
    }
    if (has_brackets && literals.size() > 1) put(")");
  }

  std::vector<Text> literals_of(const Text& text, int64_t width, int64_t allowance) {
    std::vector<Text> literals;
    const std::vector<Text> lines = split_lines(text, true, budget_);
    for (size_t i = 0; i < lines.size() && !budget_.exhausted(); ++i) {
      const bool is_last = i + 1 == lines.size();
      const Text whole = repr_of(Value(lines[i]), budget_);
      if (static_cast<int64_t>(whole.characters()) <= width - (is_last ? allowance : 0)) {
        literals.push_back(whole);
      } else {
        add_parts(lines[i], width, is_last ? allowance : 0, literals);
      }
    }
    return literals;
  }

  /// As many words, each with the white space after it, as fit one literal.
  void add_parts(const Text& line, int64_t width, int64_t allowance, std::vector<Text>& literals) {
    const std::string_view bytes = line.bytes();
    const auto is_no_space = [](char32_t c) { return !is_space(c); };
    size_t begin = 0;
    for (size_t next = 0; next < bytes.size() && !budget_.exhausted();) {
      size_t end = next + skip_leading(bytes.substr(next), is_no_space);
      end += skip_leading(bytes.substr(end), is_space);
      const bool is_last = end == bytes.size();
      const Text candidate = repr_of(Value(slice(line, begin, end, budget_)), budget_);
      const bool fits = static_cast<int64_t>(candidate.characters()) <= width - (is_last ? allowance : 0);
      if (!fits && next > begin) {
        literals.push_back(repr_of(Value(slice(line, begin, next, budget_)), budget_));
        begin = next;
      }
      next = end;
    }
    literals.push_back(repr_of(Value(slice(line, begin, bytes.size(), budget_)), budget_));
  }

  Budget& budget_;
  TextBuilder out_;
};

}  // namespace

Result<Text> pretty_print(const Value& value, Interpreter& interpreter) {
  HEARTH_ASSIGN(const Value ordered, sorted(value, interpreter));
  PrettyPrinter printer(interpreter.budget());
  printer.write(ordered, 0, 0, 0);
  return printer.take();
}

}  // namespace hearth::jinja
