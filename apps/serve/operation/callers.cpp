#include "apps/serve/operation/callers.h"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include <boost/beast/core/string.hpp>
#include <filesystem>
#include <variant>

#include "apps/serve/refusal.h"
#include "apps/serve/tenants/key_file.h"

namespace hearth::serve {

namespace {

/// How long keys that were changed may still be taken for what they were.
constexpr std::chrono::milliseconds kRefreshPause{250};

/// "Authorization: Bearer KEY", or "x-api-key: KEY" as Anthropic's clients send it.
std::string_view presented_key(const Request& request) {
  const std::string_view authorization = request.header("Authorization");
  constexpr std::string_view kBearer = "Bearer ";
  if (boost::beast::iequals(authorization.substr(0, kBearer.size()), kBearer)) {
    return authorization.substr(kBearer.size());
  }
  return request.header("x-api-key");
}

Refusal no_key() {
  return {401, ErrorCode::kServer,
          "this server asks for a key: send it as 'Authorization: Bearer KEY' (hearth key create makes one)"};
}

Refusal wrong_key() { return {401, ErrorCode::kServer, "the key is unknown or disabled"}; }

/// Whoever has it may do everything, as with llama-server's keys: they are one tenant.
std::shared_ptr<const ApiKey> given_key(std::string_view secret, size_t number) {
  auto key = std::make_shared<ApiKey>();
  key->id = fmt::format("api-key-{}", number);
  key->name = key->id;
  key->tenant = "api-key";
  key->hash = hash_of(secret);
  key->is_admin = true;
  return key;
}

}  // namespace

Result<void> Callers::open(const ServerConfig& config) {
  set_limits(config.limits);
  given_.clear();
  for (const std::string& secret : config.api_keys) given_.push_back(given_key(secret, given_.size() + 1));
  const std::string file = config.keys.empty() ? default_keys_file().string() : config.keys;
  std::error_code unknown;
  const bool may_be_there = std::filesystem::exists(file, unknown) || unknown;
  // Who asks for keys does not open the server to everybody because their file is gone.
  if (!config.keys.empty() || may_be_there || keys_) {
    HEARTH_ASSIGN(KeyStore keys, KeyStore::open(file));
    keys_ = std::move(keys);
  }
  file_ = file;
  return {};
}

void Callers::set_limits(const LimitSettings& limits) {
  limits_.set_standard({limits.requests_per_minute, limits.tokens_per_minute, limits.concurrency});
}

void Callers::refresh() {
  const auto now = std::chrono::steady_clock::now();
  if (now - looked_ < kRefreshPause) return;
  looked_ = now;
  if (keys_) {
    const Result<bool> changed = keys_->refresh();
    if (!changed.ok()) {
      log_.say(LogLevel::kError, "the keys stay as they were", {{"why", changed.error().message}});
    } else if (changed.value()) {
      limits_.forget_others(keys_->keys());
      log_.say(LogLevel::kInfo, "keys were read again", {{"keys", keys_->keys().size()}});
    }
    return;
  }
  std::error_code error;
  if (file_.empty() || !std::filesystem::exists(file_, error)) return;
  Result<KeyStore> keys = KeyStore::open(file_);
  if (keys.ok()) {
    keys_ = std::move(keys).value();
    log_.say(LogLevel::kInfo, "keys are asked for from now on", {{"file", file_}});
  } else {
    log_.say(LogLevel::kError, "there are keys that can't be read", {{"why", keys.error().message}});
  }
}

bool Callers::ask_for_keys() {
  refresh();
  return keys_.has_value() || !given_.empty();
}

std::shared_ptr<const ApiKey> Callers::given(const KeyHash& hash) const {
  for (const std::shared_ptr<const ApiKey>& key : given_) {
    if (CRYPTO_memcmp(hash.data(), key->hash.data(), hash.size()) == 0) return key;
  }
  return nullptr;
}

std::shared_ptr<const ApiKey> Callers::identify(const Request& request) {
  const std::string_view presented = presented_key(request);
  if (presented.empty()) throw no_key();
  std::shared_ptr<const ApiKey> key = keys_ ? keys_->find(presented) : nullptr;
  if (!key) key = given(hash_of(presented));
  if (!key) throw wrong_key();
  return key;
}

std::shared_ptr<const ApiKey> Callers::identify_again(const ApiKey* key) {
  if (key == nullptr) throw no_key();
  std::shared_ptr<const ApiKey> now = keys_ ? keys_->find_again(*key) : nullptr;
  if (!now) now = given(key->hash);
  if (!now) throw wrong_key();
  return now;
}

Limits::Admission Callers::admit(const ApiKey& key, int64_t tokens, Headers& headers, Place place) {
  auto outcome = limits_.admit(key, tokens, std::chrono::steady_clock::now(), place);
  if (auto* admission = std::get_if<Limits::Admission>(&outcome)) return std::move(*admission);
  const auto& refusal = std::get<RateRefusal>(outcome);
  for (auto& header : refusal.report.headers()) headers.push_back(std::move(header));
  throw Refusal(429, ErrorCode::kServer, refusal.message)
      .after(std::chrono::ceil<std::chrono::seconds>(refusal.wait));
}

}  // namespace hearth::serve
