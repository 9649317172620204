// Filters that write or read HTML: safe, escape, striptags, xmlattr. What came from the input stays marked
// through all of it.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "engine/text/jinja/interpreter/builtin.h"
#include "engine/text/jinja/value/characters.h"
#include "engine/text/unicode.h"

namespace hearth::jinja {
namespace {

constexpr size_t kLongestEntityName = 8;

struct Entity {
  std::string_view name;
  uint16_t character;
};

/// Those that count without a semicolon, too.
constexpr Entity kOldest[] = {
    {"AElig", 0xC6},  {"AMP", 0x26},    {"Aacute", 0xC1}, {"Acirc", 0xC2},  {"Agrave", 0xC0},
    {"Aring", 0xC5},  {"Atilde", 0xC3}, {"Auml", 0xC4},   {"COPY", 0xA9},   {"Ccedil", 0xC7},
    {"ETH", 0xD0},    {"Eacute", 0xC9}, {"Ecirc", 0xCA},  {"Egrave", 0xC8}, {"Euml", 0xCB},
    {"GT", 0x3E},     {"Iacute", 0xCD}, {"Icirc", 0xCE},  {"Igrave", 0xCC}, {"Iuml", 0xCF},
    {"LT", 0x3C},     {"Ntilde", 0xD1}, {"Oacute", 0xD3}, {"Ocirc", 0xD4},  {"Ograve", 0xD2},
    {"Oslash", 0xD8}, {"Otilde", 0xD5}, {"Ouml", 0xD6},   {"QUOT", 0x22},   {"REG", 0xAE},
    {"THORN", 0xDE},  {"Uacute", 0xDA}, {"Ucirc", 0xDB},  {"Ugrave", 0xD9}, {"Uuml", 0xDC},
    {"Yacute", 0xDD}, {"aacute", 0xE1}, {"acirc", 0xE2},  {"acute", 0xB4},  {"aelig", 0xE6},
    {"agrave", 0xE0}, {"amp", 0x26},    {"aring", 0xE5},  {"atilde", 0xE3}, {"auml", 0xE4},
    {"brvbar", 0xA6}, {"ccedil", 0xE7}, {"cedil", 0xB8},  {"cent", 0xA2},   {"copy", 0xA9},
    {"curren", 0xA4}, {"deg", 0xB0},    {"divide", 0xF7}, {"eacute", 0xE9}, {"ecirc", 0xEA},
    {"egrave", 0xE8}, {"eth", 0xF0},    {"euml", 0xEB},   {"frac12", 0xBD}, {"frac14", 0xBC},
    {"frac34", 0xBE}, {"gt", 0x3E},     {"iacute", 0xED}, {"icirc", 0xEE},  {"iexcl", 0xA1},
    {"igrave", 0xEC}, {"iquest", 0xBF}, {"iuml", 0xEF},   {"laquo", 0xAB},  {"lt", 0x3C},
    {"macr", 0xAF},   {"micro", 0xB5},  {"middot", 0xB7}, {"nbsp", 0xA0},   {"not", 0xAC},
    {"ntilde", 0xF1}, {"oacute", 0xF3}, {"ocirc", 0xF4},  {"ograve", 0xF2}, {"ordf", 0xAA},
    {"ordm", 0xBA},   {"oslash", 0xF8}, {"otilde", 0xF5}, {"ouml", 0xF6},   {"para", 0xB6},
    {"plusmn", 0xB1}, {"pound", 0xA3},  {"quot", 0x22},   {"raquo", 0xBB},  {"reg", 0xAE},
    {"sect", 0xA7},   {"shy", 0xAD},    {"sup1", 0xB9},   {"sup2", 0xB2},   {"sup3", 0xB3},
    {"szlig", 0xDF},  {"thorn", 0xFE},  {"times", 0xD7},  {"uacute", 0xFA}, {"ucirc", 0xFB},
    {"ugrave", 0xF9}, {"uml", 0xA8},    {"uuml", 0xFC},   {"yacute", 0xFD}, {"yen", 0xA5},
    {"yuml", 0xFF},
};

constexpr Entity kOthers[] = {
    {"Alpha", 0x391},    {"Beta", 0x392},    {"Chi", 0x3A7},     {"Dagger", 0x2021}, {"Delta", 0x394},
    {"Epsilon", 0x395},  {"Eta", 0x397},     {"Gamma", 0x393},   {"Iota", 0x399},    {"Kappa", 0x39A},
    {"Lambda", 0x39B},   {"Mu", 0x39C},      {"Nu", 0x39D},      {"OElig", 0x152},   {"Omega", 0x3A9},
    {"Omicron", 0x39F},  {"Phi", 0x3A6},     {"Pi", 0x3A0},      {"Prime", 0x2033},  {"Psi", 0x3A8},
    {"Rho", 0x3A1},      {"Scaron", 0x160},  {"Sigma", 0x3A3},   {"Tau", 0x3A4},     {"Theta", 0x398},
    {"Upsilon", 0x3A5},  {"Xi", 0x39E},      {"Yuml", 0x178},    {"Zeta", 0x396},    {"alefsym", 0x2135},
    {"alpha", 0x3B1},    {"and", 0x2227},    {"ang", 0x2220},    {"apos", 0x27},     {"asymp", 0x2248},
    {"bdquo", 0x201E},   {"beta", 0x3B2},    {"bull", 0x2022},   {"cap", 0x2229},    {"chi", 0x3C7},
    {"circ", 0x2C6},     {"clubs", 0x2663},  {"cong", 0x2245},   {"crarr", 0x21B5},  {"cup", 0x222A},
    {"dArr", 0x21D3},    {"dagger", 0x2020}, {"darr", 0x2193},   {"delta", 0x3B4},   {"diams", 0x2666},
    {"empty", 0x2205},   {"emsp", 0x2003},   {"ensp", 0x2002},   {"epsilon", 0x3B5}, {"equiv", 0x2261},
    {"eta", 0x3B7},      {"euro", 0x20AC},   {"exist", 0x2203},  {"fnof", 0x192},    {"forall", 0x2200},
    {"frasl", 0x2044},   {"gamma", 0x3B3},   {"ge", 0x2265},     {"hArr", 0x21D4},   {"harr", 0x2194},
    {"hearts", 0x2665},  {"hellip", 0x2026}, {"image", 0x2111},  {"infin", 0x221E},  {"int", 0x222B},
    {"iota", 0x3B9},     {"isin", 0x2208},   {"kappa", 0x3BA},   {"lArr", 0x21D0},   {"lambda", 0x3BB},
    {"lang", 0x27E8},    {"larr", 0x2190},   {"lceil", 0x2308},  {"ldquo", 0x201C},  {"le", 0x2264},
    {"lfloor", 0x230A},  {"lowast", 0x2217}, {"loz", 0x25CA},    {"lrm", 0x200E},    {"lsaquo", 0x2039},
    {"lsquo", 0x2018},   {"mdash", 0x2014},  {"minus", 0x2212},  {"mu", 0x3BC},      {"nabla", 0x2207},
    {"ndash", 0x2013},   {"ne", 0x2260},     {"ni", 0x220B},     {"notin", 0x2209},  {"nsub", 0x2284},
    {"nu", 0x3BD},       {"oelig", 0x153},   {"oline", 0x203E},  {"omega", 0x3C9},   {"omicron", 0x3BF},
    {"oplus", 0x2295},   {"or", 0x2228},     {"otimes", 0x2297}, {"part", 0x2202},   {"permil", 0x2030},
    {"perp", 0x22A5},    {"phi", 0x3C6},     {"pi", 0x3C0},      {"piv", 0x3D6},     {"prime", 0x2032},
    {"prod", 0x220F},    {"prop", 0x221D},   {"psi", 0x3C8},     {"rArr", 0x21D2},   {"radic", 0x221A},
    {"rang", 0x27E9},    {"rarr", 0x2192},   {"rceil", 0x2309},  {"rdquo", 0x201D},  {"real", 0x211C},
    {"rfloor", 0x230B},  {"rho", 0x3C1},     {"rlm", 0x200F},    {"rsaquo", 0x203A}, {"rsquo", 0x2019},
    {"sbquo", 0x201A},   {"scaron", 0x161},  {"sdot", 0x22C5},   {"sigma", 0x3C3},   {"sigmaf", 0x3C2},
    {"sim", 0x223C},     {"spades", 0x2660}, {"sub", 0x2282},    {"sube", 0x2286},   {"sum", 0x2211},
    {"sup", 0x2283},     {"supe", 0x2287},   {"tau", 0x3C4},     {"there4", 0x2234}, {"theta", 0x3B8},
    {"thetasym", 0x3D1}, {"thinsp", 0x2009}, {"tilde", 0x2DC},   {"trade", 0x2122},  {"uArr", 0x21D1},
    {"uarr", 0x2191},    {"upsih", 0x3D2},   {"upsilon", 0x3C5}, {"weierp", 0x2118}, {"xi", 0x3BE},
    {"zeta", 0x3B6},     {"zwj", 0x200D},    {"zwnj", 0x200C},
};

template <size_t count>
char32_t find_entity(const Entity (&entities)[count], std::string_view name) {
  const auto* found =
      std::lower_bound(std::begin(entities), std::end(entities), name,
                       [](const Entity& entity, std::string_view b) { return entity.name < b; });
  return found != std::end(entities) && found->name == name ? found->character : 0;
}

/// Numbers 0x80 to 0x9F mean what Windows-1252 has there; 0 where it has nothing.
constexpr std::array<uint16_t, 32> kWindows1252 = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

char32_t named_character(std::string_view name, bool has_semicolon) {
  const char32_t oldest = find_entity(kOldest, name);
  return oldest != 0 || !has_semicolon ? oldest : find_entity(kOthers, name);
}

std::string characters_of_reference(uint32_t number) {
  std::string characters;
  const bool is_surrogate = number >= 0xD800 && number <= 0xDFFF;
  if (number == 0 || is_surrogate || number > 0x10FFFF) {
    append_utf8(characters, kReplacementCharacter);
    return characters;
  }
  if (number >= 0x80 && number <= 0x9F) {
    const uint16_t meant = kWindows1252[number - 0x80];
    append_utf8(characters, meant != 0 ? meant : static_cast<char32_t>(number));
    return characters;
  }
  const bool is_control =
      number < 0x20 && number != '\t' && number != '\n' && number != '\f' && number != '\r';
  const bool is_no_character = (number >= 0xFDD0 && number <= 0xFDEF) || (number & 0xFFFE) == 0xFFFE;
  if (is_control || number == 0x7F || is_no_character) return characters;
  append_utf8(characters, static_cast<char32_t>(number));
  return characters;
}

/// Stretches of a text that are kept, and their bytes.
class Kept {
 public:
  void add(std::string_view bytes, size_t begin) {
    if (bytes.empty()) return;
    bytes_ += bytes;
    if (!stretches_.empty() && stretches_.back().end == begin) {
      stretches_.back().end += bytes.size();
    } else {
      stretches_.push_back({begin, begin + bytes.size()});
    }
  }
  void remove_last(size_t count) {
    bytes_.resize(bytes_.size() - count);
    while (count > 0) {
      Stretch& last = stretches_.back();
      const size_t taken = std::min(count, last.end - last.begin);
      last.end -= taken;
      count -= taken;
      if (last.begin == last.end) stretches_.pop_back();
    }
  }
  bool ends_with(std::string_view end) const { return bytes_.ends_with(end); }

