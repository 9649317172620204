// The keys of the callers, as the server asks for them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "apps/serve/tenants/api_key.h"
#include "engine/base/result.h"

namespace hearth::serve {

class KeyStore {
 public:
  /// Of a file that `hearth key` writes. As read_keys_file.
  static Result<KeyStore> open(std::filesystem::path file);

  /// The key that was presented; nullptr where there is none such or it is disabled. How long it takes says
  /// nothing of the secret.
  std::shared_ptr<const ApiKey> find(std::string_view presented) const;
  /// A key that was found before, as it is now; nullptr where it opens nothing any more.
  std::shared_ptr<const ApiKey> find_again(const ApiKey& key) const;

  /// Reads the file again if it has changed, and tells whether it did. It costs a look at the file's time. An
  /// error is told once for each change; the keys then stay as they were.
  Result<bool> refresh();

  using Keys = std::unordered_map<std::string, std::shared_ptr<const ApiKey>>;
  /// All of them, by their ids, disabled ones too.
  const Keys& keys() const { return keys_; }

 private:
  /// What differs if the file was replaced or written to; zeros where it isn't there.
  struct Stamp {
    uint64_t device = 0, file = 0, size = 0;
    int64_t seconds = 0, nanoseconds = 0;
    friend bool operator==(const Stamp&, const Stamp&) = default;
  };

  explicit KeyStore(std::filesystem::path file) : file_(std::move(file)) {}
  static Stamp stamp_of(const std::filesystem::path& file);
  Result<void> read();

  std::filesystem::path file_;
  Stamp seen_;
  Keys keys_;
};

}  // namespace hearth::serve
