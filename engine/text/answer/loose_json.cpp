#include "engine/text/answer/loose_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "engine/text/answer/pattern.h"

namespace hearth {
namespace {

constexpr std::array<std::string_view, 4> kQuotes = {"\"", "'", kTokenQuotes[0], kTokenQuotes[1]};

/// Longer ones end here: numbers and names are shorter.
constexpr size_t kLongestWord = 256;

/// Deeper values are refused by whoever reads the JSON.
constexpr size_t kDeepestValue = 1000;

bool ends_word(char character) {
  return is_space(character) || std::string_view("()[]{},:=\"'<").find(character) != std::string_view::npos;
}

std::string json_of_word(std::string_view word) {
  if (word == "True") return "true";
  if (word == "False") return "false";
  if (word == "None") return "null";
  return nlohmann::json::accept(word) ? std::string(word) : json_string(word);
}

bool is_hexadecimal(std::string_view digits) {
  return std::all_of(digits.begin(), digits.end(), [](char digit) {
    return (digit >= '0' && digit <= '9') || (digit >= 'a' && digit <= 'f') || (digit >= 'A' && digit <= 'F');
  });
}

}  // namespace

void append_escaped(std::string_view text, std::string& json) {
  for (const char character : text) {
    if (character == '"' || character == '\\') {
      json += '\\';
      json += character;
    } else if (character == '\n') {
      json += "\\n";
    } else if (character == '\t') {
      json += "\\t";
    } else if (static_cast<unsigned char>(character) < 0x20) {
      json += fmt::format("\\u{:04x}", character);
    } else {
      json += character;
    }
  }
}

std::string json_string(std::string_view text) {
  std::string json = "\"";
  append_escaped(text, json);
  return json + "\"";
}

size_t LooseJson::push(std::string_view text, bool at_end, std::string& json) {
  text_ = text;
  at_end_ = at_end;
  json_ = &json;
  while (!done_ && !text_.empty() && step() == Step::kTaken) {
  }
  return text.size() - text_.size();
}

LooseJson::Step LooseJson::step() {
  if (!quote_.empty()) return in_string();
  const char next = text_.front();
  if (next == '"' || next == '\'' || next == '<') return begin_string();
  if (!is_space(next) && !ends_word(next)) return word();
  text_.remove_prefix(1);
  if (is_space(next)) {
    (comma_.empty() ? *json_ : comma_) += next;
  } else if (next == '{' || next == '[' || next == '(') {
    open(next);
  } else if (next == '}' || next == ']' || next == ')') {
    close();
  } else if (next == ',') {
    if (!open_.empty() && open_.back().is_object) open_.back().expects_key = true;
    if (comma_.empty()) comma_ = ",";
  } else {  // a colon, or what stands for one
    if (!open_.empty()) open_.back().expects_key = false;
    *json_ += next == '=' ? ": " : ":";
  }
  return Step::kTaken;
}

void LooseJson::open(char character) {
  const bool is_object = character == '{' || (character == '(' && open_.empty());
  put(is_object ? "{" : "[");
  open_.push_back({is_object ? '}' : ']', is_object, is_object});
  done_ = open_.size() > kDeepestValue;
}

void LooseJson::close() {
  comma_.clear();
  if (!open_.empty()) {
    *json_ += open_.back().end;
    open_.pop_back();
  }
  end_value();
}

void LooseJson::put(std::string_view json) {
  *json_ += comma_;
  *json_ += json;
  comma_.clear();
}

void LooseJson::end_value() { done_ = open_.empty(); }

LooseJson::Step LooseJson::begin_string() {
  for (const std::string_view quote : kQuotes) {
    if (text_.starts_with(quote)) {
      put("\"");
      quote_ = quote;
      text_.remove_prefix(quote.size());
      return Step::kTaken;
    }
    if (quote.starts_with(text_) && !at_end_) return Step::kNeedsMore;
  }
  put(json_string(text_.substr(0, 1)));  // a stray <
  text_.remove_prefix(1);
  end_value();
  return Step::kTaken;
}

LooseJson::Step LooseJson::in_string() {
  if (text_.starts_with(quote_)) {
    *json_ += '"';
    text_.remove_prefix(quote_.size());
    quote_ = {};
    end_value();
    return Step::kTaken;
  }
  if (quote_.starts_with(text_) && !at_end_) return Step::kNeedsMore;
  if (text_.front() == '\\' && quote_.size() == 1) return escape();
  append_escaped(text_.substr(0, 1), *json_);
  text_.remove_prefix(1);
  return Step::kTaken;
}

/// JSON's escapes are Python's, too, but for a few; what is neither is a backslash and a character.
LooseJson::Step LooseJson::escape() {
  const char kind = text_.size() > 1 ? text_[1] : '\0';
  const size_t digits = kind == 'x' ? 2 : kind == 'u' ? 4 : 0;
  if (text_.size() < 2 + digits) {
    if (at_end_) text_ = {};  // half an escape is nothing
    return Step::kNeedsMore;
  }
  const std::string_view code = text_.substr(2, digits);
  size_t length = 2 + digits;
  if (std::string_view("\"\\/bfnrt").find(kind) != std::string_view::npos) {
    *json_ += text_.substr(0, 2);
  } else if (kind == '\'') {
    *json_ += '\'';
  } else if (digits > 0 && is_hexadecimal(code)) {
    *json_ += digits == 2 ? "\\u00" : "\\u";
    *json_ += code;
  } else {
    *json_ += "\\\\";
    length = 1;
  }
  text_.remove_prefix(length);
  return Step::kTaken;
}

LooseJson::Step LooseJson::word() {
  const std::string_view most = text_.substr(0, kLongestWord);
  const auto end = std::find_if(most.begin(), most.end(), ends_word);
  const auto length = static_cast<size_t>(end - most.begin());
  if (length == text_.size() && length < kLongestWord && !at_end_) return Step::kNeedsMore;
  const std::string_view word = text_.substr(0, length);
  const bool is_key = !open_.empty() && open_.back().expects_key;
  put(is_key ? json_string(word) : json_of_word(word));
  text_.remove_prefix(length);
  end_value();
  return Step::kTaken;
}

}  // namespace hearth
