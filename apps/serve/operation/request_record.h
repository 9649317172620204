// What is known of a request while it is answered: who asks, for what, and what it takes. It lives as long as
// its exchange and the answers that models write for it, which may end later.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "apps/serve/dialect.h"
#include "apps/serve/operation/trace.h"
#include "apps/serve/tenants/limits.h"

namespace hearth::serve {

struct RequestRecord {
  using Clock = std::chrono::steady_clock;

  RequestRecord() = default;
  RequestRecord(const RequestRecord&) = delete;
  RequestRecord& operator=(const RequestRecord&) = delete;
  ~RequestRecord() {
    if (admission) admission->settle(prompt_tokens + completion_tokens - settled_by_parts_);
    if (part_of) part_of->add(*this);
  }

  /// The id of the caller's key; "" where the server asks for none.
  std::string_view key_id() const { return key ? std::string_view(key->id) : std::string_view(); }

  std::string id;
  Trace trace;
  Clock::time_point began = Clock::now();
  Dialect dialect = Dialect::kOpenai;
  std::string_view route;   // the path of its route; "" where it has none
  bool for_anyone = false;  // it is answered without a key: health, metrics, the page
  std::shared_ptr<const ApiKey> key;
  std::optional<Limits::Admission> admission;
  std::string model;
  int64_t prompt_tokens = 0, cached_tokens = 0, completion_tokens = 0;  // of all its answers
  std::optional<Clock::time_point> first_token;
  std::string answers;                     // their text, where the log is to have it
  std::shared_ptr<RequestRecord> part_of;  // what it takes counts there, too: a socket's, a workflow's

 private:
  void add(const RequestRecord& part) {
    if (!part.model.empty()) model = part.model;
    prompt_tokens += part.prompt_tokens;
    cached_tokens += part.cached_tokens;
    completion_tokens += part.completion_tokens;
    answers += part.answers;
    if (!first_token) first_token = part.first_token;
    settled_by_parts_ +=
        part.admission ? part.prompt_tokens + part.completion_tokens : part.settled_by_parts_;
  }

  int64_t settled_by_parts_ = 0;  // tokens that the admissions of parts were charged for
};

}  // namespace hearth::serve
