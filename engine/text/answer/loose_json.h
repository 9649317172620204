// Values as models write them, turned to JSON as they come: JSON itself, Python's literals and keyword
// arguments, and objects whose keys have no quotes.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hearth {

/// Special tokens by which some models quote strings, in which they escape nothing.
inline constexpr std::array<std::string_view, 2> kTokenQuotes = {"<|\"|>", "<escape>"};

/// Reads one value. An opening ( at its beginning counts as an object, whose = are colons; deeper ones are
/// lists. What is JSON comes out as it is, but for commas without a value after them.
class LooseJson {
 public:
  /// Appends what is certain to `json`, and returns how much of the text was taken. What is left belongs
  /// before the text that is pushed next, or to nothing if the value is done. `at_end`: nothing will follow.
  size_t push(std::string_view text, bool at_end, std::string& json);
  bool done() const { return done_; }

 private:
  struct Open {
    char end;  // in JSON
    bool is_object;
    bool expects_key;
  };
  enum class Step : unsigned char { kTaken, kNeedsMore };

  Step step();
  Step begin_string();
  Step in_string();
  Step escape();
  Step word();
  void open(char character);
  void close();
  void put(std::string_view json);
  void end_value();

  std::vector<Open> open_;
  std::string_view quote_;  // of the string that is being read; empty outside
  std::string comma_;       // held back until a value follows, with the white space behind it
  bool done_ = false;

  // During a push.
  std::string_view text_;
  bool at_end_ = false;
  std::string* json_ = nullptr;
};

/// Appends text to a string in JSON, without its quotes.
void append_escaped(std::string_view text, std::string& json);

/// A string in JSON, with its quotes.
std::string json_string(std::string_view text);

}  // namespace hearth
