// A JSON object of a file, whose members are asked for by name; errors name file and key.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.h"

namespace hearth {

class JsonFile {
 public:
  /// NOT_FOUND, IO, or INVALID_MODEL for what is no JSON object.
  static Result<JsonFile> read(const std::filesystem::path& path);
  /// The same, an empty object where there is no such file.
  static Result<JsonFile> read_if_there(const std::filesystem::path& path);

  /// The object that is a member of `file`; an empty one where it is none.
  static JsonFile member(const JsonFile& file, const std::string& key);

  const std::string& name() const { return name_; }
  /// nullptr where it is missing or null.
  const nlohmann::json* find(const std::string& key) const;
  const nlohmann::json& object() const { return json_; }
  /// A whole number from 0 to 2^31 - 1, of which `fallback` takes the place where it is missing;
  /// INVALID_MODEL where neither is there, or it is something else.
  Result<uint32_t> integer(const std::string& key, std::optional<uint32_t> fallback = std::nullopt) const;
  Result<float> number(const std::string& key, std::optional<float> fallback = std::nullopt) const;
  /// true or false, `fallback` where it is missing.
  Result<bool> boolean(const std::string& key, bool fallback) const;
  /// A list of numbers; INVALID_MODEL where it is missing.
  Result<std::vector<float>> numbers(const std::string& key) const;
  /// "" where it is missing.
  Result<std::string> string(const std::string& key) const;

  /// INVALID_MODEL: "FILE: WHAT".
  Error fault(const std::string& what) const;

 private:
  std::string name_;
  nlohmann::json json_ = nlohmann::json::object();
};

}  // namespace hearth
