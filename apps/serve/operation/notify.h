// What systemd is told of the server, where it asks (man sd_notify).
#pragma once

#include <string_view>

namespace hearth::serve {

/// "READY=1", "STOPPING=1": sent to the socket that NOTIFY_SOCKET names; nothing where there is none.
void notify_manager(std::string_view state);

}  // namespace hearth::serve
