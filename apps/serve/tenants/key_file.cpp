#include "apps/serve/tenants/key_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "engine/base/escaped.h"
#include "engine/base/system_error.h"
#include "engine/text/json_text.h"

namespace hearth::serve {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kMostFileBytes = 64 << 20;
constexpr size_t kMostShortTextBytes = 256;
constexpr int64_t kMostOfALimit = 1'000'000'000;

bool read_short_text(const Json& json, std::string& into) {
  if (!json.is_string()) return false;
  into = json.get<std::string>();
  return !into.empty() && into.size() <= kMostShortTextBytes && escaped(into) == into;
}

/// Exactly so many hexadecimal digits.
bool read_digits(const Json& json, size_t count, std::string& into) {
  if (!json.is_string()) return false;
  into = json.get<std::string>();
  return into.size() == count && into.find_first_not_of("0123456789abcdef") == std::string::npos;
}

bool read_hash(const Json& json, KeyHash& into) {
  std::string digits;
  if (!read_digits(json, 2 * into.size(), digits)) return false;
  const auto value_of = [](char digit) { return digit <= '9' ? digit - '0' : digit - 'a' + 10; };
  for (size_t i = 0; i < into.size(); ++i) {
    into[i] = static_cast<unsigned char>(value_of(digits[2 * i]) * 16 + value_of(digits[2 * i + 1]));
  }
  return true;
}

bool read_number(const Json& json, int64_t least, int64_t most, int64_t& into) {
  if (!json.is_number_integer()) return false;
  const auto number = json.get<double>();
  if (number < static_cast<double>(least) || number > static_cast<double>(most)) return false;
  into = json.get<int64_t>();
  return true;
}

bool read_limit(const Json& json, std::optional<int64_t>& into) {
  into.reset();
  return json.is_null() || read_number(json, 0, kMostOfALimit, into.emplace());
}

Json write_limit(const std::optional<int64_t>& limit) { return limit ? Json(*limit) : Json(); }

bool read_scopes(const Json& json, ApiKey& key) {
  if (!json.is_array()) return false;
  key.uses_models = key.is_admin = false;
  for (const Json& scope : json) {
    if (scope != "models" && scope != "admin") return false;
    (scope == "models" ? key.uses_models : key.is_admin) = true;
  }
  return true;
}

Json write_scopes(const ApiKey& key) {
  Json scopes = Json::array();
  if (key.uses_models) scopes.push_back("models");
  if (key.is_admin) scopes.push_back("admin");
  return scopes;
}

bool read_models(const Json& json, std::vector<std::string>& into) {
  into.clear();
  if (json.is_null()) return true;
  return json.is_array() && std::all_of(json.begin(), json.end(), [&](const Json& model) {
           return read_short_text(model, into.emplace_back());
         });
}

/// A member of a key in the file, in which it is never null; one that may be left out is taken back so.
struct KeyMember {
  std::string_view name;
  std::string_view values;  // what it must be
  bool is_required;
  bool is_given;  // by who makes or changes the key
  bool (*read)(const Json& json, ApiKey& key);
  Json (*write)(const ApiKey& key);  // null: it is left out
};

constexpr KeyMember kKeyMembers[] = {
    {"id", "8 hexadecimal digits", true, false,
     [](const Json& json, ApiKey& key) { return read_digits(json, 8, key.id); },
     [](const ApiKey& key) { return Json(key.id); }},
    {"name", "a text of 1 to 256 bytes", true, true,
     [](const Json& json, ApiKey& key) { return read_short_text(json, key.name); },
     [](const ApiKey& key) { return Json(key.name); }},
    {"tenant", "a text of 1 to 256 bytes", true, true,
     [](const Json& json, ApiKey& key) { return read_short_text(json, key.tenant); },
     [](const ApiKey& key) { return Json(key.tenant); }},
    {"sha256", "64 hexadecimal digits", true, false,
     [](const Json& json, ApiKey& key) { return read_hash(json, key.hash); },
     [](const ApiKey& key) { return Json(fmt::format("{:02x}", fmt::join(key.hash, ""))); }},
    {"created", "a time", true, false,
     [](const Json& json, ApiKey& key) { return read_short_text(json, key.created); },
     [](const ApiKey& key) { return Json(key.created); }},
    {"disabled", "true or false", false, true,
     [](const Json& json, ApiKey& key) {
       key.disabled = json.is_boolean() && json.get<bool>();
       return json.is_boolean() || json.is_null();
     },
     [](const ApiKey& key) { return key.disabled ? Json(true) : Json(); }},
    {"scopes", "a list of models and admin", true, true, read_scopes, write_scopes},
    {"models", "a list of models' names", false, true,
     [](const Json& json, ApiKey& key) { return read_models(json, key.models); },
     [](const ApiKey& key) { return key.models.empty() ? Json() : Json(key.models); }},
    {"requestsPerMinute", "a whole number from 0 to 1000000000", false, true,
     [](const Json& json, ApiKey& key) { return read_limit(json, key.requests_per_minute); },
     [](const ApiKey& key) { return write_limit(key.requests_per_minute); }},
    {"tokensPerMinute", "a whole number from 0 to 1000000000", false, true,
     [](const Json& json, ApiKey& key) { return read_limit(json, key.tokens_per_minute); },
     [](const ApiKey& key) { return write_limit(key.tokens_per_minute); }},
    {"concurrency", "a whole number from 0 to 1000000000", false, true,
     [](const Json& json, ApiKey& key) { return read_limit(json, key.concurrency); },
     [](const ApiKey& key) { return write_limit(key.concurrency); }},
    {"priority", "a whole number from -1000 to 1000", false, true,
     [](const Json& json, ApiKey& key) {
       key.priority = 0;
       return json.is_null() || read_number(json, -1000, 1000, key.priority);
     },
     [](const ApiKey& key) { return key.priority == 0 ? Json() : Json(key.priority); }},
};

const KeyMember* find_member(std::string_view name) {
  const auto* member = std::find_if(std::begin(kKeyMembers), std::end(kKeyMembers),
                                    [&](const KeyMember& known) { return known.name == name; });
  return member == std::end(kKeyMembers) ? nullptr : member;
}

Error invalid_keys(std::string_view name, std::string_view message) {
  return {ErrorCode::kInvalidArgument, fmt::format("{}: {}", escaped(name), message)};
}

/// `place` names the key in messages: "NAME: keys[3]".
Result<ApiKey> read_key(const Json& json, const std::string& place) {
  if (!json.is_object()) return Error{ErrorCode::kInvalidArgument, place + " is no object"};
  ApiKey key;
  for (const auto& [name, value] : json.items()) {
    const KeyMember* member = find_member(name);
    if (member == nullptr) {
      return Error{ErrorCode::kInvalidArgument,
                   fmt::format("{} has '{}', which this version does not know", place, escaped(name))};
    }
    if (value.is_null() || !member->read(value, key)) {
      return Error{ErrorCode::kInvalidArgument,
                   fmt::format("{}.{} must be {}", place, member->name, member->values)};
    }
  }
  for (const KeyMember& member : kKeyMembers) {
    if (member.is_required && !json.contains(member.name)) {
      return Error{ErrorCode::kInvalidArgument, fmt::format("{}.{} is missing", place, member.name)};
    }
  }
  return key;
}

Json written_key(const ApiKey& key) {
  Json written = Json::object();
  for (const KeyMember& member : kKeyMembers) {
    if (Json value = member.write(key); !value.is_null())
      written[std::string(member.name)] = std::move(value);
  }
  return written;
}

}  // namespace

