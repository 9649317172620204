#include "apps/serve/http/origin.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <boost/beast/core/string.hpp>

namespace hearth::serve {

namespace {

using boost::beast::iequals;

std::string_view without_port(std::string_view host) {
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
  return host.substr(0, host.rfind(':'));
}

bool is_address(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  boost::system::error_code error;
  boost::asio::ip::make_address(std::string(host), error);
  return !error;
}

}  // namespace

bool is_own_host(std::string_view host, std::span<const std::string> more) {
  const std::string_view name = without_port(host);
  constexpr std::string_view kLocal = ".localhost";
  if (iequals(name, kLocal.substr(1)) || is_address(name)) return true;
  if (name.size() > kLocal.size() && iequals(name.substr(name.size() - kLocal.size()), kLocal)) return true;
  return std::any_of(more.begin(), more.end(), [&](const std::string& own) { return iequals(own, name); });
}

bool allows_origin(std::string_view origin, std::string_view host, std::span<const std::string> origins) {
  if (iequals(origin, "http://" + std::string(host)) || iequals(origin, "https://" + std::string(host)))
    return true;
  return std::any_of(origins.begin(), origins.end(),
                     [&](const std::string& listed) { return listed == "*" || iequals(listed, origin); });
}

}  // namespace hearth::serve
