#include "apps/store/web_address.h"

#include <gtest/gtest.h>

#include <array>

namespace hearth::store {
namespace {

TEST(WebAddress, HasTheFormThatNodeJsGivesIt) {
  const std::array<std::array<const char*, 2>, 9> cases{{
      {"https://huggingface.co/owner/repository/resolve/main/a.gguf",
       "https://huggingface.co/owner/repository/resolve/main/a.gguf"},
      {"HTTPS://Example.ORG:443/a/./b/../model.gguf?x=1&y=a b'#frag",
       "https://example.org/a/model.gguf?x=1&y=a%20b%27"},
      {"http://[::1]:9/%zz.gguf", "http://[::1]:9/%zz.gguf"},
      {"http://example.org/..%2f..%2fetc%2fpasswd", "http://example.org/..%2f..%2fetc%2fpasswd"},
      {"http://example.org/a/%2e%2E/.hidden", "http://example.org/.hidden"},
      {"http://example.org", "http://example.org/"},
      {"http://xn--mnchen-3ya.example/ü/größe {1}.gguf",
       "http://xn--mnchen-3ya.example/%C3%BC/gr%C3%B6%C3%9Fe%20%7B1%7D.gguf"},
      {"http://example.org\\a\\b.gguf", "http://example.org/a/b.gguf"},
      {"http://1.2.3.4/\"<>|^`.gguf", "http://1.2.3.4/%22%3C%3E|^%60.gguf"},
  }};
  for (const auto& [given, wanted] : cases) {
    const auto address = WebAddress::parse(given);
    ASSERT_TRUE(address.ok()) << address.error().message;
    EXPECT_EQ(address->href(), wanted);
  }
}

TEST(WebAddress, ResolvesWhatIsRelativeToIt) {
  const std::array<std::array<const char*, 3>, 7> cases{{
      {"http://h/a/m.json?x", "m.000", "http://h/a/m.000"},
      {"http://h/a/m.json", "../m.001?q=1", "http://h/m.001?q=1"},
      {"http://h/a/m.json", "/z", "http://h/z"},
      {"http://h/a/m.json", "//o/z", "http://o/z"},
      {"https://h/a/m.json", "http://o/z", "http://o/z"},
      {"http://h/a/m.json", "a b/ü.gguf", "http://h/a/a%20b/%C3%BC.gguf"},
      {"http://h/a/m.json", "../../../../x", "http://h/x"},
  }};
  for (const auto& [base, reference, wanted] : cases) {
    const auto address = WebAddress::parse(base)->resolve(reference);
    ASSERT_TRUE(address.ok()) << address.error().message;
    EXPECT_EQ(address->href(), wanted);
  }
}

TEST(WebAddress, RefusesWhatIsNoneOrHoldsASecret) {
  for (const char* given :
       {"", "example.org/a.gguf", "ftp://example.org/a", "file:///etc/passwd", "http://",
        "http://münchen.example/a", "http://a b/c", "http://user:secret@example.org/a.gguf",
        "http://exa\nmple.org/a", "http://h/a\r\nHost: other", "http://%2e%2e%2f/a", "http://h:99999/a"}) {
    const auto address = WebAddress::parse(given);
    ASSERT_FALSE(address.ok()) << given << " became " << address->href();
    EXPECT_EQ(address.error().code, ErrorCode::kInvalidArgument);
  }
  EXPECT_FALSE(WebAddress::parse("http://h/" + std::string(10'000, 'a')).ok());
  EXPECT_FALSE(WebAddress::parse("http://h/a.json")->resolve("file:///etc/passwd").ok());
}

TEST(WebAddress, NamesItsFileDecodedWhereThatIsText) {
  EXPECT_EQ(WebAddress::parse("http://h/a/m%20%C3%BC.gguf")->file_name(), "m ü.gguf");
  EXPECT_EQ(WebAddress::parse("http://h/%zz.gguf")->file_name(), "%zz.gguf");
  EXPECT_EQ(WebAddress::parse("http://h/%FF.gguf")->file_name(), "%FF.gguf");
}

}  // namespace
}  // namespace hearth::store
