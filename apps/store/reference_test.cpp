#include "apps/store/reference.h"

#include <gtest/gtest.h>

namespace hearth::store {
namespace {

const std::string kEndpoint = "https://huggingface.co";

RepositoryReference repository(const char* text) {
  const auto reference = parse_reference(text);
  if (!reference.ok()) {
    ADD_FAILURE() << reference.error().message;
    return {};
  }
  return std::get<RepositoryReference>(*reference);
}

TEST(Reference, ReadsAFileOfARepository) {
  const auto name = repository("hf:owner/repo-GGUF/sub/model-Q4_K_M.gguf");
  EXPECT_EQ(name.owner, "owner");
  EXPECT_EQ(name.repository, "repo-GGUF");
  EXPECT_EQ(name.revision, "main");
  EXPECT_EQ(name.file, "sub/model-Q4_K_M.gguf");
  EXPECT_EQ(name.file_url(kEndpoint, name.file)->href(),
            "https://huggingface.co/owner/repo-GGUF/resolve/main/sub/model-Q4_K_M.gguf");
  EXPECT_EQ(name.str(name.file), "hf:owner/repo-GGUF/sub/model-Q4_K_M.gguf");
}

TEST(Reference, ReadsAQuantizationAndARevision) {
  EXPECT_EQ(repository("hf:owner/repo:Q4_K_M").quantization, "Q4_K_M");
  EXPECT_EQ(repository("hf:owner/repo@v1.0:Q8_0").revision, "v1.0");
  EXPECT_EQ(repository("hf:owner/repo@v1.0:Q8_0").quantization, "Q8_0");
  EXPECT_EQ(repository("hf://owner/repo@abc/m.gguf").file, "m.gguf");
  EXPECT_EQ(repository("hf:owner/repo").file, "");
  EXPECT_EQ(repository("hf:owner/repo@v1/m.gguf").str("m.gguf"), "hf:owner/repo@v1/m.gguf");
}

TEST(Reference, EscapesWhatMeansSomethingInUrls) {
  const auto name = repository("hf:owner/repo/a b%2F+ü.gguf");
  EXPECT_EQ(name.file_url(kEndpoint, name.file)->href(),
            "https://huggingface.co/owner/repo/resolve/main/a%20b%252F%2B%C3%BC.gguf");
}

TEST(Reference, RefusesNamesThatLeadOutOfTheRepository) {
  for (const char* text : {"hf:",
                           "hf:owner",
                           "hf:owner/",
                           "hf:/repo",
                           "hf:../../etc/passwd",
                           "hf:owner/..",
                           "hf:owner/repo/../../x.gguf",
                           "hf:owner/repo/./x.gguf",
                           "hf:owner/repo//x.gguf",
                           "hf:owner/repo/",
                           "hf:owner/repo:",
                           "hf:owner/repo@/x.gguf",
                           "hf:owner/repo@../x.gguf",
                           "hf:owner/repo@a/../../x.gguf",
                           "hf:owner/repo:Q4/../x",
                           "hf:ow ner/repo",
                           "hf:owner/repo/x.gguf?a",
                           "hf:owner/repo/x\\..\\y.gguf",
                           "hf:owner/repo/a\nb.gguf",
                           "hf:owner/repo/\xFF.gguf"}) {
    const auto reference = parse_reference(text);
    ASSERT_FALSE(reference.ok()) << text;
    EXPECT_EQ(reference.error().code, ErrorCode::kInvalidArgument);
  }
}

TEST(Reference, TellsUrlsPathsAndOtherSchemesApart) {
  EXPECT_TRUE(std::holds_alternative<WebAddress>(*parse_reference("https://example.org/m.gguf")));
  EXPECT_TRUE(std::holds_alternative<std::filesystem::path>(*parse_reference("models/m.gguf")));
  EXPECT_TRUE(std::holds_alternative<std::filesystem::path>(*parse_reference("/models/a:b.gguf")));
  EXPECT_EQ(parse_reference("ftp://example.org/m.gguf").error().message,
            "ftp://example.org/m.gguf: 'ftp:' is no kind of source; there are paths, http:, https: and hf:");
  EXPECT_FALSE(parse_reference("").ok());
}

TEST(Reference, FindsTheRepositoryOfAUrl) {
  EXPECT_EQ(reference_of_url("https://huggingface.co/o/r/resolve/main/a/b%20c.gguf", kEndpoint),
            "hf:o/r/a/b c.gguf");
  EXPECT_EQ(reference_of_url("https://huggingface.co/o/r/resolve/v1/b.gguf", kEndpoint), "hf:o/r@v1/b.gguf");
  for (const char* url :
       {"https://huggingface.com/o/r/resolve/main/a.gguf", "https://huggingface.co/o/r/raw/main/a.gguf",
        "https://huggingface.co/o/r", "https://huggingface.co/o/r/resolve/main/",
        "https://huggingface.co/o/r/resolve/main/%2E%2E/a"}) {
    EXPECT_EQ(reference_of_url(url, kEndpoint), std::nullopt) << url;
  }
}

}  // namespace
}  // namespace hearth::store
