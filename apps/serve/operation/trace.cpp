#include "apps/serve/operation/trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "apps/serve/random_digits.h"

namespace hearth::serve {
namespace {

// 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
constexpr size_t kVersionAt = 0;
constexpr size_t kTraceAt = 3;
constexpr size_t kParentAt = 36;
constexpr size_t kFlagsAt = 53;
constexpr size_t kLength = 55;

bool are_digits(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool is_zero(std::string_view digits) { return digits.find_first_not_of('0') == std::string_view::npos; }

/// Whether a later version may have more after what version 00 has.
bool has_right_length(std::string_view header, std::string_view version) {
  if (version == "00") return header.size() == kLength;
  return version != "ff" && (header.size() == kLength || (header.size() > kLength && header[kLength] == '-'));
}

bool is_traceparent(std::string_view header) {
  if (header.size() < kLength) return false;
  const std::string_view version = header.substr(kVersionAt, 2);
  const std::string_view trace = header.substr(kTraceAt, 32);
  const std::string_view parent = header.substr(kParentAt, 16);
  const bool has_dashes =
      header[kTraceAt - 1] == '-' && header[kParentAt - 1] == '-' && header[kFlagsAt - 1] == '-';
  return has_dashes && are_digits(version) && has_right_length(header, version) && are_digits(trace) &&
         !is_zero(trace) && are_digits(parent) && !is_zero(parent) && are_digits(header.substr(kFlagsAt, 2));
}

}  // namespace

std::string Trace::traceparent() const { return fmt::format("00-{}-{}-{:02x}", trace_id, span_id, flags); }

Trace trace_of(std::string_view traceparent) {
  Trace trace;
  trace.span_id = random_digits(8);
  if (!is_traceparent(traceparent)) {
    trace.trace_id = random_digits(16);
    return trace;
  }
  trace.trace_id = traceparent.substr(kTraceAt, 32);
  trace.parent_id = traceparent.substr(kParentAt, 16);
  unsigned flags = 0;
  std::from_chars(traceparent.data() + kFlagsAt, traceparent.data() + kFlagsAt + 2, flags, 16);
  trace.flags = static_cast<uint8_t>(flags & 1U);  // the others mean nothing yet
  return trace;
}

std::string request_id_of(std::string_view given) {
  constexpr size_t kLongest = 128;
  const auto may_be_there = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("._:-").find(c) != std::string_view::npos;
  };
  const bool is_taken =
      !given.empty() && given.size() <= kLongest && std::all_of(given.begin(), given.end(), may_be_there);
  return is_taken ? std::string(given) : "req_" + random_digits(16);
}

}  // namespace hearth::serve
