// The filter urlize: links for the addresses that Jinja finds in a text.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/text/jinja/interpreter/builtin.h"
#include "engine/text/jinja/value/characters.h"
#include "engine/text/jinja/value/string_transform.h"

namespace hearth::jinja {
namespace {

constexpr size_t kNone = std::string_view::npos;

bool is_host_character(char32_t c) { return is_word_character(c) || c == '%' || c == '-'; }

char ascii_lower(char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c | 0x20 : c); }

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), text.begin(),
                                                    [](char a, char b) { return a == ascii_lower(b); });
}

/// Whether text[0..] are `least` to `most` characters of that kind and nothing else.
template <typename Test>
bool is_run(std::string_view text, size_t least, size_t most, Test test) {
  const size_t characters = count_characters(text);
  return characters >= least && characters <= most && skip_leading(text, test) == text.size();
}

bool is_top_level_domain(std::string_view label) {
  const auto is_letter_of_ascii = [](char32_t c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; };
  if (is_run(label, 2, 63, is_letter_of_ascii)) return true;
  const auto is_international = [](char32_t c) { return is_word_character(c) || c == '%'; };
  return starts_with_ignoring_case(label, "xn--") && is_run(label.substr(4), 2, 59, is_international);
}

bool is_well_known_domain(std::string_view label) {
  constexpr std::array<std::string_view, 8> kDomains = {"com", "net", "int",  "edu",
                                                        "gov", "org", "info", "mil"};
  return std::any_of(kDomains.begin(), kDomains.end(), [&](std::string_view domain) {
    return label.size() == domain.size() && starts_with_ignoring_case(label, domain);
  });
}

/// Calls test(label, is_last) for the labels between a host's dots; false as soon as one of them fails.
template <typename Test>
bool all_labels(std::string_view host, Test test) {
  while (true) {
    const size_t dot = host.find('.');
    if (!test(host.substr(0, dot), dot == kNone)) return false;
    if (dot == kNone) return true;
    host.remove_prefix(dot + 1);
  }
}

/// Names with a top-level domain, after a scheme or www.
bool is_named_host(std::string_view host) {
  return all_labels(host, [](std::string_view label, bool is_last) {
    return is_last ? is_top_level_domain(label) : is_run(label, 1, label.size(), is_host_character);
  });
}

/// Names that are known for an address without a scheme.
bool is_bare_host(std::string_view host) {
  return host.find('.') != kNone && all_labels(host, [](std::string_view label, bool is_last) {
           return is_last ? is_well_known_domain(label) : is_run(label, 2, 63, is_host_character);
         });
}

bool is_ipv4(std::string_view host) {
  return std::count(host.begin(), host.end(), '.') == 3 &&
         all_labels(host, [](std::string_view label, bool) { return is_run(label, 1, 3, is_decimal_digit); });
}

/// Where the bracket closes after groups of up to four hexadecimal digits, at least two of which end with a
/// colon; 0 where the text is none.
size_t end_of_ipv6(std::string_view text) {
  if (!text.starts_with('[')) return 0;
  size_t next = 1;
  const auto skip_group = [&](bool needs_colon) {
    const size_t digits =
        std::min<size_t>(text.find_first_not_of("0123456789abcdefABCDEF", next), text.size()) - next;
    next += std::min<size_t>(digits, 4);
    const bool has_colon = next < text.size() && text[next] == ':';
    next += has_colon ? 1 : 0;
    return has_colon || !needs_colon;
  };
  if (!skip_group(true) || !skip_group(true)) return 0;
  for (int group = 0; group < 6; ++group) skip_group(false);
  return text.substr(next).starts_with(']') ? next + 1 : 0;
}

/// An optional port, then nothing or a path, query or fragment.
bool is_rest_of_address(std::string_view rest) {
  if (rest.starts_with(':')) {
    const size_t digits = skip_leading(rest.substr(1), is_decimal_digit);
    if (!is_run(rest.substr(1, digits), 1, 5, is_decimal_digit)) return false;
    rest.remove_prefix(1 + digits);
  }
  return rest.empty() || rest[0] == '/' || rest[0] == '?' || rest[0] == '#';
}

bool is_web_address(std::string_view word) {
  size_t scheme = 0;
  for (const std::string_view candidate : {"https://", "http://", "www."}) {
    if (scheme == 0 && starts_with_ignoring_case(word, candidate)) scheme = candidate.size();
  }
  const auto host_end = [&](size_t begin) {
    return begin +
           skip_leading(word.substr(begin), [](char32_t c) { return is_host_character(c) || c == '.'; });
  };
  if (scheme > 0) {
    const bool is_www = ascii_lower(word[0]) == 'w';
    const size_t end = host_end(scheme);
    const std::string_view host = word.substr(scheme, end - scheme);
    if ((is_named_host(host) || (!is_www && is_ipv4(host))) && is_rest_of_address(word.substr(end)))
      return true;
    const size_t bracket = is_www ? 0 : end_of_ipv6(word.substr(scheme));
    if (bracket > 0 && is_rest_of_address(word.substr(scheme + bracket))) return true;
  }
  const size_t end = host_end(0);
  return is_bare_host(word.substr(0, end)) && is_rest_of_address(word.substr(end));
}

