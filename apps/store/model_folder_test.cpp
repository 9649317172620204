#include "apps/store/model_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apps/store/store_testing.h"

namespace hearth::store {
namespace {

TEST(ModelFolder, ListsItsFilesAndThoseOfItsFolders) {
  const TemporaryFolder folder;
  write_model(folder.path() / "b.gguf");
  write_model(folder.path() / "team" / "a.gguf");
  write_model(folder.path() / "team" / "deeper" / "c.gguf");
  write_model(folder.path() / ".hidden" / "d.gguf");
  write_text(folder.path() / "notes.txt", "no model");
  write_split_model(folder.path(), "split");
  std::vector<std::string> names;
  const auto models = ModelFolder(folder.path()).list();
  for (const StoredModel& model : *models) names.push_back(model.name);
  EXPECT_THAT(names, testing::ElementsAre("b", "split", "team/a"));
  EXPECT_EQ(models->front().quantization, "Q4_K_M");
}

TEST(ModelFolder, FindsNothingOutside) {
  const TemporaryFolder folder;
  write_model(folder.path() / "inside" / "m.gguf");
  write_model(folder.path() / "secret.gguf");
  const ModelFolder inside(folder.path() / "inside");
  EXPECT_EQ(inside.find("m")->path, folder.path() / "inside" / "m.gguf");
  EXPECT_TRUE(inside.find("m.gguf").ok());
  for (const std::string& name :
       {std::string("../secret"), std::string("../secret.gguf"), std::string(""),
        (folder.path() / "secret.gguf").string(), std::string("./m"), std::string("x/../m")}) {
    EXPECT_EQ(inside.find(name).error().code, ErrorCode::kNotFound) << name;
  }
}

TEST(ModelFolder, TellsFilesApartThatWouldHaveOneName) {
  const TemporaryFolder folder;
  write_model(folder.path() / "m.gguf");
  write_split_model(folder.path(), "m");
  const ModelFolder models(folder.path());
  EXPECT_EQ(models.find("m").error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(models.find("m.gguf").ok());
  EXPECT_TRUE(models.find("m-00001-of-00002.gguf").ok());
}

TEST(ModelFolder, SaysWhatIsWrongWithAFile) {
  const TemporaryFolder folder;
  write_text(folder.path() / "broken.gguf", "GGUF");
  EXPECT_NE(ModelFolder(folder.path()).find("broken")->fault, "");
  EXPECT_EQ(ModelFolder(folder.path() / "none").list().error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace hearth::store
