// What config.json says, written as an architecture's keys.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/format/gguf_writer.h"
#include "engine/model/hugging_face/json_file.h"

namespace hearth {

/// Sizes that more than one key follows from.
struct FolderShape {
  uint32_t vocab_size = 0;
  uint32_t heads = 0;
  uint32_t key_heads = 0;
  uint32_t head_dimension = 0;
  uint32_t context_length = 0;
};

class ConfigKeys {
 public:
  ConfigKeys(const JsonFile& config, std::string_view architecture, GgufWriter& writer)
      : config_(config), architecture_(architecture), writer_(writer) {}

  const JsonFile& config() const { return config_; }
  GgufWriter& writer() const { return writer_; }

  /// ARCHITECTURE.`key`.
  void add(std::string_view key, uint32_t value) const { writer_.add_uint32(full(key), value); }
  void add(std::string_view key, float value) const { writer_.add_float32(full(key), value); }
  void add(std::string_view key, bool value) const { writer_.add_bool(full(key), value); }
  void add(std::string_view key, std::string_view value) const { writer_.add_string(full(key), value); }

  void add(std::string_view key, const std::vector<std::string>& values) const {
    writer_.add_strings(full(key), values);
  }

  /// What config.json calls `theirs`. INVALID_MODEL where it is missing without a fallback, or no number.
  Result<void> copy_integer(std::string_view key, const std::string& theirs,
                            std::optional<uint32_t> fallback = std::nullopt) const;
  Result<void> copy_number(std::string_view key, const std::string& theirs,
                           std::optional<float> fallback = std::nullopt) const;
  /// The same, nothing where it is missing or null.
  Result<void> copy_integer_if_there(std::string_view key, const std::string& theirs) const;
  Result<void> copy_number_if_there(std::string_view key, const std::string& theirs) const;

 private:
  std::string full(std::string_view key) const;

  const JsonFile& config_;
  std::string_view architecture_;
  GgufWriter& writer_;
};

}  // namespace hearth
