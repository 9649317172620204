#include "engine/model/hugging_face/config_keys.h"

#include <fmt/format.h>

namespace hearth {

std::string ConfigKeys::full(std::string_view key) const { return fmt::format("{}.{}", architecture_, key); }

Result<void> ConfigKeys::copy_integer(std::string_view key, const std::string& theirs,
                                      std::optional<uint32_t> fallback) const {
  HEARTH_ASSIGN(const uint32_t value, config_.integer(theirs, fallback));
  add(key, value);
  return {};
}

Result<void> ConfigKeys::copy_number(std::string_view key, const std::string& theirs,
                                     std::optional<float> fallback) const {
  HEARTH_ASSIGN(const float value, config_.number(theirs, fallback));
  add(key, value);
  return {};
}

Result<void> ConfigKeys::copy_integer_if_there(std::string_view key, const std::string& theirs) const {
  return config_.find(theirs) != nullptr ? copy_integer(key, theirs) : Result<void>();
}

Result<void> ConfigKeys::copy_number_if_there(std::string_view key, const std::string& theirs) const {
  return config_.find(theirs) != nullptr ? copy_number(key, theirs) : Result<void>();
}

}  // namespace hearth
