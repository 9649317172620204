// Whether a request comes from where it says. A browser sends requests to any server that a page names: pages
// of other sites must not use one that is meant for this machine.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace hearth::serve {

/// Whether a Host header names this machine in a way that nobody else can make it: an address, localhost or
/// one of `more`. Any other name may be somebody's who has it point here, to have a browser take the server
/// for their own ("DNS rebinding").
bool is_own_host(std::string_view host, std::span<const std::string> more);

/// Whether pages of that origin ("https://example.org") may use the server: its own pages, and those that are
/// listed; "*" stands for all.
bool allows_origin(std::string_view origin, std::string_view host, std::span<const std::string> origins);

}  // namespace hearth::serve