bool is_email_address(std::string_view word) {
  const size_t at = word.rfind('@');
  if (at == kNone || at == 0) return false;
  const std::string_view domain = word.substr(at + 1);
  const size_t dot = domain.rfind('.');
  const auto is_allowed = [](char32_t c) { return is_word_character(c) || c == '.' || c == '-'; };
  return dot != kNone && dot > 0 && is_word_character(decode_utf8(domain).code_point) &&
         skip_leading(domain, is_allowed) == domain.size() && dot + 1 < domain.size() &&
         skip_leading(domain.substr(dot + 1), is_word_character) == domain.size() - dot - 1;
}

/// Where the word's address begins and ends within what surrounds it: brackets and punctuation.
struct Middle {
  size_t begin;
  size_t end;
};

size_t skip_opening(std::string_view word) {
  size_t next = 0;
  while (next < word.size()) {
    if (word[next] == '(' || word[next] == '<') {
      ++next;
    } else if (word.substr(next).starts_with("&lt;")) {
      next += 4;
    } else {
      break;
    }
  }
  return next;
}

size_t skip_closing(std::string_view word) {
  while (!word.empty()) {
    if (std::string_view(")>.,").find(word.back()) != kNone) {
      word.remove_suffix(1);
    } else if (word.ends_with("&gt;")) {
      word.remove_suffix(4);
    } else {
      break;
    }
  }
  return word.size();
}

size_t count_of(std::string_view text, std::string_view wanted) {
  size_t places = 0;
  for (size_t at = text.find(wanted); at != kNone; at = text.find(wanted, at + wanted.size())) ++places;
  return places;
}

Middle middle_of(std::string_view word) {
  Middle middle{skip_opening(word), 0};
  middle.end = middle.begin + skip_closing(word.substr(middle.begin));
  // What closes a bracket within the address belongs to it.
  constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kPairs = {
      {{"(", ")"}, {"<", ">"}, {"&lt;", "&gt;"}}};
  for (const auto& [open, close] : kPairs) {
    const std::string_view inside = word.substr(middle.begin, middle.end - middle.begin);
    const size_t opened = count_of(inside, open);
    if (opened <= count_of(inside, close)) continue;
    for (size_t moved = std::min(opened, count_of(word.substr(middle.end), close)); moved > 0; --moved) {
      middle.end = word.find(close, middle.end) + close.size();
    }
  }
  return middle;
}

/// How links are written.
struct UrlizeStyle {
  std::optional<int64_t> shown_characters;  // of an address; all of them if not set
  Text rel;
  Text target;
  std::vector<Text> schemes;  // further ones, such as "ftp:"
};

/// Requires text that is escaped already.
class Urlizer {
 public:
  Urlizer(const Text& text, const UrlizeStyle& style, Budget& budget)
      : text_(text), style_(style), budget_(budget), out_(budget) {}

  Text run() {
    const std::string_view bytes = text_.bytes();
    budget_.spend_bytes(bytes.size() * 8);
    const auto is_no_space = [](char32_t c) { return !is_space(c); };
    for (size_t next = 0; next < bytes.size() && !budget_.exhausted();) {
      const size_t word = next + skip_leading(bytes.substr(next), is_space);
      out_.append(text_, next, word);
      next = word + skip_leading(bytes.substr(word), is_no_space);
      const auto [begin, end] = middle_of(bytes.substr(word, next - word));
      out_.append(text_, word, word + begin);
      write_address(word + begin, word + end);
      out_.append(text_, word + end, next);
    }
    return out_.take();
  }

 private:
  void write(std::string_view bytes) { out_.append(bytes, Origin::kTemplate); }

  void write_address(size_t begin, size_t end) {
    const std::string_view word = text_.bytes().substr(begin, end - begin);
    if (is_web_address(word)) {
      const bool has_scheme = word.starts_with("https://") || word.starts_with("http://");
      return write_link(has_scheme ? "" : "https://", begin, end, shown_end(begin, end));
    }
    constexpr std::string_view kMail = "mailto:";
    if (word.starts_with(kMail) && is_email_address(word.substr(kMail.size()))) {
      return write_mail("", begin, begin + kMail.size(), end);
    }
    const bool has_at = word.find('@') != kNone && !word.starts_with('@') && !word.starts_with("www.");
    if (has_at && word.find(':') == kNone && is_email_address(word))
      return write_mail(kMail, begin, begin, end);
    for (const Text& scheme : style_.schemes) {
      if (word == scheme.bytes() || !word.starts_with(scheme.bytes())) continue;
      return write_link("", begin, end, end);
    }
    out_.append(text_, begin, end);
  }

