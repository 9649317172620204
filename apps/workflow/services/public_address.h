// Addresses that anybody on the internet may have, told from those of this machine and its own network.
#pragma once

#include <sys/socket.h>

namespace hearth::workflow {

/// False for loopback, private and link-local addresses, for those that are reserved, and for what stands for
/// one of these in IPv6.
bool is_public(const sockaddr& address);

}  // namespace hearth::workflow
