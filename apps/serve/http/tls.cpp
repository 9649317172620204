#include "apps/serve/http/tls.h"

#include <fmt/core.h>
#include <openssl/ssl.h>

namespace hearth::serve {

namespace {

namespace ssl = boost::asio::ssl;

Error cannot_use(const std::string& what, const std::string& file, const boost::system::error_code& error) {
  return {ErrorCode::kInvalidArgument,
          fmt::format("can't use {} as the TLS {}: {}", file, what, error.message())};
}

}  // namespace

Result<std::unique_ptr<ssl::context>> make_tls(const std::string& certificate, const std::string& key) {
  if (certificate.empty() || key.empty()) {
    return Error{ErrorCode::kInvalidArgument, "TLS takes both a certificate and its key"};
  }
  auto context = std::make_unique<ssl::context>(ssl::context::tls_server);
  SSL_CTX* const native = context->native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(native, "ECDHE+AESGCM:ECDHE+CHACHA20");
  SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  boost::system::error_code error;
  context->use_certificate_chain_file(certificate, error);
  if (error) return cannot_use("certificate", certificate, error);
  context->use_private_key_file(key, ssl::context::pem, error);
  if (error) return cannot_use("key", key, error);
  if (SSL_CTX_check_private_key(native) != 1) {
    return Error{ErrorCode::kInvalidArgument, fmt::format("{} is not the key of {}", key, certificate)};
  }
  return context;
}

}  // namespace hearth::serve
