// Asio as the server uses it: everything runs in coroutines on the one network thread, so what they share
// needs no locks.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace hearth::serve {

namespace net = boost::asio;

template <typename T = void>
using Awaitable = net::awaitable<T>;

}  // namespace hearth::serve
