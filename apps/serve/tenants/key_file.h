// The file of keys: JSON, read and written as a whole.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "apps/serve/tenants/api_key.h"
#include "engine/base/result.h"

namespace hearth::serve {

/// Where keys are kept if nobody says otherwise: $XDG_CONFIG_HOME/hearth/keys.json, or
/// ~/.config/hearth/keys.json.
std::filesystem::path default_keys_file();

/// NOT_FOUND or IO where it cannot be read, otherwise as parse_keys.
Result<std::vector<ApiKey>> read_keys_file(const std::filesystem::path& file);

/// INVALID_ARGUMENT, naming the key and its member, for anything that write_keys would not have written: what
/// a newer Hearth has added must not be lost when the file is written again.
Result<std::vector<ApiKey>> parse_keys(std::string_view text, std::string_view name);
std::string write_keys(const std::vector<ApiKey>& keys);

/// Sets a member by its name in the file, of those that are given to a key: not its id, its hash or when it
/// was made. Null takes an optional one back. INVALID_ARGUMENT says what it must be.
Result<void> set_key_member(ApiKey& key, std::string_view name, const nlohmann::ordered_json& value);

/// A key as it may be shown: as in the file, but for its hash, and with `disabled` either way.
nlohmann::ordered_json shown_key(const ApiKey& key);

}  // namespace hearth::serve