  Text of(const Text& text, Budget& budget) const {
    TextBuilder out(budget);
    for (const Stretch& stretch : stretches_) out.append(text, stretch.begin, stretch.end);
    return out.take();
  }

 private:
  struct Stretch {
    size_t begin;
    size_t end;
  };
  std::string bytes_;
  std::vector<Stretch> stretches_;
};

/// Removes comments until there is none, also those that the removal of others makes.
Text without_comments(const Text& text, Budget& budget) {
  const std::string_view bytes = text.bytes();
  budget.spend_bytes(bytes.size() * 2);
  Kept kept;
  size_t next = 0;
  while (next < bytes.size()) {
    kept.add(bytes.substr(next, 1), next);
    ++next;
    if (!kept.ends_with("<!--")) continue;
    // The end may share dashes with the beginning: <!--> is a comment.
    const bool shares_two = bytes.substr(next).starts_with('>');
    const bool shares_one = bytes.substr(next).starts_with("->");
    const size_t end = shares_two ? next + 1 : shares_one ? next + 2 : bytes.find("-->", next);
    if (end == std::string_view::npos) break;
    kept.remove_last(4);
    next = shares_two || shares_one ? end : end + 3;
  }
  kept.add(bytes.substr(next), next);
  return kept.of(text, budget);
}

Text without_tags(const Text& text, Budget& budget) {
  const std::string_view bytes = text.bytes();
  TextBuilder out(budget);
  size_t next = 0;
  while (true) {
    const size_t begin = bytes.find('<', next);
    const size_t end = begin == std::string_view::npos ? begin : bytes.find('>', begin);
    if (end == std::string_view::npos) break;
    out.append(text, next, begin);
    next = end + 1;
  }
  out.append(text, next, text.size());
  return out.take();
}

/// A blank for each run of white space within, marked as the run's first character.
Text with_single_blanks(const Text& text, Budget& budget) {
  const std::string_view bytes = text.bytes();
  const auto is_no_space = [](char32_t c) { return !is_space(c); };
  TextBuilder out(budget);
  for (size_t next = 0; next < bytes.size();) {
    const size_t begin = next + skip_leading(bytes.substr(next), is_space);
    if (begin > next && begin < bytes.size() && out.size() > 0) out.append(" ", text.origin_at(next));
    next = begin + skip_leading(bytes.substr(begin), is_no_space);
    out.append(text, begin, next);
  }
  return out.take();
}

/// The characters that &... stands for at the beginning of `bytes`, and how many bytes that is; 0 where it is
/// none.
struct Reference {
  std::string characters;
  size_t bytes = 0;
};

Reference numeric_reference(std::string_view bytes) {
  const bool is_hexadecimal = bytes.size() > 2 && (bytes[2] | 0x20) == 'x';
  const size_t begin = is_hexadecimal ? 3 : 2;
  const std::string_view digits = is_hexadecimal ? "0123456789abcdefABCDEF" : "0123456789";
  const size_t end = std::min(bytes.find_first_not_of(digits, begin), bytes.size());
  if (begin >= end) return {};
  uint32_t number = 0;
  const auto parsed =
      std::from_chars(bytes.data() + begin, bytes.data() + end, number, is_hexadecimal ? 16 : 10);
  if (parsed.ec != std::errc()) number = 0x110000;
  return {characters_of_reference(number), end + (bytes.substr(end).starts_with(';') ? 1 : 0)};
}

/// The longest name that a reference begins with, some of which need no semicolon.
Reference named_reference(std::string_view bytes) {
  const size_t end = std::min({bytes.find_first_of("\t\n\f <&#;", 1), bytes.size(), kLongestEntityName + 1});
  for (size_t stop = end; stop > 1; --stop) {
    const bool has_semicolon = stop == end && bytes.substr(stop).starts_with(';');
    const char32_t found = named_character(bytes.substr(1, stop - 1), has_semicolon);
    if (found == 0) continue;
    Reference reference{"", stop + (has_semicolon ? 1 : 0)};
    append_utf8(reference.characters, found);
    return reference;
  }
  return {};
}

Text without_references(const Text& text, Budget& budget) {
  const std::string_view bytes = text.bytes();
  TextBuilder out(budget);
  for (size_t next = 0; next < bytes.size();) {
    const size_t begin = std::min(bytes.find('&', next), bytes.size());
    out.append(text, next, begin);
    if (begin == bytes.size()) break;
    const std::string_view rest = bytes.substr(begin);
    const Reference found = rest.substr(1).starts_with('#') ? numeric_reference(rest) : named_reference(rest);
    budget.spend(1);
    if (found.bytes == 0) {
      out.append(text, begin, begin + 1);
      next = begin + 1;
      continue;
    }
    // One character of the input is enough for the whole to be the input's.
    Origin origin = Origin::kTemplate;
    text.each_piece(begin, begin + found.bytes, [&](std::string_view, Origin of_piece) {
      if (of_piece == Origin::kInput) origin = Origin::kInput;
    });
    out.append(found.characters, origin);
    next = begin + found.bytes;
  }
  return out.take();
}

/// Without comments and tags, white space as single blanks, and characters for their names and numbers.
Text strip_tags(const Text& text, Budget& budget) {
  const Text plain = without_tags(without_comments(text, budget), budget);
  return without_references(with_single_blanks(plain, budget), budget);
}

Result<Value> safe(BuiltinCall& call) { return Value(call.subject_text().as_safe()); }

Result<Value> escape(BuiltinCall& call) { return Value(to_safe_text(call.subject, call.budget())); }

Result<Value> force_escape(BuiltinCall& call) {
  return Value(escape_html(call.subject_text(), call.budget()));
}

Result<Value> striptags(BuiltinCall& call) { return Value(strip_tags(call.subject_text(), call.budget())); }

/// The entries of a dict as attributes of a tag, but for those of none.
Result<Value> xmlattr(BuiltinCall& call) {
  const Dict* dict = call.subject.dict();
  if (dict == nullptr) {
    return call.interpreter.fail_about(call.subject,
                                       fmt::format("xmlattr needs a dict, not {}", call.subject.described()));
  }
  TextBuilder out(call.budget());
  for (const auto& [key, value] : dict->entries()) {
    if (value.is_none() || value.is_undefined()) continue;
    if (!key.text() || key.text()->bytes().find_first_of(" \t\n\r\f\v/>=") != std::string_view::npos) {
      return call.fail(
          fmt::format("xmlattr cannot write an attribute named {}", repr_of(key, call.budget()).bytes()));
    }
    if (out.size() > 0 || call.flag(0, true)) out.append(" ", Origin::kTemplate);
    out.append(to_safe_text(key, call.budget()));
    out.append("=\"", Origin::kTemplate);
    out.append(to_safe_text(value, call.budget()));
    out.append("\"", Origin::kTemplate);
  }
  return Value(out.take().as_safe(call.interpreter.autoescape()));
}

constexpr Builtin kHtmlFilters[] = {
    {"safe", safe},
    {"escape", escape},
    {"e", escape},
    {"forceescape", force_escape},
    {"striptags", striptags},
    {"xmlattr", xmlattr, 0, {"autospace"}},
};

}  // namespace

std::span<const Builtin> html_filters() { return kHtmlFilters; }

}  // namespace hearth::jinja
