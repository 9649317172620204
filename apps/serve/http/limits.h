// What a connection may take of the server.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace hearth::serve {

struct HttpLimits {
  uint64_t body_bytes = uint64_t{32} << 20;
  uint64_t all_body_bytes = uint64_t{1} << 30;  // that have come of all that are read or answered
  uint32_t header_bytes = 16 << 10;
  std::chrono::milliseconds header_time{10'000};  // from a request's first byte to its header's last
  std::chrono::milliseconds body_time{60'000};
  std::chrono::milliseconds idle_time{75'000};   // between two requests
  std::chrono::milliseconds write_time{60'000};  // in which a client must take what is written to it
  size_t connections = 1024;
};

}  // namespace hearth::serve
