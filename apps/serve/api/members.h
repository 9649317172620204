// The members of a request's JSON, checked as they are asked for. A wrong one ends in a Refusal that names it
// with the path to it; one that is null counts as missing.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace hearth::serve {

class Members {
 public:
  /// `object` is referred to, and must be one; `path` leads to it: "" to the body, "options" to a member.
  explicit Members(const nlohmann::ordered_json& object, std::string path = "")
      : object_(object), path_(std::move(path)) {}
  explicit Members(nlohmann::ordered_json&&, std::string = "") = delete;

  /// Null where it is missing.
  const nlohmann::ordered_json& operator[](std::string_view name) const;
  const nlohmann::ordered_json& json() const { return object_; }
  bool has(std::string_view name) const { return !(*this)[name].is_null(); }

  std::string text(std::string_view name, std::string_view otherwise = {}) const;
  bool flag(std::string_view name, bool otherwise) const;
  int64_t integer(std::string_view name, int64_t least, int64_t most, int64_t otherwise) const;
  /// Without members where it is missing.
  Members object(std::string_view name) const;
  /// Empty where it is missing.
  const nlohmann::ordered_json& array(std::string_view name) const;

  /// "options.stop" for "stop".
  std::string path_of(std::string_view name) const;
  [[noreturn]] void refuse(std::string_view name, const std::string& message) const;

 private:
  const nlohmann::ordered_json& object_;
  std::string path_;
};

/// A value as messages show it: short, whatever it is.
std::string shown(const nlohmann::ordered_json& value);

}  // namespace hearth::serve
