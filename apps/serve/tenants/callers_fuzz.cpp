// Fuzzes what is read of callers: the file of their keys, the keys that they present, the headers by which
// their requests are followed. Each is given the whole input.
//
// What must hold: keys that are read are written so that they are read as the same; no input is a key that
// nobody was given; what goes on to logs and other programs has the form that it must have.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "apps/serve/operation/trace.h"
#include "apps/serve/tenants/key_file.h"

namespace hearth::serve::fuzzing {
namespace {

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "violated: %s\n", what);
  std::abort();
}

void check_keys(std::string_view text) {
  const auto keys = parse_keys(text, "keys.json");
  if (!keys.ok()) return;
  const std::string written = write_keys(*keys);
  const auto again = parse_keys(written, "keys.json");
  require(again.ok(), "what is written can be read");
  require(write_keys(*again) == written, "what is written is read as the same");
  for (const ApiKey& key : *keys) require(hash_of(text) != key.hash, "no input is a key");
}

void check_headers(std::string_view text) {
  require(id_of(text).empty() || id_of(text).size() == 8, "ids have 8 digits");
  const Trace trace = trace_of(text);
  const Trace next = trace_of(trace.traceparent());
  require(next.trace_id == trace.trace_id && next.parent_id == trace.span_id && next.flags == trace.flags,
          "what is passed on is a step of the trace");
  const std::string id = request_id_of(text);
  require(request_id_of(id) == id, "an id is passed on as it is");
}

}  // namespace
}  // namespace hearth::serve::fuzzing

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  hearth::serve::fuzzing::check_keys(text);
  hearth::serve::fuzzing::check_headers(text);
  return 0;
}
