#include "engine/text/answer/call_wrapper.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "engine/base/result.h"
#include "engine/text/answer/loose_json.h"
#include "engine/text/json_text.h"

namespace hearth {
namespace {

constexpr std::array<std::string_view, 3> kNames = {"name", "tool_name", "function"};
constexpr std::array<std::string_view, 2> kArguments = {"arguments", "parameters"};
constexpr std::array<std::string_view, 2> kIds = {"id", "tool_call_id"};

template <size_t count>
bool is_one_of(const std::array<std::string_view, count>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// A string's text, and any other value as it is written.
std::string text_of_value(const std::string& json) {
  const Result<nlohmann::ordered_json> value = parse_json(json, "a value");
  if (!value.ok() || !value->is_string()) return json;
  return value->get<std::string>();
}

class WrapperReader {
 public:
  WrapperReader(std::string_view text, bool at_end, size_t open) : text_(text), at_end_(at_end) {
    found_.open = open;
    found_.state = MatchState::kUndecided;
  }

  CallWrapper read() {
    while (found_.state == MatchState::kUndecided && step()) {
    }
    if (found_.state == MatchState::kUndecided && at_end_) found_.state = MatchState::kMismatched;
    found_.length = place_;
    return std::move(found_);
  }

  CallWrapper read_named() {
    std::string key;
    if (!skip('{') || !read_value(key)) return read_nothing();
    found_.name = text_of_value(key);
    found_.open = 1;
    if (skip(':')) stop_at_arguments();
    return read_nothing();
  }

 private:
  /// The end of an object, or a member of one. False where more text is needed.
  bool step() {
    if (found_.open == 0) {
      if (!skip('{')) return false;
      ++found_.open;
      return true;
    }
    if (!skip_space()) return false;
    if (text_[place_] == ',') ++place_;
    if (!skip_space()) return false;
    if (text_[place_] != '}') return member();
    ++place_;
    --found_.open;
    if (found_.open == 0) found_.state = MatchState::kMatched;
    return true;
  }

  bool member() {
    std::string json;
    if (text_[place_] != '"' && text_[place_] != '\'') return fail();
    if (!read_value(json) || !skip(':')) return false;
    const std::string key = text_of_value(json);
    const bool begins_arguments = is_one_of(kArguments, key) && !found_.name.empty() && !found_.has_arguments;
    if (begins_arguments) {
      stop_at_arguments();
      return !found_.awaits_arguments;
    }
    if (!skip_space()) return false;
    if (key == "function" && text_[place_] == '{') {  // the call proper, one level deeper
      ++place_;
      ++found_.open;
      return true;
    }
    json.clear();
    if (!read_value(json)) return false;
    keep(key, json);
    return true;
  }

  void keep(const std::string& key, const std::string& json) {
    if (is_one_of(kNames, key)) {
      found_.name = text_of_value(json);
    } else if (is_one_of(kIds, key)) {
      found_.id = text_of_value(json);
    } else if (is_one_of(kArguments, key)) {
      found_.arguments = json;
      found_.has_arguments = true;
    }
  }

  void stop_at_arguments() {
    const size_t behind_key = place_;
    if (!skip_space()) {
      found_.awaits_arguments = true;
      place_ = behind_key;
      return;
    }
    found_.has_arguments = true;
    found_.state = MatchState::kMatched;
  }

  bool read_value(std::string& json) {
    LooseJson reader;
    place_ += reader.push(text_.substr(place_), at_end_, json);
    return reader.done();
  }

  bool skip(char character) {
    if (!skip_space()) return false;
    if (text_[place_] != character) return fail();
    ++place_;
    return true;
  }

  /// False where the text ends.
  bool skip_space() {
    place_ += space_length(text_.substr(place_));
    return place_ < text_.size();
  }

  bool fail() {
    found_.state = MatchState::kMismatched;
    return false;
  }

  CallWrapper read_nothing() {
    if (found_.state == MatchState::kUndecided && at_end_) found_.state = MatchState::kMismatched;
    found_.length = place_;
    return std::move(found_);
  }

  std::string_view text_;
  bool at_end_;
  size_t place_ = 0;
  CallWrapper found_{};
};

}  // namespace

CallWrapper match_wrapper(std::string_view text, bool at_end, bool is_named) {
  WrapperReader reader(text, at_end, 0);
  CallWrapper found = is_named ? reader.read_named() : reader.read();
  if (found.state == MatchState::kMatched && found.name.empty()) found.state = MatchState::kMismatched;
  return found;
}

CallWrapper match_wrapper_end(std::string_view text, bool at_end, size_t open) {
  return WrapperReader(text, at_end, open).read();
}

}  // namespace hearth
