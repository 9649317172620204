// The server: from a configuration to a process that answers until it is told to stop.
#pragma once

#include <functional>
#include <string>

#include "apps/serve/config/server_config.h"
#include "engine/base/result.h"

namespace hearth::serve {

struct ServeOptions {
  ServerConfig config;
  /// The configuration anew, for SIGHUP.
  std::function<Result<ServerConfig>()> read_config;
  /// Called with the address when the server listens.
  std::function<void(const std::string& address)> ready;
};

/// Fails with what kept it from listening. Serves until SIGTERM or SIGINT has come and the answers that were
/// being written are finished, or the time for that is over.
Result<void> serve(const ServeOptions& options);

}  // namespace hearth::serve
