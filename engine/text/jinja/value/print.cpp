// Values as text: as Python writes them, and as HTML shows them.
#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "engine/text/jinja/value/characters.h"
#include "engine/text/jinja/value/value.h"

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

std::string_view entity(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '\'':
      return "&#39;";
    case '"':
      return "&#34;";
    default:
      return {};
  }
}

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

Text escape_html(const Text& text, Budget& budget) {
  TextBuilder out(budget);
  text.each_piece([&](std::string_view piece, Origin origin) {
    std::string escaped;
    for (const char c : piece) {
      if (const std::string_view replacement = entity(c); !replacement.empty()) {
        escaped += replacement;
      } else {
        escaped += c;
      }
    }
    out.append(escaped, origin);
  });
  return out.take().as_safe();
}

Text to_safe_text(const Value& value, Budget& budget) {
  const Text text = to_text(value, budget);
  return text.is_safe() ? text : escape_html(text, budget);
}

}  // namespace hearth::jinja
