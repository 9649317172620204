// Who may use the server: the keys, and what each has left.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/serve/config/server_config.h"
#include "apps/serve/http/request.h"
#include "apps/serve/operation/log.h"
#include "apps/serve/tenants/limits.h"

namespace hearth::serve {

class Callers {
 public:
  explicit Callers(Log& log) : log_(log), limits_({}) {}
  Callers(const Callers&) = delete;
  Callers& operator=(const Callers&) = delete;

  /// Reads the keys of the configuration. A file that it names must be there; without one, that of `hearth
  /// key` is read if it is, now or later. Once there are keys, there are: an error leaves them as they were.
  /// The configuration's own keys count beside them.
  Result<void> open(const ServerConfig& config);
  /// The limits of keys that have none of their own.
  void set_limits(const LimitSettings& limits);

  /// Whether a key is asked for.
  bool ask_for_keys();
  /// Where the keys are, or will be looked for.
  const std::string& keys_file() const { return file_; }
  /// Has the file looked at by the next who asks: it was changed.
  void look_again() { looked_ = {}; }
  /// The key that a request presents. Throws a Refusal (401) where it has none that is known.
  std::shared_ptr<const ApiKey> identify(const Request& request);
  /// The key of a connection that was let in before, as it is now. Throws a Refusal (401) where it had none,
  /// or opens nothing any more.
  std::shared_ptr<const ApiKey> identify_again(const ApiKey* key);
  /// Throws a Refusal (429) where the key has to wait; `headers` then say for how long.
  Limits::Admission admit(const ApiKey& key, int64_t tokens, Headers& headers, Place place = Place::kOwn);
  /// Whether the key may have one more request running.
  bool has_place(const ApiKey& key) const { return limits_.has_place(key); }

 private:
  void refresh();
  std::shared_ptr<const ApiKey> given(const KeyHash& hash) const;

  Log& log_;
  std::string file_;
  std::optional<KeyStore> keys_;
  std::vector<std::shared_ptr<const ApiKey>> given_;  // of the command line
  Limits limits_;
  std::chrono::steady_clock::time_point looked_{};
};

}  // namespace hearth::serve
