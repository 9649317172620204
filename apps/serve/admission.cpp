#include "apps/serve/admission.h"

#include <fmt/format.h>

namespace hearth::serve {

namespace {

/// A token has about so many bytes: an estimate of what a request reads, until the model has read it.
constexpr size_t kBytesPerToken = 4;

}  // namespace

void refuse_while_ending(const Service& service) {
  if (!service.connections.draining()) return;
  throw Refusal(503, ErrorCode::kAborted, "the server is ending").after(std::chrono::seconds(5));
}

void require_scope(const RequestRecord& record, Scope scope) {
  if (!record.key || record.key->is_admin || (scope == Scope::kModels && record.key->uses_models)) return;
  throw Refusal(
      403, ErrorCode::kServer,
      fmt::format("this takes a key with the scope {}", scope == Scope::kAdmin ? "admin" : "models"));
}

void charge(Service& service, RequestRecord& record, size_t bytes, Headers& headers, Place place) {
  const auto tokens = static_cast<int64_t>(bytes / kBytesPerToken);
  record.admission.emplace(service.callers.admit(*record.key, tokens, headers, place));
  for (auto& header : record.admission->report().headers()) headers.push_back(std::move(header));
}

}  // namespace hearth::serve
