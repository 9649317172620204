#include "apps/serve/tenants/key_store.h"

#include <openssl/crypto.h>
#include <sys/stat.h>

#include <utility>

#include "apps/serve/tenants/key_file.h"

namespace hearth::serve {

Result<KeyStore> KeyStore::open(std::filesystem::path file) {
  KeyStore store(std::move(file));
  HEARTH_TRY(store.read());
  return store;
}

KeyStore::Stamp KeyStore::stamp_of(const std::filesystem::path& file) {
  struct stat status {};
  if (stat(file.c_str(), &status) != 0) return {};
  return {static_cast<uint64_t>(status.st_dev), static_cast<uint64_t>(status.st_ino),
          static_cast<uint64_t>(status.st_size), status.st_mtim.tv_sec, status.st_mtim.tv_nsec};
}

Result<void> KeyStore::read() {
  // Before the bytes: a change in between is then seen the next time.
  seen_ = stamp_of(file_);
  HEARTH_ASSIGN(std::vector<ApiKey> keys, read_keys_file(file_));
  keys_.clear();
  for (ApiKey& key : keys) {
    std::string id = key.id;
    keys_.emplace(std::move(id), std::make_shared<const ApiKey>(std::move(key)));
  }
  return {};
}

Result<bool> KeyStore::refresh() {
  if (stamp_of(file_) == seen_) return false;
  HEARTH_TRY(read());
  return true;
}

std::shared_ptr<const ApiKey> KeyStore::find(std::string_view presented) const {
  // Ids are no secrets: they may be looked up. What follows is compared by its hash, in constant time.
  const std::string_view id = id_of(presented);
  if (id.empty()) return nullptr;
  const auto entry = keys_.find(std::string(id));
  if (entry == keys_.end()) return nullptr;
  const std::shared_ptr<const ApiKey>& key = entry->second;
  const KeyHash hash = hash_of(presented);
  const bool is_right = CRYPTO_memcmp(hash.data(), key->hash.data(), hash.size()) == 0;
  return is_right && !key->disabled ? key : nullptr;
}

std::shared_ptr<const ApiKey> KeyStore::find_again(const ApiKey& key) const {
  const auto entry = keys_.find(key.id);
  if (entry == keys_.end() || entry->second->hash != key.hash || entry->second->disabled) return nullptr;
  return entry->second;
}

}  // namespace hearth::serve
