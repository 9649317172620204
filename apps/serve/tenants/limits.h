// What each key may take of the server in a minute, and at once.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>

#include "apps/serve/http/request.h"
#include "apps/serve/tenants/key_store.h"
#include "apps/serve/tenants/token_bucket.h"

namespace hearth::serve {

/// 0: no limit.
struct KeyLimits {
  int64_t requests_per_minute = 0;
  int64_t tokens_per_minute = 0;
  int64_t concurrency = 0;
};

/// What is left to a key of a limit per minute, as the headers of an answer tell it.
struct LimitReport {
  int64_t limit;
  int64_t remaining;
  std::chrono::milliseconds reset;  // until all of it is there again
};

/// Nothing of what has no limit.
struct KeyReport {
  std::optional<LimitReport> requests;
  std::optional<LimitReport> tokens;

  /// x-ratelimit-limit-requests, -remaining-requests, -reset-requests, and the same of tokens, in OpenAI's
  /// form: a time is "6m0s", "1.5s" or "20ms".
  Headers headers() const;
};

/// Whether something is one of the requests that a key may have running at once, or a part of one.
enum class Place : uint8_t { kOwn, kOfItsRequest };

/// A request that has to wait.
struct RateRefusal {
  std::string message;
  /// At least; a second for a place among the requests at once, whose time nobody knows.
  std::chrono::milliseconds wait;
  KeyReport report;
};

/// Used on one thread.
class Limits {
  struct Usage;

 public:
  using Time = TokenBucket::Time;

  /// Of keys that have none of their own.
  explicit Limits(KeyLimits standard) : standard_(standard) {}
  void set_standard(KeyLimits standard) { standard_ = standard; }

  /// A request that was let in: its end makes room for another.
  class Admission {
   public:
    Admission(Admission&& other) noexcept = default;
    Admission(const Admission&) = delete;
    Admission& operator=(const Admission&) = delete;
    Admission& operator=(Admission&&) = delete;
    ~Admission();

    /// What it has used in the end, in place of the estimate, which counts where nobody says.
    void settle(int64_t tokens);
    /// As it was when the request was let in.
    const KeyReport& report() const { return report_; }

   private:
    friend class Limits;
    Admission(std::shared_ptr<Usage> usage, Place place, int64_t reserved, KeyReport report)
        : usage_(std::move(usage)), place_(place), reserved_(reserved), report_(report) {}

    std::shared_ptr<Usage> usage_;  // nullptr once it was moved from
    Place place_;
    int64_t reserved_;
    KeyReport report_;
  };

  /// Lets a request in, or says how long to wait: then nothing is taken. `tokens` is an estimate of what it
  /// reads and writes; one beyond a whole minute's waits for the whole of it.
  std::variant<Admission, RateRefusal> admit(const ApiKey& key, int64_t tokens, Time now,
                                             Place place = Place::kOwn);

  /// Whether the key may have one more running.
  bool has_place(const ApiKey& key) const;

  /// Forgets what keys have used that aren't there any more.
  void forget_others(const KeyStore::Keys& keys);

 private:
  KeyLimits limits_of(const ApiKey& key) const;
  const std::shared_ptr<Usage>& usage_of(const ApiKey& key, const KeyLimits& limits, Time now);

  KeyLimits standard_;
  std::unordered_map<std::string, std::shared_ptr<Usage>> usages_;  // by the keys' ids
};

/// "6m0s", "1.5s", "20ms": as OpenAI's headers have it.
std::string reset_text(std::chrono::milliseconds time);

}  // namespace hearth::serve
