// How a request is followed through several programs: W3C's traceparent
// (https://www.w3.org/TR/trace-context-1) and x-request-id.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hearth::serve {

struct Trace {
  std::string trace_id;   // 32 hexadecimal digits, the same in all programs
  std::string parent_id;  // 16, of the caller's step; empty where the trace begins here
  std::string span_id;    // 16, of this request's step
  uint8_t flags = 0;      // 1: who called records it

  /// What programs that are called for the request are told: this step is their parent.
  std::string traceparent() const;
};

/// A step of the caller's trace. Of a header that is not as the standard has it nothing is taken: then, and
/// where there is none, a trace begins. Later versions than 00 are read as far as that one goes.
Trace trace_of(std::string_view traceparent);

/// What the client calls the request, if that is at most 128 letters, digits and signs of "._:-"; a new one
/// otherwise: what comes from outside goes to logs and headers.
std::string request_id_of(std::string_view given);

}  // namespace hearth::serve
