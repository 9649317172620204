// Methods of strings, as in Python.
#include <fmt/format.h>

#include <algorithm>

#include "engine/text/jinja/interpreter/builtin.h"
#include "engine/text/jinja/interpreter/format.h"
#include "engine/text/jinja/interpreter/operators.h"
#include "engine/text/jinja/value/characters.h"
#include "engine/text/jinja/value/string_transform.h"
#include "engine/text/jinja/value/value.h"

namespace hearth::jinja {
namespace {

const Text& own_text(const BuiltinCall& call) { return *call.subject.text(); }

/// What a method makes of safe text is safe, too.
template <BuiltinFunction method>
Result<Value> stays_safe(BuiltinCall& call) {
  HEARTH_ASSIGN(Value result, method(call));
  if (!own_text(call).is_safe()) return result;
  if (result.text()) return Value(result.text()->as_safe());
  for (Value& part : result.list()->items) part = part.text()->as_safe();
  return result;
}

/// Text that goes into a string: escaped where that one is safe.
Text fitting(const Text& added, const BuiltinCall& call) {
  return own_text(call).is_safe() ? to_safe_text(added, call.budget()) : added;
}

template <Text (*transform)(const Text&, Budget&)>
Result<Value> transform_method(BuiltinCall& call) {
  return Value(transform(own_text(call), call.budget()));
}

template <Ends ends>
Result<Value> stripped(BuiltinCall& call) {
  if (!call.has(0) || call.arguments[0].is_none())
    return Value(strip(own_text(call), ends, std::nullopt, call.budget()));
  HEARTH_ASSIGN(const Text unwanted, call.text(0, ""));
  return Value(strip(own_text(call), ends, unwanted.bytes(), call.budget()));
}

/// The part of the string that the arguments at `index` and after it bound, as slices do.
Result<Text> bounded(const BuiltinCall& call, size_t index) {
  const auto bound = [&](size_t i) { return call.has(i) ? call.arguments[i] : Value(None()); };
  HEARTH_ASSIGN(const Value part,
                slice_of(call.subject, bound(index), bound(index + 1), None(), call.interpreter));
  return *part.text();
}

/// Whether a search from `start` on lies behind the end of the string, where not even nothing is found.
bool starts_behind(const BuiltinCall& call, size_t start) {
  const std::optional<int64_t> first = call.arguments[start].integer();
  return first && *first > static_cast<int64_t>(own_text(call).characters());
}

/// startswith and endswith: the affix is a string or a tuple of them.
template <bool at_start>
Result<Value> has_affix(BuiltinCall& call) {
  std::vector<Value> affixes{call.arguments[0]};
  if (const List* list = call.arguments[0].list(); list && list->is_tuple) affixes = list->items;
  HEARTH_ASSIGN(const Text part, bounded(call, 1));
  for (const Value& affix : affixes) {
    if (!affix.text()) {
      return call.interpreter.fail_about(
          affix, fmt::format("{} takes a string, not {}", call.builtin.name, affix.described()));
    }
    const std::string_view wanted = affix.text()->bytes();
    call.budget().spend_bytes(wanted.size());
    if (wanted.empty() && starts_behind(call, 1)) continue;
    if (at_start ? part.bytes().starts_with(wanted) : part.bytes().ends_with(wanted))
      return Value::boolean(true);
  }
  return Value::boolean(false);
}

Value list_of_texts(std::vector<Text> parts, BuiltinCall& call) {
  std::vector<Value> items;
  items.reserve(parts.size());
  for (Text& part : parts) items.emplace_back(std::move(part));
  return call.heap().list(std::move(items));
}

template <bool from_end>
Result<Value> split_method(BuiltinCall& call) {
  HEARTH_ASSIGN(const int64_t most, call.integer(1, -1));
  if (!call.has(0) || call.arguments[0].is_none()) {
    return list_of_texts((from_end ? rsplit_words : split_words)(own_text(call), most, call.budget()), call);
  }
  HEARTH_ASSIGN(const Text separator, call.text(0, ""));
  if (separator.empty()) return call.fail("split needs a separator that is not empty");
  return list_of_texts((from_end ? rsplit : split)(own_text(call), separator.bytes(), most, call.budget()),
                       call);
}

Result<Value> splitlines(BuiltinCall& call) {
  HEARTH_ASSIGN(const int64_t keep_ends, call.integer(0, 0));
  return list_of_texts(split_lines(own_text(call), keep_ends != 0, call.budget()), call);
}

/// What is before, is, and is after the separator.
template <bool from_end>
Result<Value> partition(BuiltinCall& call) {
  HEARTH_ASSIGN(const Text separator, call.text(0, ""));
  if (separator.empty()) return call.fail("partition needs a separator that is not empty");
  const Text& text = own_text(call);
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
  return Value(replace(own_text(call), old.bytes(), fitting(with, call), count, call.budget()));
}

/// The index of the first (or last) place in characters, -1 if there is none.
template <bool from_end>
Result<int64_t> find_index(BuiltinCall& call) {
  HEARTH_ASSIGN(const Text wanted, call.text(0, ""));
  HEARTH_ASSIGN(const Text part, bounded(call, 1));
  if (wanted.empty() && starts_behind(call, 1)) return -1;
  const std::string_view bytes = part.bytes();
  const size_t found = from_end ? rfind_text(bytes, wanted.bytes(), call.budget())
                                : find_text(bytes, wanted.bytes(), 0, call.budget());
  if (found == std::string_view::npos) return -1;
  const int64_t start = call.arguments[1].integer().value_or(0);
  const auto length = static_cast<int64_t>(own_text(call).characters());
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

Result<Value> count_part(BuiltinCall& call) {
  HEARTH_ASSIGN(const Text wanted, call.text(0, ""));
  HEARTH_ASSIGN(const Text part, bounded(call, 1));
  if (wanted.empty()) {
    return Value::integer(starts_behind(call, 1) ? 0 : static_cast<int64_t>(part.characters()) + 1);
  }
  int64_t places = 0;
  for (size_t from = 0;;) {
    const size_t found = find_text(part.bytes(), wanted.bytes(), from, call.budget());
    if (found == std::string_view::npos || call.budget().exhausted()) return Value::integer(places);
    ++places;
    from = found + wanted.size();
  }
}

Result<Value> join_method(BuiltinCall& call) {
  HEARTH_ASSIGN(const std::vector<Value> items, items_of(call.arguments[0], call.interpreter));
  TextBuilder out(call.budget());
  for (size_t i = 0; i < items.size(); ++i) {
    if (!items[i].text()) {
      return call.interpreter.fail_about(
          items[i], fmt::format("join takes strings, not {}; use the join filter", items[i].described()));
    }
    if (i > 0) out.append(own_text(call));
    out.append(fitting(*items[i].text(), call));
  }
  return Value(out.take());
}

Result<Value> format_method(BuiltinCall& call) {
  Dict named;
  for (const auto& [name, value] : call.rest.named) named.set(Value::text(name), value);
  return str_format(own_text(call), {call.rest.positional, named}, call.interpreter);
}

Result<Value> format_map(BuiltinCall& call) {
  const Dict none;
  const Dict* mapping = call.arguments[0].dict();
  return str_format(own_text(call), {{}, mapping == nullptr ? none : *mapping}, call.interpreter);
}

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
  fill = fitting(fill, call);
  if (fill.characters() != 1) return call.fail(fmt::format("{} fills with one character", call.builtin.name));
  if (align == '^') return Value(center(own_text(call), spec.width, fill.bytes(), call.budget()));
  spec.fill = fill.bytes();
  const bool has_sign = own_text(call).bytes().starts_with('-') || own_text(call).bytes().starts_with('+');
  TextBuilder out(call.budget());
  append_padded(own_text(call), spec, '<', has_sign ? 1 : 0, out);
  return Value(out.take());
}

Result<Value> removeprefix(BuiltinCall& call) {
  HEARTH_ASSIGN(const Text prefix, call.text(0, ""));
  const Text& text = own_text(call);
  const size_t begin = text.bytes().starts_with(prefix.bytes()) ? prefix.size() : 0;
  return Value(slice(text, begin, text.size(), call.budget()));
}

Result<Value> removesuffix(BuiltinCall& call) {
  HEARTH_ASSIGN(const Text suffix, call.text(0, ""));
  const Text& text = own_text(call);
  const size_t end = text.size() - (text.bytes().ends_with(suffix.bytes()) ? suffix.size() : 0);
  return Value(slice(text, 0, end, call.budget()));
}

Result<Value> expandtabs(BuiltinCall& call) {
  HEARTH_ASSIGN(const int64_t size, call.integer(0, 8));
  if (size > kMaxFormatWidth) return call.fail("expandtabs to that many columns is too much");
  return Value(expand_tabs(own_text(call), size, call.budget()));
}

/// What a table of code points has for each character: a string, another code point, or none to leave it out.
Result<Value> translate(BuiltinCall& call) {
  const Dict* table = call.arguments[0].dict();
  if (table == nullptr) {
    return call.interpreter.fail_about(call.arguments[0], "translate takes a dict of code points");
  }
  TextBuilder out(call.budget());
  const Text& text = own_text(call);
  for (size_t begin = 0; begin < text.size() && !call.budget().exhausted();) {
    const Utf8Character character = decode_utf8(text.bytes().substr(begin));
    const Value* found = table->find(Value::integer(int64_t{character.code_point}));
    const size_t end = begin + character.bytes;
    if (found == nullptr) {
      out.append(text, begin, end);
    } else if (found->text()) {
      out.append(*found->text());
    } else if (!found->is_none()) {
      HEARTH_ASSIGN(const Text code, character_of(*found, call.interpreter));
      out.append(code);
    }
    begin = end;
  }
  return Value(out.take());
}

bool is_ascii(char32_t c) { return c < 0x80; }
bool is_alphanumeric(char32_t c) { return is_letter(c) || is_number(c); }

/// Whether there are characters and all of them are of that kind.
template <bool (*is_of_kind)(char32_t), bool of_nothing = false>
Result<Value> all_are(BuiltinCall& call) {
  call.budget().spend_bytes(own_text(call).size());
  const std::string_view bytes = own_text(call).bytes();
  return Value::boolean((of_nothing || !bytes.empty()) && skip_leading(bytes, is_of_kind) == bytes.size());
}

/// A name as Python's grammar has it, but for the few characters that become one only when normalised.
Result<Value> isidentifier(BuiltinCall& call) {
  const std::string_view bytes = own_text(call).bytes();
  call.budget().spend_bytes(bytes.size());
  if (bytes.empty()) return Value::boolean(false);
  using enum GeneralCategory;
  const auto starts = [](char32_t c) { return c == '_' || classify(c).in(kLetters | category_set(kNl)); };
  const auto goes_on = [&](char32_t c) {
    return starts(c) || classify(c).in(category_set(kMn, kMc, kNd, kPc));
  };
  return Value::boolean(starts(decode_utf8(bytes).code_point) &&
                        skip_leading(bytes, goes_on) == bytes.size());
}

/// Whether every word begins with a capital, which no word has elsewhere.
Result<Value> istitle(BuiltinCall& call) {
  bool after_letter = false;
  bool any = false;
  bool all = true;
  call.budget().spend_bytes(own_text(call).size());
  each_character(own_text(call).bytes(), [&](char32_t c, std::string_view) {
    const LetterCase letter = case_of(c);
    if (letter == LetterCase::kUpper || letter == LetterCase::kTitle) all = all && !after_letter;
    if (letter == LetterCase::kLower) all = all && after_letter;
    after_letter = letter != LetterCase::kNone;
    any = any || after_letter;
  });
  return Value::boolean(any && all);
}

Result<Value> isupper(BuiltinCall& call) {
  HEARTH_ASSIGN(const bool result, call.interpreter.apply_test("upper", call.subject, {}));
  return Value::boolean(result);
}

Result<Value> islower(BuiltinCall& call) {
  HEARTH_ASSIGN(const bool result, call.interpreter.apply_test("lower", call.subject, {}));
  return Value::boolean(result);
}

constexpr Builtin kStringMethods[] = {
    {"upper", stays_safe<transform_method<to_upper>>},
    {"lower", stays_safe<transform_method<to_lower>>},
    {"casefold", stays_safe<transform_method<fold_case>>},
    {"swapcase", stays_safe<transform_method<swap_case>>},
    {"capitalize", stays_safe<transform_method<capitalize>>},
    {"title", stays_safe<transform_method<title_case>>},
    {"strip", stays_safe<stripped<Ends::kBoth>>, 0, {"chars"}},
    {"lstrip", stays_safe<stripped<Ends::kLeft>>, 0, {"chars"}},
    {"rstrip", stays_safe<stripped<Ends::kRight>>, 0, {"chars"}},
    {"startswith", has_affix<true>, 1, {"prefix", "start", "end"}},
    {"endswith", has_affix<false>, 1, {"suffix", "start", "end"}},
    {"split", stays_safe<split_method<false>>, 0, {"sep", "maxsplit"}},
    {"rsplit", stays_safe<split_method<true>>, 0, {"sep", "maxsplit"}},
    {"splitlines", stays_safe<splitlines>, 0, {"keepends"}},
    {"partition", stays_safe<partition<false>>, 1, {"sep"}},
    {"rpartition", stays_safe<partition<true>>, 1, {"sep"}},
    {"replace", stays_safe<replace_method>, 2, {"old", "new", "count"}},
    {"find", find_method_of_string<false>, 1, {"sub", "start", "end"}},
    {"rfind", find_method_of_string<true>, 1, {"sub", "start", "end"}},
    {"index", index_method<false>, 1, {"sub", "start", "end"}},
    {"rindex", index_method<true>, 1, {"sub", "start", "end"}},
    {"count", count_part, 1, {"sub", "start", "end"}},
    {"join", stays_safe<join_method>, 1, {"iterable"}},
    {"format", format_method, 0, {}, true},
    {"format_map", format_map, 1, {"mapping"}},
    {"expandtabs", stays_safe<expandtabs>, 0, {"tabsize"}},
    {"translate", stays_safe<translate>, 1, {"table"}},
    {"ljust", stays_safe<padded<'<'>>, 1, {"width", "fillchar"}},
    {"rjust", stays_safe<padded<'>'>>, 1, {"width", "fillchar"}},
    {"center", stays_safe<padded<'^'>>, 1, {"width", "fillchar"}},
    {"zfill", stays_safe<padded<'='>>, 1, {"width"}},
    {"removeprefix", stays_safe<removeprefix>, 1, {"prefix"}},
    {"removesuffix", stays_safe<removesuffix>, 1, {"suffix"}},
    {"isspace", all_are<is_space>},
    {"isalpha", all_are<is_letter>},
    {"isdigit", all_are<is_digit>},
    {"isdecimal", all_are<is_decimal_digit>},
    {"isnumeric", all_are<is_number>},
    {"isalnum", all_are<is_alphanumeric>},
    {"isascii", all_are<is_ascii, true>},
    {"isprintable", all_are<is_printable, true>},
    {"isidentifier", isidentifier},
    {"istitle", istitle},
    {"isupper", isupper},
    {"islower", islower},
};

}  // namespace

std::span<const Builtin> string_methods() { return kStringMethods; }

}  // namespace hearth::jinja
