#include "apps/serve/operation/reload.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <variant>

#include "apps/serve/config/config_tables.h"

namespace hearth::serve {

namespace {

/// Each is asked for by whoever needs it whenever it is needed.
constexpr std::string_view kChangeable[] = {"tls",       "hostNames", "keys",    "cors", "limits",
                                            "workflows", "log",       "metrics", "page"};

}  // namespace

std::vector<std::string> take_changes(ServerConfig& running, const ServerConfig& wanted) {
  std::vector<std::string> fixed;
  for (const auto& setting : kServerSettings) {
    const bool can_change =
        std::find(std::begin(kChangeable), std::end(kChangeable), setting.name) != std::end(kChangeable);
    std::visit(
        [&](auto member) {
          if (running.*member == wanted.*member) return;
          if (can_change) {
            running.*member = wanted.*member;
          } else {
            fixed.emplace_back(setting.name);
          }
        },
        setting.member);
  }
  return fixed;
}

}  // namespace hearth::serve
