// The server: from options to a process that answers until it is told to stop.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "apps/serve/http/limits.h"
#include "apps/serve/models/models.h"
#include "engine/base/result.h"

namespace hearth::serve {

struct ServeOptions {
  std::string host = "127.0.0.1";
  uint16_t port = 8080;     // 0: any that is free
  std::string unix_socket;  // a path; empty: none, and otherwise in place of the address
  std::vector<ModelDescription> models;
  uint64_t memory_budget = 0;  // bytes; 0: no limit
  HttpLimits limits;
};

/// Serves until SIGTERM or SIGINT has come and the answers that were being written are finished. `ready` is
/// called with the address when the server listens.
Result<void> serve(const ServeOptions& options, const std::function<void(const std::string& address)>& ready);

}  // namespace hearth::serve
