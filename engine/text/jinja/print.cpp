#include "engine/text/jinja/print.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "engine/text/jinja/access.h"
#include "engine/text/jinja/characters.h"
#include "engine/text/jinja/dict.h"
#include "engine/text/jinja/object.h"
#include "engine/text/jinja/string_transform.h"
#include "engine/text/jinja/value.h"

namespace hearth::jinja {
namespace {

void append(TextBuilder& out, std::string_view bytes) { out.append(bytes, Origin::kTemplate); }

std::string repr_escape(char32_t character, char quote) {
  const auto code = static_cast<uint32_t>(character);
  if (code == '\\' || code == static_cast<unsigned char>(quote)) return {'\\', static_cast<char>(code)};
  if (code == '\n') return "\\n";
  if (code == '\r') return "\\r";
  if (code == '\t') return "\\t";
  if (code < 0x100) return fmt::format("\\x{:02x}", code);
  return code < 0x10000 ? fmt::format("\\u{:04x}", code) : fmt::format("\\U{:08x}", code);
}

void print_quoted(const Text& text, TextBuilder& out) {
  if (text.is_safe()) append(out, "Markup(");
  const bool has_single = text.bytes().find('\'') != std::string_view::npos;
  const bool has_double = text.bytes().find('"') != std::string_view::npos;
  const char quote = has_single && !has_double ? '"' : '\'';
  append(out, {&quote, 1});
  text.each_piece([&](std::string_view piece, Origin origin) {
    size_t plain_from = 0;
    const auto is_plain = [&](char32_t c) {
      return c != '\\' && c != static_cast<char32_t>(quote) && is_printable(c);
    };
    while (plain_from < piece.size()) {
      const size_t plain = skip_leading(piece.substr(plain_from), is_plain);
      out.append(piece.substr(plain_from, plain), origin);
      plain_from += plain;
      if (plain_from == piece.size()) break;
      const Utf8Character character = decode_utf8(piece.substr(plain_from));
      out.append(repr_escape(character.code_point, quote), origin);
      plain_from += character.bytes;
    }
  });
  append(out, {&quote, 1});
  if (text.is_safe()) append(out, ")");
}

void print_list(const List& list, TextBuilder& out) {
  append(out, list.is_tuple ? "(" : "[");
  for (size_t i = 0; i < list.items.size() && !out.budget().exhausted(); ++i) {
    if (i > 0) append(out, ", ");
    print_repr(list.items[i], out);
  }
  append(out, list.is_tuple ? (list.items.size() == 1 ? ",)" : ")") : "]");
}

void print_dict(const Dict& dict, TextBuilder& out) {
  append(out, "{");
  bool first = true;
  for (const Dict::Entry& entry : dict.entries()) {
    if (out.budget().exhausted()) return;
    if (!first) append(out, ", ");
    first = false;
    print_repr(entry.key, out);
    append(out, ": ");
    print_repr(entry.value, out);
  }
  append(out, "}");
}

void print_object(Object& object, TextBuilder& out) {
  Namespace* const space = object.as_namespace();
  if (space == nullptr) return append(out, fmt::format("<{}>", object.shown()));
  append(out, "<Namespace ");
  print_dict(space->attributes, out);
  append(out, ">");
}

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

std::string real_repr(double value) {
  // fmt, like Python, writes the shortest digits, with an exponent below 1e-4 and from 1e16.
  std::string digits = fmt::format("{}", value);
  const bool looks_integral = digits.find_first_not_of("-0123456789") == std::string::npos;
  return looks_integral ? digits + ".0" : digits;
}

std::string integer_repr(const Value& value, Budget& budget) {
  if (value.integer()) return fmt::format("{}", *value.integer());
  const BigInteger whole = value.whole();
  budget.spend(1 + whole.bits() * whole.bits() / 20000);  // each digit divides what is left
  return whole.digits();
}

void print(const Value& value, TextBuilder& out) {
  if (value.text()) {
    out.append(*value.text());
  } else if (!value.is_undefined()) {
    print_repr(value, out);
  }
}

Text to_text(const Value& value, Budget& budget) {
  if (value.text()) return *value.text();
  TextBuilder out(budget);
  print(value, out);
  return out.take();
}

Text repr_of(const Value& value, Budget& budget) {
  TextBuilder out(budget);
  print_repr(value, out);
  return out.take();
}

Text ascii_repr_of(const Value& value, Budget& budget) {
  TextBuilder out(budget);
  repr_of(value, budget).each_piece([&](std::string_view piece, Origin origin) {
    std::string ascii;
    each_character(piece, [&](char32_t c, std::string_view bytes) {
      ascii += c < 0x80 ? std::string(bytes) : repr_escape(c, '\0');
    });
    out.append(ascii, origin);
  });
  return out.take();
}

void print_repr(const Value& value, TextBuilder& out) {
  const Level level(out.budget());
  if (!level) return;
  if (value.text()) return print_quoted(*value.text(), out);
  if (value.list()) return print_list(*value.list(), out);
  if (value.dict()) return print_dict(*value.dict(), out);
  if (value.is_undefined()) return append(out, "Undefined");
  if (value.is_none()) return append(out, "None");
  if (value.boolean()) return append(out, *value.boolean() ? "True" : "False");
  if (value.real()) return append(out, real_repr(*value.real()));
  if (value.object()) return print_object(*value.object(), out);
  append(out, integer_repr(value, out.budget()));
}

Result<Text> pretty_print(const Value& value, Interpreter& interpreter) {
  HEARTH_ASSIGN(const Value ordered, sorted(value, interpreter));
  PrettyPrinter printer(interpreter.budget());
  printer.write(ordered, 0, 0, 0);
  return printer.take();
}

}  // namespace hearth::jinja
