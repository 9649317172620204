// Methods of strings, as in Python.
#include <fmt/format.h>

#include <algorithm>

#include "engine/text/jinja/access.h"
#include "engine/text/jinja/builtin.h"
#include "engine/text/jinja/characters.h"
#include "engine/text/jinja/format_spec.h"
#include "engine/text/jinja/print.h"
#include "engine/text/jinja/search.h"
#include "engine/text/jinja/str_format.h"
#include "engine/text/jinja/string_transform.h"

namespace hearth::jinja {
namespace {

const Text& self(const BuiltinCall& call) { return *call.subject.text(); }

template <Text (*transform)(const Text&, Budget&)>
Result<Value> transformed(BuiltinCall& call) {
  return Value(transform(self(call), call.budget()));
}

template <Ends ends>
Result<Value> stripped(BuiltinCall& call) {
  if (!call.has(0) || call.arguments[0].is_none())
    return Value(strip(self(call), ends, std::nullopt, call.budget()));
  HEARTH_ASSIGN(const Text unwanted, call.text(0, ""));
  return Value(strip(self(call), ends, unwanted.bytes(), call.budget()));
}

/// startswith and endswith: the affix is a string or a tuple of them.
template <bool at_start>
Result<Value> has_affix(BuiltinCall& call) {
  std::vector<Value> affixes{call.arguments[0]};
  if (const List* list = call.arguments[0].list()) affixes = list->items;
  for (const Value& affix : affixes) {
    if (!affix.text()) {
      return call.interpreter.fail_about(
          affix, fmt::format("{} takes a string, not {}", call.builtin.name, affix.described()));
    }
    const std::string_view wanted = affix.text()->bytes();
    call.budget().spend_bytes(wanted.size());
    if (at_start ? self(call).bytes().starts_with(wanted) : self(call).bytes().ends_with(wanted)) {
      return Value::boolean(true);
    }
  }
  return Value::boolean(false);
}

Value list_of(std::vector<Text> parts, BuiltinCall& call) {
  std::vector<Value> items;
  items.reserve(parts.size());
  for (Text& part : parts) items.emplace_back(std::move(part));
  return call.heap().list(std::move(items));
}

template <bool from_end>
Result<Value> split_method(BuiltinCall& call) {
  HEARTH_ASSIGN(const int64_t most, call.integer(1, -1));
  if (!call.has(0) || call.arguments[0].is_none()) {
    return list_of((from_end ? rsplit_words : split_words)(self(call), most, call.budget()), call);
  }
  HEARTH_ASSIGN(const Text separator, call.text(0, ""));
  if (separator.empty()) return call.fail("split needs a separator that is not empty");
  return list_of((from_end ? rsplit : split)(self(call), separator.bytes(), most, call.budget()), call);
}

Result<Value> splitlines(BuiltinCall& call) {
  return list_of(split_lines(self(call), call.flag(0, false), call.budget()), call);
}

/// What is before, is, and is after the separator.
template <bool from_end>
Result<Value> partition(BuiltinCall& call) {
  HEARTH_ASSIGN(const Text separator, call.text(0, ""));
  if (separator.empty()) return call.fail("partition needs a separator that is not empty");
  const Text& text = self(call);
  const size_t found = from_end ? rfind_text(text.bytes(), separator.bytes(), call.budget())
                                : find_text(text.bytes(), separator.bytes(), 0, call.budget());
  if (found == std::string_view::npos) {
    const Value whole(text);
    const Value empty((Text()));
    return Value(from_end ? call.heap().tuple({empty, empty, whole})
                          : call.heap().tuple({whole, empty, empty}));
  }
  const size_t after = found + separator.size();
  return Value(
      call.heap().tuple({slice(text, 0, found, call.budget()), slice(text, found, after, call.budget()),
                         slice(text, after, text.size(), call.budget())}));
}

Result<Value> replace_method(BuiltinCall& call) {
  HEARTH_ASSIGN(const Text old, call.text(0, ""));
  HEARTH_ASSIGN(const Text with, call.text(1, ""));
  HEARTH_ASSIGN(const int64_t count, call.integer(2, -1));
  return Value(replace(self(call), old.bytes(), with, count, call.budget()));
}

/// The index of the first (or last) place in characters, -1 if there is none.
template <bool from_end>
Result<int64_t> find_index(BuiltinCall& call) {
  HEARTH_ASSIGN(const Text wanted, call.text(0, ""));
  HEARTH_ASSIGN(const Value part,
                slice_of(call.subject, call.arguments[1], call.arguments[2], Value(), call.interpreter));
  const std::string_view bytes = part.text()->bytes();
  const size_t found = from_end ? rfind_text(bytes, wanted.bytes(), call.budget())
                                : find_text(bytes, wanted.bytes(), 0, call.budget());
  if (found == std::string_view::npos) return -1;
  HEARTH_ASSIGN(const int64_t start, call.integer(1, 0));
  const auto length = static_cast<int64_t>(self(call).characters());
  const int64_t offset = start < 0 ? std::max<int64_t>(start + length, 0) : start;
  return offset + static_cast<int64_t>(count_characters(bytes.substr(0, found)));
}

template <bool from_end>
Result<Value> find_method_of_string(BuiltinCall& call) {
  HEARTH_ASSIGN(const int64_t index, find_index<from_end>(call));
  return Value::integer(index);
}

template <bool from_end>
Result<Value> index_method(BuiltinCall& call) {
  HEARTH_ASSIGN(const int64_t index, find_index<from_end>(call));
  if (index < 0) return call.fail(fmt::format("{} finds no such part in the string", call.builtin.name));
  return Value::integer(index);
}

Result<Value> count(BuiltinCall& call) {
  HEARTH_ASSIGN(const Text wanted, call.text(0, ""));
  if (wanted.empty()) return Value::integer(static_cast<int64_t>(self(call).characters()) + 1);
  int64_t places = 0;
  for (size_t from = 0;;) {
    const size_t found = find_text(self(call).bytes(), wanted.bytes(), from, call.budget());
    if (found == std::string_view::npos || call.budget().exhausted()) return Value::integer(places);
    ++places;
    from = found + wanted.size();
  }
}

Result<Value> join(BuiltinCall& call) {
  HEARTH_ASSIGN(const std::vector<Value> items, items_of(call.arguments[0], call.interpreter));
  TextBuilder out(call.budget());
  for (size_t i = 0; i < items.size(); ++i) {
    if (!items[i].text()) {
      return call.interpreter.fail_about(
          items[i], fmt::format("join takes strings, not {}; use the join filter", items[i].described()));
    }
    if (i > 0) out.append(self(call));
    out.append(*items[i].text());
  }
  return Value(out.take());
}

Result<Value> format(BuiltinCall& call) { return str_format(self(call), call.rest, call.interpreter); }

template <char align>
Result<Value> padded(BuiltinCall& call) {
  FormatSpec spec;
  spec.align = align;
  HEARTH_ASSIGN(spec.width, call.integer(0, 0));
  Text fill("0", Origin::kTemplate);  // zfill's, which takes none
  if (align != '=') {
    HEARTH_ASSIGN(fill, call.text(1, " "));
  }
  if (spec.width > kMaxFormatWidth)
    return call.fail(fmt::format("{} to that many columns is too much", call.builtin.name));
  if (fill.characters() != 1) return call.fail(fmt::format("{} fills with one character", call.builtin.name));
  if (align == '^') return Value(center(self(call), spec.width, fill.bytes(), call.budget()));
  spec.fill = fill.bytes();
  TextBuilder out(call.budget());
  append_padded(self(call), spec, false, out);
  return Value(out.take());
}

Result<Value> removeprefix(BuiltinCall& call) {
  HEARTH_ASSIGN(const Text prefix, call.text(0, ""));
  const Text& text = self(call);
  const size_t begin = text.bytes().starts_with(prefix.bytes()) ? prefix.size() : 0;
  return Value(slice(text, begin, text.size(), call.budget()));
}

Result<Value> removesuffix(BuiltinCall& call) {
  HEARTH_ASSIGN(const Text suffix, call.text(0, ""));
  const Text& text = self(call);
  const size_t end = text.size() - (text.bytes().ends_with(suffix.bytes()) ? suffix.size() : 0);
  return Value(slice(text, 0, end, call.budget()));
}

bool is_decimal(char32_t c) { return classify(c).category == GeneralCategory::kNd; }
bool is_alphanumeric(char32_t c) { return is_letter(c) || is_number(c); }

/// Whether there are characters and all of them are of that kind.
template <bool (*is_of_kind)(char32_t)>
Result<Value> all_are(BuiltinCall& call) {
  call.budget().spend_bytes(self(call).size());
  const std::string_view bytes = self(call).bytes();
  return Value::boolean(!bytes.empty() && skip_leading(bytes, is_of_kind) == bytes.size());
}

Result<Value> isupper(BuiltinCall& call) {
  HEARTH_ASSIGN(const bool result, call.interpreter.apply_test("upper", call.subject, {}));
  return Value::boolean(result);
}

Result<Value> islower(BuiltinCall& call) {
  HEARTH_ASSIGN(const bool result, call.interpreter.apply_test("lower", call.subject, {}));
  return Value::boolean(result);
}

constexpr Builtin kMethods[] = {
    {"upper", transformed<to_upper>},
    {"lower", transformed<to_lower>},
    {"casefold", transformed<to_lower>},
    {"capitalize", transformed<capitalize>},
    {"title", transformed<title_case>},
    {"strip", stripped<Ends::kBoth>, 0, {"chars"}},
    {"lstrip", stripped<Ends::kLeft>, 0, {"chars"}},
    {"rstrip", stripped<Ends::kRight>, 0, {"chars"}},
    {"startswith", has_affix<true>, 1, {"prefix"}},
    {"endswith", has_affix<false>, 1, {"suffix"}},
    {"split", split_method<false>, 0, {"sep", "maxsplit"}},
    {"rsplit", split_method<true>, 0, {"sep", "maxsplit"}},
    {"splitlines", splitlines, 0, {"keepends"}},
    {"partition", partition<false>, 1, {"sep"}},
    {"rpartition", partition<true>, 1, {"sep"}},
    {"replace", replace_method, 2, {"old", "new", "count"}},
    {"find", find_method_of_string<false>, 1, {"sub", "start", "end"}},
    {"rfind", find_method_of_string<true>, 1, {"sub", "start", "end"}},
    {"index", index_method<false>, 1, {"sub", "start", "end"}},
    {"rindex", index_method<true>, 1, {"sub", "start", "end"}},
    {"count", count, 1, {"sub"}},
    {"join", join, 1, {"iterable"}},
    {"format", format, 0, {}, true},
    {"ljust", padded<'<'>, 1, {"width", "fillchar"}},
    {"rjust", padded<'>'>, 1, {"width", "fillchar"}},
    {"center", padded<'^'>, 1, {"width", "fillchar"}},
    {"zfill", padded<'='>, 1, {"width"}},
    {"removeprefix", removeprefix, 1, {"prefix"}},
    {"removesuffix", removesuffix, 1, {"suffix"}},
    {"isspace", all_are<is_space>},
    {"isalpha", all_are<is_letter>},
    {"isdigit", all_are<is_decimal>},
    {"isdecimal", all_are<is_decimal>},
    {"isnumeric", all_are<is_number>},
    {"isalnum", all_are<is_alphanumeric>},
    {"isupper", isupper},
    {"islower", islower},
};

}  // namespace

std::span<const Builtin> string_methods() { return kMethods; }

}  // namespace hearth::jinja
