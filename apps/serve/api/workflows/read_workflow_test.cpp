#include "apps/serve/api/workflows/read_workflow.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace hearth::serve::workflows {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kRight = "nodes: [{uses: return, with: {value: {a: 1}}}]";
constexpr const char* kWrong = "nodes:\n  - {name: a, goto: b}\n";

class ReadWorkflowTest : public ::testing::Test {
 protected:
  ReadWorkflowTest() { fs::create_directories(folder_ / "inner"); }
  ~ReadWorkflowTest() override { fs::remove_all(folder_.parent_path()); }

  void write(const fs::path& name, const std::string& text) const { std::ofstream(folder_ / name) << text; }

  /// What is wrong with a text that calls the file, "" where it runs.
  std::string fault_of_call(const std::string& path) const {
    const Result<ReadWorkflow> read = read_text(folder_, "nodes: [{subgraph: '" + path + "'}]");
    if (!read.ok()) return read.error().message;
    return read->workflow != nullptr ? "" : read->faults.dump();
  }

  fs::path folder_ = fs::path(::testing::TempDir()) / "hearth_read_workflow" / "flows";
};

TEST_F(ReadWorkflowTest, NamesTheFilesOfItsFolder) {
  for (const char* name : {"b.yaml", "a.yml", "c.txt", "inner/d.yaml"}) write(name, kRight);
  fs::create_directory(folder_ / "e.yaml");
  EXPECT_THAT(names_in(folder_).value(), ElementsAre("a", "b"));
  EXPECT_TRUE(names_in("").value().empty());
  EXPECT_EQ(names_in(folder_ / "absent").error().code, ErrorCode::kNotFound);
  EXPECT_NE(read_named(folder_, "a").value().workflow, nullptr);
  for (const char* name : {"c", "inner/d", "../flows/a", "a.yml", "", "."})
    EXPECT_EQ(read_named(folder_, name).error().code, ErrorCode::kNotFound) << name;
}

TEST_F(ReadWorkflowTest, ReadsWhatLiesInTheFolderAlone) {
  write("right.yaml", kRight);
  write("inner/deep.yaml", "nodes: [{subgraph: ../right.yaml}]");
  write("../outside.yaml", kRight);
  fs::create_symlink("right.yaml", folder_ / "near.yaml");
  fs::create_symlink("../outside.yaml", folder_ / "far.yaml");
  for (const char* path : {"right.yaml", "./inner/../right.yaml", "inner/deep.yaml", "near.yaml"})
    EXPECT_EQ(fault_of_call(path), "") << path;
  for (const std::string& path :
       {std::string("../outside.yaml"), std::string("far.yaml"), std::string("inner/../../outside.yaml"),
        std::string("/etc/passwd"), (folder_ / "right.yaml").string(), std::string("../absent.yaml")}) {
    EXPECT_THAT(fault_of_call(path), HasSubstr("outside of the server's folder")) << path;
  }
  EXPECT_THAT(fault_of_call("absent.yaml"), HasSubstr("no such file"));
  EXPECT_THAT(fault_of_call("inner"), HasSubstr("no such file"));
}

TEST_F(ReadWorkflowTest, TellsFaultsWithTheFilesThatHaveThem) {
  write("wrong.yaml", kWrong);
  const ReadWorkflow caller = read_text(folder_, "nodes: [{subgraph: wrong.yaml}]").value();
  EXPECT_EQ(caller.workflow, nullptr);
  const nlohmann::ordered_json faults = caller.faults;
  ASSERT_EQ(faults.size(), 1U);
  EXPECT_EQ(faults[0]["file"], "wrong.yaml");
  EXPECT_EQ(faults[0]["rule"], "unknown-node");
  EXPECT_EQ(faults[0]["line"], 2);
  const ReadWorkflow itself = read_text(folder_, kWrong).value();
  EXPECT_FALSE(itself.faults[0].contains("file"));
}

TEST_F(ReadWorkflowTest, TakesATextThatIsNoYamlForAFault) {
  for (const char* text : {"a: [1", "a: *b", "a: 1\n---\nb: 2", "a: !!python/object 1"}) {
    const Result<ReadWorkflow> read = read_text("", text);
    ASSERT_TRUE(read.ok()) << text << read.error().message;
    EXPECT_EQ(read->faults[0]["rule"], "no-yaml") << text;
  }
}

}  // namespace
}  // namespace hearth::serve::workflows