std::filesystem::path default_keys_file() {
  const char* config = std::getenv("XDG_CONFIG_HOME");
  const char* home = std::getenv("HOME");
  // Both are ignored where they are no absolute paths, as the specification of the first has it.
  if (config != nullptr && *config == '/') return std::filesystem::path(config) / "hearth/keys.json";
  return std::filesystem::path(home != nullptr && *home == '/' ? home : ".") / ".config/hearth/keys.json";
}

Result<std::vector<ApiKey>> parse_keys(std::string_view text, std::string_view name) {
  HEARTH_ASSIGN(const Json json, hearth::parse_json(text, name));
  const bool has_form = json.is_object() && json.size() == 2 && json.value("version", Json()) == 1 &&
                        json.value("keys", Json()).is_array();
  if (!has_form) return invalid_keys(name, R"(is no file of keys: {"version": 1, "keys": [...]})");
  std::vector<ApiKey> keys;
  std::set<std::string> ids;
  for (const Json& element : json["keys"]) {
    const std::string place = fmt::format("{}: keys[{}]", escaped(name), keys.size());
    HEARTH_ASSIGN(ApiKey key, read_key(element, place));
    if (!ids.insert(key.id).second) {
      return Error{ErrorCode::kInvalidArgument, fmt::format("{} has the id {} of another", place, key.id)};
    }
    keys.push_back(std::move(key));
  }
  return keys;
}

std::string write_keys(const std::vector<ApiKey>& keys) {
  Json list = Json::array();
  for (const ApiKey& key : keys) list.push_back(written_key(key));
  const Json whole = {{"version", 1}, {"keys", list}};
  return whole.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<void> set_key_member(ApiKey& key, std::string_view name, const Json& value) {
  const KeyMember* member = find_member(name);
  if (member == nullptr || !member->is_given) {
    return Error{ErrorCode::kInvalidArgument, fmt::format("a key is given no '{}'", escaped(name))};
  }
  if (member->read(value, key)) return {};
  return Error{ErrorCode::kInvalidArgument, fmt::format("must be {}", member->values)};
}

Json shown_key(const ApiKey& key) {
  Json shown = written_key(key);
  shown.erase("sha256");
  shown["disabled"] = key.disabled;
  return shown;
}

Result<std::vector<ApiKey>> read_keys_file(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return system_error(file, "open it");
  std::string text;
  char buffer[1 << 16];
  while (stream.read(buffer, sizeof(buffer)) || stream.gcount() > 0) {
    text.append(buffer, static_cast<size_t>(stream.gcount()));
    if (text.size() > kMostFileBytes) return invalid_keys(file.string(), "has more than 64 MiB");
  }
  if (stream.bad()) return system_error(file, "read it");
  return parse_keys(text, file.string());
}

}  // namespace hearth::serve
