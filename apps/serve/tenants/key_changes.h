// Changes to the file of keys. Each is whole or not there, whatever ends the program, and those that come at
// once from several programs or threads come one after the other.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "apps/serve/tenants/api_key.h"
#include "engine/base/result.h"

namespace hearth::serve {

/// A key with what its caller presents, which is kept nowhere and can't be told again.
struct IssuedKey {
  ApiKey key;
  std::string secret;
};

/// Adds a key with the name, the scopes and the limits of `wanted`, and makes the file (mode 0600) and its
/// folder if they are not there. Without a tenant, the key is a tenant of its own.
Result<IssuedKey> create_key(const std::filesystem::path& file, ApiKey wanted);

// NOT_FOUND where the file has no key of that id.

/// What was presented until now is worth nothing from now on.
Result<IssuedKey> rotate_key(const std::filesystem::path& file, std::string_view id);
Result<ApiKey> disable_key(const std::filesystem::path& file, std::string_view id);
Result<ApiKey> enable_key(const std::filesystem::path& file, std::string_view id);
/// Sets members (set_key_member), all or none. INVALID_ARGUMENT where no key would be left that manages the
/// server: who asks by such a key would lock everybody out.
Result<ApiKey> set_key_members(const std::filesystem::path& file, std::string_view id,
                               const nlohmann::ordered_json& members);

}  // namespace hearth::serve
