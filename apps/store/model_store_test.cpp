#include "apps/store/model_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apps/store/entries.h"
#include "apps/store/store_testing.h"

namespace hearth::store {
namespace {

using testing::HasSubstr;

class ModelStoreTest : public testing::Test {
 protected:
  ModelStoreTest() : store_({folder_.path(), "https://huggingface.co/", ""}) {}

  std::filesystem::path path_of(const char* url) const {
    return folder_.path() / cache_path(*WebAddress::parse(url));
  }
  /// As if it had been downloaded.
  void put(const char* url, const std::string& sha256 = "") const {
    write_model(path_of(url));
    ASSERT_TRUE(write_note(path_of(url), Note{url, sha256, {}, 0}, path_of(url)).ok());
  }
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    const auto models = store_.list();
    for (const StoredModel& model : *models) names.push_back(model.name);
    return names;
  }

  TemporaryFolder folder_;
  ModelStore store_;
};

TEST_F(ModelStoreTest, ListsWhatWasDownloaded) {
  EXPECT_TRUE(store_.list()->empty());
  put("https://huggingface.co/o/r/resolve/main/m-Q4_K_M.gguf", "abc");
  const auto models = store_.list();
  ASSERT_EQ(models->size(), 1U);
  const StoredModel& model = models->front();
  EXPECT_EQ(model.name, "m-Q4_K_M");
  EXPECT_EQ(model.reference, "hf:o/r/m-Q4_K_M.gguf");
  EXPECT_EQ(model.size, std::filesystem::file_size(model.path));
  EXPECT_EQ(model.sha256, "abc");
  EXPECT_EQ(model.architecture, "llama");
  EXPECT_EQ(model.quantization, "Q4_K_M");
  EXPECT_EQ(model.fault, "");
}

TEST_F(ModelStoreTest, FindsAModelByAllThatItIsCalled) {
  put("https://huggingface.co/o/r/resolve/main/m-Q4_K_M.gguf", "abc");
  put("http://example.org/other.gguf?a=b");
  for (const char* name : {"m-Q4_K_M", "m-Q4_K_M.gguf", "hf:o/r/m-Q4_K_M.gguf", "hf://o/r/m-Q4_K_M.gguf",
                           "hf:o/r@main/m-Q4_K_M.gguf", "hf:o/r:q4_k_m", "hf:o/r", "ABC",
                           "https://huggingface.co/o/r/resolve/main/m-Q4_K_M.gguf"}) {
    const auto model = store_.find(name);
    ASSERT_TRUE(model.ok()) << name << ": " << model.error().message;
    EXPECT_EQ(model->name, "m-Q4_K_M");
  }
  EXPECT_EQ(store_.find("HTTP://example.org:80/x/../other.gguf?a=b")->name, "other");
  for (const char* name :
       {"", "m", "hf:o/r:Q8_0", "hf:o/other", "http://example.org/other.gguf", "hf:o/r@v1"}) {
    EXPECT_EQ(store_.find(name).error().code, ErrorCode::kNotFound) << name;
  }
}

TEST_F(ModelStoreTest, FindsNothingByPaths) {
  put("http://example.org/m.gguf");
  write_model(folder_.path() / "outside.gguf");
  const std::string path = path_of("http://example.org/m.gguf").string();
  for (const std::string& name :
       {path, std::string("../outside.gguf"), std::string("outside.gguf"),
        folder_.path().filename().string() + "/../m.gguf", std::string("m.gguf\0", 7)}) {
    EXPECT_EQ(store_.find(name).error().code, ErrorCode::kNotFound) << name;
  }
}

TEST_F(ModelStoreTest, GivesModelsWithOneFileNameTheirReferencesAsNames) {
  put("https://huggingface.co/o/one/resolve/main/m.gguf");
  put("https://huggingface.co/o/two/resolve/main/m.gguf");
  EXPECT_THAT(names(), testing::UnorderedElementsAre("hf:o/one/m.gguf", "hf:o/two/m.gguf"));
  const auto several = store_.find("m");
  EXPECT_EQ(several.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(several.error().message, HasSubstr("hf:o/one/m.gguf"));
  EXPECT_TRUE(store_.find("hf:o/two").ok());
}

TEST_F(ModelStoreTest, ListsASplitModelOnceItIsAllThere) {
  const std::string url = "http://example.org/m-00001-of-00002.gguf";
  const auto first = write_split_model(path_of(url.c_str()).parent_path(), "m");
  ASSERT_TRUE(write_note(first, Note{url, "abc", {}, 0}, first).ok());
  ASSERT_THAT(names(), testing::ElementsAre("m"));
  const auto second = first.parent_path() / "m-00002-of-00002.gguf";
  EXPECT_EQ(store_.find("m")->size, std::filesystem::file_size(first) + std::filesystem::file_size(second));
  std::filesystem::rename(second, second.string() + ".partial");
  EXPECT_TRUE(names().empty());
}

TEST_F(ModelStoreTest, ShowsADamagedModelButNoPieceOfOne) {
  const char* url = "http://example.org/m.gguf";
  put(url);
  std::filesystem::resize_file(path_of(url), std::filesystem::file_size(path_of(url)) - 32);
  const char* chunk = "http://example.org/other.gguf.000";
  write_text(path_of(chunk), "GGUF");
  ASSERT_TRUE(write_note(path_of(chunk), Note{chunk, "", {}, 0}, path_of(chunk)).ok());
  const auto models = store_.list();
  ASSERT_EQ(models->size(), 1U);
  EXPECT_NE(models->front().fault, "");
}

TEST_F(ModelStoreTest, RemovesAModelWithAllItsFiles) {
  const std::string url = "http://example.org/m-00001-of-00002.gguf";
  const auto first = write_split_model(path_of(url.c_str()).parent_path(), "m");
  ASSERT_TRUE(write_note(first, Note{url, "", {}, 0}, first).ok());
  put("http://example.org/other.gguf");
  ASSERT_TRUE(store_.remove("m").ok());
  EXPECT_THAT(names(), testing::ElementsAre("other"));
  EXPECT_FALSE(std::filesystem::exists(first.parent_path() / "m-00002-of-00002.gguf"));
  EXPECT_EQ(store_.remove("m").error().code, ErrorCode::kNotFound);
}

TEST(StoreOptions, AreThoseOfTheOtherFaces) {
  setenv("XDG_CACHE_HOME", "/caches", 1);
  unsetenv("HEARTH_CACHE");
  unsetenv("HF_ENDPOINT");
  EXPECT_EQ(StoreOptions::from_environment().folder, "/caches/hearth");
  EXPECT_EQ(StoreOptions::from_environment().endpoint, "https://huggingface.co");
  setenv("HEARTH_CACHE", "/models", 1);
  setenv("HF_ENDPOINT", "http://mirror/", 1);
  EXPECT_EQ(StoreOptions::from_environment().folder, "/models");
  EXPECT_EQ(ModelStore().options().endpoint, "http://mirror");
}

}  // namespace
}  // namespace hearth::store
