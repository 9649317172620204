#include "apps/serve/tenants/limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace hearth::serve {
namespace {

/// Has the bucket of a limit, filled up to now; none where there is no limit.
void keep_bucket(std::optional<TokenBucket>& bucket, int64_t per_minute, TokenBucket::Time now) {
  if (per_minute <= 0) {
    bucket.reset();
    return;
  }
  if (!bucket) bucket.emplace(per_minute, now);
  bucket->refill(now);
  if (bucket->limit() != per_minute) bucket->set_limit(per_minute);
}

std::optional<LimitReport> report_of(const std::optional<TokenBucket>& bucket) {
  if (!bucket) return std::nullopt;
  return LimitReport{bucket->limit(), bucket->remaining(), bucket->time_until_full()};
}

std::chrono::milliseconds wait_of(const std::optional<TokenBucket>& bucket, int64_t count) {
  return bucket ? bucket->wait_for(count) : std::chrono::milliseconds(0);
}

void add_headers(const std::optional<LimitReport>& report, std::string_view what, Headers& headers) {
  if (!report) return;
  headers.emplace_back(fmt::format("x-ratelimit-limit-{}", what), fmt::format("{}", report->limit));
  headers.emplace_back(fmt::format("x-ratelimit-remaining-{}", what), fmt::format("{}", report->remaining));
  headers.emplace_back(fmt::format("x-ratelimit-reset-{}", what), reset_text(report->reset));
}

}  // namespace

struct Limits::Usage {
  std::optional<TokenBucket> requests;
  std::optional<TokenBucket> tokens;
  int64_t running = 0;
};

Headers KeyReport::headers() const {
  Headers all;
  add_headers(requests, "requests", all);
  add_headers(tokens, "tokens", all);
  return all;
}

Limits::Admission::~Admission() {
  if (usage_ && place_ == Place::kOwn) --usage_->running;
}

void Limits::Admission::settle(int64_t tokens) {
  // The limit may have come or gone in between.
  if (!usage_ || !usage_->tokens) return;
  usage_->tokens->give_back(reserved_);
  usage_->tokens->take(tokens);
  reserved_ = tokens;
}

KeyLimits Limits::limits_of(const ApiKey& key) const {
  return {key.requests_per_minute.value_or(standard_.requests_per_minute),
          key.tokens_per_minute.value_or(standard_.tokens_per_minute),
          key.concurrency.value_or(standard_.concurrency)};
}

const std::shared_ptr<Limits::Usage>& Limits::usage_of(const ApiKey& key, const KeyLimits& limits, Time now) {
  std::shared_ptr<Usage>& usage = usages_[key.id];
  if (!usage) usage = std::make_shared<Usage>();
  keep_bucket(usage->requests, limits.requests_per_minute, now);
  keep_bucket(usage->tokens, limits.tokens_per_minute, now);
  return usage;
}

bool Limits::has_place(const ApiKey& key) const {
  const int64_t most = limits_of(key).concurrency;
  const auto usage = usages_.find(key.id);
  return most <= 0 || usage == usages_.end() || usage->second->running < most;
}

std::variant<Limits::Admission, RateRefusal> Limits::admit(const ApiKey& key, int64_t tokens, Time now,
                                                           Place place) {
  const KeyLimits limits = limits_of(key);
  const std::shared_ptr<Usage>& shared = usage_of(key, limits, now);
  Usage& usage = *shared;
  const auto refused = [&](std::string message, std::chrono::milliseconds wait) {
    return RateRefusal{fmt::format("{}; try again in {}", message, reset_text(wait)),
                       wait,
                       {report_of(usage.requests), report_of(usage.tokens)}};
  };
  if (place == Place::kOwn && !has_place(key)) {
    return refused(fmt::format("this key has {} requests running, as many as it may", usage.running),
                   std::chrono::seconds(1));
  }
  if (const auto wait = wait_of(usage.requests, 1); wait.count() > 0) {
    return refused(fmt::format("this key may make {} requests a minute", limits.requests_per_minute), wait);
  }
  if (const auto wait = wait_of(usage.tokens, tokens); wait.count() > 0) {
    return refused(
        fmt::format("this key may use {} tokens a minute, of which {} are left, and this request may need {}",
                    limits.tokens_per_minute, usage.tokens->remaining(), tokens),
        wait);
  }
  const int64_t reserved = std::min(tokens, limits.tokens_per_minute);
  if (usage.requests) usage.requests->take(1);
  if (usage.tokens) usage.tokens->take(reserved);
  if (place == Place::kOwn) ++usage.running;
  return Admission(shared, place, reserved, {report_of(usage.requests), report_of(usage.tokens)});
}

void Limits::forget_others(const KeyStore::Keys& keys) {
  std::erase_if(usages_, [&](const auto& usage) { return !keys.contains(usage.first); });
}

std::string reset_text(std::chrono::milliseconds time) {
  const int64_t milliseconds = time.count();
  if (milliseconds > 0 && milliseconds < 1000) return fmt::format("{}ms", milliseconds);
  const int64_t minutes = milliseconds / 60000;
  const double seconds = static_cast<double>(milliseconds % 60000) / 1000;
  if (minutes == 0) return fmt::format("{}s", seconds);
  if (minutes < 60) return fmt::format("{}m{}s", minutes, seconds);
  return fmt::format("{}h{}m{}s", minutes / 60, minutes % 60, seconds);
}

}  // namespace hearth::serve
