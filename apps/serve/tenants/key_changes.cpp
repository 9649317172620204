#include "apps/serve/tenants/key_changes.h"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <nlohmann/json.hpp>
#include <span>
#include <system_error>
#include <utility>

#include "apps/serve/random_digits.h"
#include "apps/serve/tenants/key_file.h"
#include "engine/base/atomic_file.h"
#include "engine/base/system_error.h"

namespace hearth::serve {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

constexpr auto kOwnerOnly = fs::perms::owner_read | fs::perms::owner_write;

/// Held by who changes the file. A file of its own, since the other one is replaced.
class FileLock {
 public:
  static Result<FileLock> take(const fs::path& file) {
    fs::path path = file;
    path += ".lock";
    const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0) return system_error(path, "open it");
    FileLock lock(descriptor);
    while (flock(descriptor, LOCK_EX) != 0) {
      if (errno != EINTR) return system_error(path, "lock it");
    }
    return lock;
  }
  FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock() {
    if (descriptor_ >= 0) close(descriptor_);
  }

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
};

/// What writers that were killed have left: nobody else writes while the lock is held.
void remove_leftovers(const fs::path& file) {
  std::error_code ignored;
  const std::string start = file.filename().string() + ".";
  for (const auto& entry : fs::directory_iterator(file.parent_path(), ignored)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(start) && name.ends_with(".part")) fs::remove(entry.path(), ignored);
  }
}

Result<void> write_file(const fs::path& file, const std::vector<ApiKey>& keys) {
  remove_leftovers(file);
  HEARTH_ASSIGN(AtomicFile written, AtomicFile::create(file, kOwnerOnly));
  const std::string text = write_keys(keys);
  HEARTH_TRY(written.append(std::as_bytes(std::span(text))));
  return written.commit();
}

/// Changes the key of that id and writes the file; gives what the key has become. An error of `change`, which
/// gets all keys, too, leaves the file as it was.
template <typename Change>
Result<ApiKey> change_key(const fs::path& given, std::string_view id, const Change& change) {
  const fs::path file = fs::absolute(given);
  HEARTH_TRY(read_keys_file(file));  // where there is no file, no lock shall be left beside it
  HEARTH_ASSIGN(const FileLock lock, FileLock::take(file));
  HEARTH_ASSIGN(std::vector<ApiKey> keys, read_keys_file(file));
  const auto key = std::find_if(keys.begin(), keys.end(), [&](const ApiKey& one) { return one.id == id; });
  if (key == keys.end()) {
    return Error{
        ErrorCode::kNotFound,
        fmt::format("{} has no key with the id '{}'; `hearth key list` shows them", file.string(), id)};
  }
  HEARTH_TRY(change(*key, keys));
  HEARTH_TRY(write_file(file, keys));
  return std::move(*key);
}

Result<ApiKey> set_disabled(const fs::path& file, std::string_view id, bool disabled) {
  return change_key(file, id, [disabled](ApiKey& key, const std::vector<ApiKey>& /*keys*/) -> Result<void> {
    key.disabled = disabled;
    return {};
  });
}

Result<std::vector<ApiKey>> keys_if_any(const fs::path& file) {
  auto keys = read_keys_file(file);
  if (!keys.ok() && keys.error().code == ErrorCode::kNotFound) return std::vector<ApiKey>();
  return keys;
}

}  // namespace

Result<IssuedKey> create_key(const fs::path& file, ApiKey wanted) {
  const fs::path path = fs::absolute(file);
  std::error_code problem;
  fs::create_directories(path.parent_path(), problem);
  if (problem) return system_error(path.parent_path(), "create it", problem.value());
  HEARTH_ASSIGN(const FileLock lock, FileLock::take(path));
  HEARTH_ASSIGN(std::vector<ApiKey> keys, keys_if_any(path));
  const auto is_taken = [&](const std::string& id) {
    return std::any_of(keys.begin(), keys.end(), [&](const ApiKey& key) { return key.id == id; });
  };
  do wanted.id = random_digits(4);
  while (is_taken(wanted.id));
  if (wanted.tenant.empty()) wanted.tenant = wanted.id;
  wanted.created = fmt::format("{:%FT%TZ}", fmt::gmtime(std::time(nullptr)));
  std::string secret = make_secret_key(wanted.id);
  wanted.hash = hash_of(secret);
  keys.push_back(wanted);
  // What could not be read again must not be written.
  HEARTH_TRY(parse_keys(write_keys(keys), "the new key"));
  HEARTH_TRY(write_file(path, keys));
  return IssuedKey{std::move(wanted), std::move(secret)};
}

Result<IssuedKey> rotate_key(const fs::path& file, std::string_view id) {
  std::string secret;
  const auto rotate = [&](ApiKey& key, const std::vector<ApiKey>& /*keys*/) -> Result<void> {
    secret = make_secret_key(key.id);
    key.hash = hash_of(secret);
    return {};
  };
  HEARTH_ASSIGN(ApiKey key, change_key(file, id, rotate));
  return IssuedKey{std::move(key), std::move(secret)};
}

Result<ApiKey> disable_key(const fs::path& file, std::string_view id) { return set_disabled(file, id, true); }

Result<ApiKey> enable_key(const fs::path& file, std::string_view id) { return set_disabled(file, id, false); }

Result<ApiKey> set_key_members(const fs::path& file, std::string_view id, const ordered_json& members) {
  return change_key(file, id, [&](ApiKey& key, const std::vector<ApiKey>& keys) -> Result<void> {
    for (const auto& [name, value] : members.items()) HEARTH_TRY(set_key_member(key, name, value));
    const bool have_admin = std::any_of(keys.begin(), keys.end(),
                                        [](const ApiKey& one) { return one.is_admin && !one.disabled; });
    if (have_admin) return {};
    return Error{ErrorCode::kInvalidArgument,
                 "no key would be left that manages the server: make or enable another first, or use "
                 "`hearth key` on its machine"};
  });
}

}  // namespace hearth::serve
