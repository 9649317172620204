#include "apps/workflow/services/http_client.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <cstring>

#include "apps/workflow/services/public_address.h"

namespace hearth::workflow {
namespace {

using Json = HttpClient::Json;

bool is_public_text(const char* text) {
  sockaddr_storage storage{};
  sockaddr_in v4{AF_INET, 0, {}, {}};
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  if (inet_pton(AF_INET, text, &v4.sin_addr) == 1) {
    std::memcpy(&storage, &v4, sizeof(v4));
  } else {
    EXPECT_EQ(inet_pton(AF_INET6, text, &v6.sin6_addr), 1) << text;
    std::memcpy(&storage, &v6, sizeof(v6));
  }
  return is_public(reinterpret_cast<const sockaddr&>(storage));
}

TEST(PublicAddress, TellsTheInternetFromWhatIsNear) {
  for (const char* text :
       {"1.1.1.1", "172.15.0.1", "172.32.0.1", "100.63.0.1", "169.253.1.1", "223.255.255.255",
        "2606:4700::1111", "2a00::1", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"}) {
    EXPECT_TRUE(is_public_text(text)) << text;
  }
  for (const char* text : {"0.0.0.0",
                           "10.1.2.3",
                           "100.64.0.1",
                           "127.0.0.1",
                           "127.255.0.1",
                           "169.254.169.254",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.168.1.1",
                           "198.19.0.1",
                           "224.0.0.1",
                           "255.255.255.255",
                           "::",
                           "::1",
                           "fe80::1",
                           "fd00::1",
                           "ff02::1",
                           "::ffff:127.0.0.1",
                           "::ffff:10.0.0.1",
                           "64:ff9b::7f00:1",
                           "2002:7f00:1::1",
                           "2001:db8::1",
                           "2001::1",
                           "100::1"}) {
    EXPECT_FALSE(is_public_text(text)) << text;
  }
}

ErrorCode code_of(const HttpClient& client, const Json& request) {
  const Result<Json> answer = client.answer(request, [] { return true; });
  return answer.ok() ? ErrorCode::kInternal : answer.error().code;
}

TEST(HttpClient, AsksNobodyWhoIsNotListed) {
  const HttpClient nobody({}, "the list");
  EXPECT_EQ(code_of(nobody, {{"url", "https://example.org/"}}), ErrorCode::kUnsupported);
  const HttpClient one({"https://Example.org"}, "the list");
  for (const char* url : {"http://example.org/", "https://example.org:444/", "https://example.org.evil.net/",
                          "https://evil.net/https://example.org", "https://sub.example.org/"}) {
    EXPECT_EQ(code_of(one, {{"url", url}}), ErrorCode::kUnsupported) << url;
  }
  for (const char* url : {"file:///etc/passwd", "https://user@example.org/", "no address", ""})
    EXPECT_EQ(code_of(one, {{"url", url}}), ErrorCode::kInvalidArgument) << url;
}

TEST(HttpClient, RefusesHeadersThatAreMoreThanOne) {
  const HttpClient client({"http://127.0.0.1:9"}, "the list");
  const auto with = [&](const char* name, const char* value) {
    return code_of(client, {{"url", "http://127.0.0.1:9/"}, {"headers", {{name, value}}}});
  };
  EXPECT_EQ(with("x", "a\r\nhost: b"), ErrorCode::kInvalidArgument);
  EXPECT_EQ(with("x: y", "a"), ErrorCode::kInvalidArgument);
  EXPECT_EQ(with("Host", "a"), ErrorCode::kInvalidArgument);
  EXPECT_EQ(with("Content-Length", "5"), ErrorCode::kInvalidArgument);
  EXPECT_EQ(with("x", "fine"), ErrorCode::kNetwork);
}

TEST(HttpClient, TellsOriginsFromOtherAddresses) {
  EXPECT_EQ(origin_of("https://Example.org:443").value(), "https://example.org");
  EXPECT_EQ(origin_of("http://127.0.0.1:8080/").value(), "http://127.0.0.1:8080");
  for (const char* text :
       {"example.org", "https://example.org/path", "https://example.org/?a", "*", "ftp://a.b"})
    EXPECT_EQ(origin_of(text).error().code, ErrorCode::kInvalidArgument) << text;
}

}  // namespace
}  // namespace hearth::workflow
