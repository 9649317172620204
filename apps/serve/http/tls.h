// TLS of the server.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>

#include "engine/base/result.h"

namespace hearth::serve {

/// TLS 1.2 and later, with ciphers that keep what was said if the key is ever lost. Both files are PEM; the
/// certificate's has those between it and the root as well. IO or INVALID_ARGUMENT, naming the file.
Result<std::unique_ptr<boost::asio::ssl::context>> make_tls(const std::string& certificate,
                                                            const std::string& key);

}  // namespace hearth::serve
