// Heads of requests: what is read of one does not depend on the pieces in which it comes, and what is not
// refused has a path that leads nowhere else.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "apps/serve/http/head.h"
#include "apps/serve/refusal.h"

namespace hearth::serve::fuzzing {
namespace {

constexpr size_t kRefused = SIZE_MAX;

size_t size_of(std::string_view text, size_t& line) {
  try {
    return head_size(text, line);
  } catch (const Refusal&) {
    return kRefused;
  }
}

size_t size_by_pieces(std::string_view text, size_t piece) {
  size_t line = 0;
  for (size_t end = piece;; end += piece) {
    const size_t size = size_of(text.substr(0, end), line);
    if (size != 0 || end >= text.size()) return size;
  }
}

void require(bool holds) {
  if (!holds) std::abort();
}

void check_head(std::string_view text) {
  if (text.empty()) return;
  size_t line = 0;
  const size_t head = size_of(text, line);
  require(head == kRefused || head <= text.size());
  require(size_by_pieces(text, 1) == head);
  require(size_by_pieces(text, 7) == head);
  if (head == kRefused || head == 0) return;
  try {
    RequestParser parser;
    parser.header_limit(static_cast<uint32_t>(head));
    parse_head(parser, text.substr(0, head));
    const Request request = request_of_head(parser.get(), "");
    require(request.path.find("/../") == std::string::npos && request.path.find('\0') == std::string::npos);
    require(request.path == "*" || request.path.front() == '/');
  } catch (const Refusal& refusal) {
    require(refusal.status >= 400);
  }
}

}  // namespace
}  // namespace hearth::serve::fuzzing

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  hearth::serve::fuzzing::check_head({reinterpret_cast<const char*>(data), size});
  return 0;
}
