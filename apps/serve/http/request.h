// A request as it came, whole.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::serve {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Request {
  std::string method;
  std::string path;          // decoded, without the query; no segment of it is "." or ".."
  std::string encoded_path;  // the same as it came
  std::string query;         // what follows the question mark, as it came
  std::string host;          // with the port, if it came with one
  Headers headers;
  std::string body;
  std::string peer;  // the address that it came from; "unix" for a Unix socket

  /// Its value, the first where there are several; "" where there is none. Names are compared without case.
  std::string_view header(std::string_view name) const;
  /// The same of the query's parameters, decoded.
  std::string parameter(std::string_view name) const;
};

/// With %XX taken for the bytes that they stand for; what is no such thing stays as it is.
std::string decode_percent(std::string_view text);

}  // namespace hearth::serve