  /// The end of as many characters as are to be shown.
  size_t shown_end(size_t begin, size_t end) const {
    if (!style_.shown_characters) return end;
    const std::string_view word = text_.bytes().substr(begin, end - begin);
    const auto characters = static_cast<int64_t>(count_characters(word));
    if (characters <= *style_.shown_characters) return end;
    // A negative limit counts from the end, as Python's slices do.
    int64_t kept = *style_.shown_characters;
    if (kept < 0) kept = std::max<int64_t>(kept + characters, 0);
    size_t shown = begin;
    for (; kept > 0; --kept) shown += character_bytes(text_.bytes()[shown]);
    return shown;
  }

  void write_link(std::string_view scheme, size_t begin, size_t end, size_t shown) {
    write("<a href=\"");
    write(scheme);
    out_.append(text_, begin, end);
    write("\"");
    write_attribute("rel", style_.rel);
    write_attribute("target", style_.target);
    write(">");
    out_.append(text_, begin, shown);
    if (shown < end) write("...");
    write("</a>");
  }

  void write_attribute(std::string_view name, const Text& value) {
    if (value.empty()) return;
    write(" ");
    write(name);
    write("=\"");
    out_.append(to_safe_text(value, budget_));
    write("\"");
  }

  void write_mail(std::string_view scheme, size_t begin, size_t address, size_t end) {
    write("<a href=\"");
    write(scheme);
    out_.append(text_, begin, end);
    write("\">");
    out_.append(text_, address, end);
    write("</a>");
  }

  const Text& text_;
  const UrlizeStyle& style_;
  Budget& budget_;
  TextBuilder out_;
};

/// Letters, digits and .+- before a colon and up to two slashes.
bool is_uri_scheme(std::string_view scheme) {
  const auto is_allowed = [](char32_t c) { return is_word_character(c) || c == '.' || c == '+' || c == '-'; };
  const size_t colon = skip_leading(scheme, is_allowed);
  const std::string_view rest = scheme.substr(colon);
  return count_characters(scheme.substr(0, colon)) >= 2 && (rest == ":" || rest == ":/" || rest == "://");
}

/// The words of rel=, in order and once each, with those that are always there.
Result<Text> relation(BuiltinCall& call) {
  std::vector<Text> words;
  if (!call.arguments[3].is_none()) {
    HEARTH_ASSIGN(const Text rel, call.text(3, ""));
    words = split_words(rel, -1, call.budget());
  }
  if (call.flag(1, false)) words.emplace_back("nofollow", Origin::kTemplate);
  words.emplace_back("noopener", Origin::kTemplate);
  std::sort(words.begin(), words.end(), [](const Text& a, const Text& b) { return a.bytes() < b.bytes(); });
  TextBuilder out(call.budget());
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0 && words[i].bytes() == words[i - 1].bytes()) continue;
    if (i > 0) out.append(" ", Origin::kTemplate);
    out.append(words[i]);
  }
  return out.take();
}

Result<Value> urlize(BuiltinCall& call) {
  UrlizeStyle style;
  if (call.has(0) && !call.arguments[0].is_none()) {
    HEARTH_ASSIGN(style.shown_characters, call.integer(0, 0));
  }
  HEARTH_ASSIGN(style.rel, relation(call));
  if (!call.arguments[2].is_none()) {
    HEARTH_ASSIGN(style.target, call.text(2, ""));
  }
  if (call.has(4) && !call.arguments[4].is_none()) {
    const List* schemes = call.arguments[4].list();
    if (schemes == nullptr) return call.fail("urlize takes a list of further schemes");
    for (const Value& scheme : schemes->items) {
      if (!scheme.text() || !is_uri_scheme(scheme.text()->bytes())) {
        return call.fail(fmt::format("urlize knows no scheme {}", repr_of(scheme, call.budget()).bytes()));
      }
      style.schemes.push_back(*scheme.text());
    }
  }
  const Text escaped = to_safe_text(call.subject, call.budget());
  return Value(Urlizer(escaped, style, call.budget()).run().as_safe(call.interpreter.autoescape()));
}

constexpr Builtin kUrlize[] = {
    {"urlize", urlize, 0, {"trim_url_limit", "nofollow", "target", "rel", "extra_schemes"}},
};

}  // namespace

std::span<const Builtin> urlize_filter() { return kUrlize; }

}  // namespace hearth::jinja
