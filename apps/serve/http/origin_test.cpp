#include "apps/serve/http/origin.h"

#include <gtest/gtest.h>

#include <vector>

namespace hearth::serve {
namespace {

TEST(Origin, KnowsNamesThatOnlyThisMachineCanHave) {
  const std::vector<std::string> more = {"models.example"};
  for (const char* own : {"localhost", "LocalHost:8080", "a.localhost", "127.0.0.1:1", "192.168.1.2",
                          "[::1]:8080", "[fe80::1]", "models.example", "Models.example:443"}) {
    EXPECT_TRUE(is_own_host(own, more)) << own;
  }
  for (const char* foreign : {"", "example.org", "localhost.example.org", "notlocalhost", ".localhost.evil",
                              "127.0.0.1.evil", "[::1", "models.example.org", "a.models.example"}) {
    EXPECT_FALSE(is_own_host(foreign, more)) << foreign;
  }
}

TEST(Origin, LetsInItsOwnPagesAndThoseThatAreListed) {
  const std::vector<std::string> listed = {"https://one.example"};
  EXPECT_TRUE(allows_origin("http://localhost:8080", "localhost:8080", {}));
  EXPECT_TRUE(allows_origin("https://one.example", "localhost:8080", listed));
  for (const char* other :
       {"http://localhost:8081", "http://one.example", "https://one.example.org", "null", "https://"}) {
    EXPECT_FALSE(allows_origin(other, "localhost:8080", listed)) << other;
  }
  const std::vector<std::string> all = {"*"};
  EXPECT_TRUE(allows_origin("null", "localhost:8080", all));
}

}  // namespace
}  // namespace hearth::serve
