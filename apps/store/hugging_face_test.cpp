#include "apps/store/hugging_face.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hearth::store {
namespace {

using testing::HasSubstr;

RepositoryReference with(const char* quantization) {
  RepositoryReference name;
  name.owner = "owner";
  name.repository = "repo";
  name.quantization = quantization;
  return name;
}

TEST(HuggingFace, ReadsWhichFilesARepositoryHas) {
  const std::string sha256(64, 'A');
  const auto files = parse_listing(R"([{"type":"directory","path":"sub"},
      {"type":"file","path":"README.md","size":7},
      {"type":"file","path":"m.gguf","size":5000000000,"lfs":{"oid":")" +
                                   sha256 + R"(","size":5000000000}}])");
  ASSERT_TRUE(files);
  ASSERT_EQ(files->size(), 2U);
  EXPECT_EQ(files->at(0).sha256, "");
  EXPECT_EQ(files->at(1).path, "m.gguf");
  EXPECT_EQ(files->at(1).size, 5'000'000'000U);
  EXPECT_EQ(files->at(1).sha256, std::string(64, 'a'));
}

TEST(HuggingFace, TakesNothingFromWhatIsNoList) {
  for (const char* text : {"", "{}", "null", "[", "<html>", "\xFF"})
    EXPECT_FALSE(parse_listing(text)) << text;
  const auto files = parse_listing(
      R"([null, 1, {"type":"file"}, {"type":"file","path":3}, {"type":"file","path":"a","size":-1,"lfs":{"oid":"x"}}])");
  ASSERT_TRUE(files);
  ASSERT_EQ(files->size(), 1U);
  EXPECT_EQ(files->front().size, std::nullopt);
  EXPECT_EQ(files->front().sha256, "");
}

TEST(HuggingFace, FollowsItsPages) {
  EXPECT_EQ(next_page(R"(<https://h/a?cursor=1>; rel="next")"), "https://h/a?cursor=1");
  EXPECT_EQ(next_page(R"(<https://h/a>; rel="prev", <https://h/b>; rel="next")"), "https://h/b");
  EXPECT_EQ(next_page(""), "");
  EXPECT_EQ(next_page("<https://h/a; rel=\"next\""), "");
}

TEST(HuggingFace, ChoosesTheFileWithTheQuantizationAsAWord) {
  const std::vector<std::string> paths{"m-BF16.gguf", "m-F16.gguf", "m-Q4_K_M.gguf", "m-Q4_K_S.gguf",
                                       "mmproj-F16.gguf"};
  EXPECT_EQ(*choose_file(with("f16"), paths), "m-F16.gguf");
  EXPECT_EQ(*choose_file(with("Q4_K_S"), paths), "m-Q4_K_S.gguf");
  const auto none = choose_file(with("Q4_K"), paths);
  EXPECT_EQ(none.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(none.error().message, HasSubstr("m-BF16.gguf, m-F16.gguf, m-Q4_K_M.gguf, m-Q4_K_S.gguf"));
}

TEST(HuggingFace, TakesTheUsualQuantizationWhereNoneIsNamed) {
  EXPECT_EQ(*choose_file(with(""), {"m-Q8_0.gguf", "m-q4_k_m.gguf"}), "m-q4_k_m.gguf");
  EXPECT_EQ(*choose_file(with(""), {"m-Q8_0.gguf", "m-Q2_K.gguf"}), "m-Q2_K.gguf");
  EXPECT_EQ(choose_file(with(""), {"README.md", "m.imatrix.gguf"}).error().code, ErrorCode::kNotFound);
}

TEST(HuggingFace, TakesTheFirstPartOfASplitModel) {
  const std::vector<std::string> paths{"Q4_K_M/m-Q4_K_M-00002-of-00002.gguf",
                                       "Q4_K_M/m-Q4_K_M-00001-of-00002.gguf"};
  EXPECT_EQ(*choose_file(with("Q4_K_M"), paths), "Q4_K_M/m-Q4_K_M-00001-of-00002.gguf");
}

TEST(HuggingFace, AsksWhichOfSeveralIsMeant) {
  const auto several = choose_file(with("Q8_0"), {"a-Q8_0.gguf", "b-Q8_0.gguf"});
  EXPECT_EQ(several.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(several.error().message, HasSubstr("a-Q8_0.gguf, b-Q8_0.gguf"));
}

}  // namespace
}  // namespace hearth::store
