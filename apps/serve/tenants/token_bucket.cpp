#include "apps/serve/tenants/token_bucket.h"

#include <algorithm>

namespace hearth::serve {

void TokenBucket::set_limit(int64_t per_minute) {
  level_ += (per_minute - per_minute_) * kMinute;
  per_minute_ = per_minute;
}

void TokenBucket::refill(Time now) {
  const auto passed = std::chrono::duration_cast<Milliseconds>(now - seen_);
  seen_ += passed;
  level_ = passed >= time_until_full() ? full() : level_ + passed.count() * per_minute_;
}

TokenBucket::Milliseconds TokenBucket::wait_for(int64_t count) const {
  const int64_t missing = std::min(count, per_minute_) * kMinute - level_;
  return missing <= 0 ? Milliseconds(0) : time_for(missing);
}

void TokenBucket::give_back(int64_t count) { level_ = std::min(full(), level_ + count * kMinute); }

}  // namespace hearth::serve
