#include "engine/model/hugging_face/json_file.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <string_view>
#include <system_error>
#include <vector>

#include "engine/base/byte_source.h"

namespace hearth {

Result<JsonFile> JsonFile::read(const std::filesystem::path& path) {
  HEARTH_ASSIGN(const auto source, map_file(path));
  JsonFile file;
  file.name_ = path.string();
  const auto bytes = source->mapped();
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  file.json_ = nlohmann::json::parse(text, nullptr, false);
  if (!file.json_.is_object()) return file.fault("is no JSON object");
  return file;
}

Result<JsonFile> JsonFile::read_if_there(const std::filesystem::path& path) {
  std::error_code ignored;
  if (std::filesystem::exists(path, ignored)) return read(path);
  JsonFile file;
  file.name_ = path.string();
  return file;
}

JsonFile JsonFile::member(const JsonFile& file, const std::string& key) {
  JsonFile result;
  result.name_ = fmt::format("{}: key '{}'", file.name_, key);
  const nlohmann::json* value = file.find(key);
  if (value != nullptr && value->is_object()) result.json_ = *value;
  return result;
}

const nlohmann::json* JsonFile::find(const std::string& key) const {
  const auto found = json_.find(key);
  return found == json_.end() || found->is_null() ? nullptr : &*found;
}

Result<uint32_t> JsonFile::integer(const std::string& key, std::optional<uint32_t> fallback) const {
  const nlohmann::json* value = find(key);
  if (value == nullptr && fallback) return *fallback;
  if (value != nullptr && value->is_number_unsigned() &&
      value->get<uint64_t>() <= static_cast<uint64_t>(std::numeric_limits<int32_t>::max())) {
    return value->get<uint32_t>();
  }
  return fault(
      fmt::format("key '{}' {}", key, value == nullptr ? "is missing" : "is no whole number that fits"));
}

Result<float> JsonFile::number(const std::string& key, std::optional<float> fallback) const {
  const nlohmann::json* value = find(key);
  if (value == nullptr && fallback) return *fallback;
  if (value != nullptr && value->is_number() && std::isfinite(value->get<float>()))
    return value->get<float>();
  return fault(fmt::format("key '{}' {}", key, value == nullptr ? "is missing" : "is no number"));
}

Result<bool> JsonFile::boolean(const std::string& key, bool fallback) const {
  const nlohmann::json* value = find(key);
  if (value == nullptr) return fallback;
  if (value->is_boolean()) return value->get<bool>();
  return fault(fmt::format("key '{}' is neither true nor false", key));
}

Result<std::vector<float>> JsonFile::numbers(const std::string& key) const {
  const nlohmann::json* value = find(key);
  if (value == nullptr || !value->is_array()) return fault(fmt::format("key '{}' is no list", key));
  std::vector<float> numbers;
  for (const nlohmann::json& number : *value) {
    if (!number.is_number() || !std::isfinite(number.get<float>())) {
      return fault(fmt::format("element {} of key '{}' is no number", numbers.size(), key));
    }
    numbers.push_back(number.get<float>());
  }
  return numbers;
}

Result<std::string> JsonFile::string(const std::string& key) const {
  const nlohmann::json* value = find(key);
  if (value == nullptr) return std::string();
  if (value->is_string()) return value->get<std::string>();
  return fault(fmt::format("key '{}' is no text", key));
}

Error JsonFile::fault(const std::string& what) const {
  return {ErrorCode::kInvalidModel, fmt::format("{}: {}", name_, what)};
}

}  // namespace hearth
