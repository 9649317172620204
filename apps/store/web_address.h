// An http: or https: URL in the one form that browsers and Node.js give it (WHATWG), since what a file is
// kept under is made from that.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace hearth::store {

class WebAddress {
 public:
  /// INVALID_ARGUMENT for what is none, and for one with a user's name in it, which would be written to the
  /// disk.
  static Result<WebAddress> parse(std::string_view text);
  /// What `reference`, such as a file's name or a whole URL, stands for at this address.
  Result<WebAddress> resolve(std::string_view reference) const;

  /// All of it but the fragment.
  std::string href() const { return origin() + path_ + query_; }
  std::string origin() const;
  /// Whether it is https:.
  bool is_secure() const { return scheme_ == "https"; }
  /// Without the port; of an IPv6 address with brackets.
  const std::string& host() const { return host_; }
  /// From the first slash on, percent-encoded, without segments that are "." or "..".
  const std::string& path() const { return path_; }
  /// With "?" in front, or empty.
  const std::string& query() const { return query_; }
  /// What follows the path's last slash, decoded where that gives UTF-8.
  std::string file_name() const;
  /// The same with another path, which is encoded.
  WebAddress with_path(std::string path) const;

 private:
  WebAddress() = default;
  static Result<WebAddress> parse_at(const std::string& base, std::string_view text);

  std::string scheme_;
  std::string host_;
  std::string port_;  // empty: the scheme's own
  std::string path_;
  std::string query_;
};

/// Text as a segment of a path, as JavaScript's encodeURIComponent has it.
std::string encode_component(std::string_view text);

/// Nothing where `text` is not what percent-encoding makes of UTF-8, as JavaScript's decodeURIComponent has
/// it.
std::optional<std::string> decode_component(std::string_view text);

}  // namespace hearth::store
