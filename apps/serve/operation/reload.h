// What of a configuration can change while the server runs.
#pragma once

#include <string>
#include <vector>

#include "apps/serve/config/server_config.h"

namespace hearth::serve {

/// Takes over from `wanted` what can change, and returns the names of the keys that differ and can't.
std::vector<std::string> take_changes(ServerConfig& running, const ServerConfig& wanted);

}  // namespace hearth::serve
