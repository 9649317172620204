// Workflows that other people wrote: each is read, or refused by the name of the construct that Hearth lacks;
// and those that their own validator calls invalid are errors.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "engine/base/testdata.h"
#include "engine/workflow/workflow_testing.h"

namespace hearth::workflow {
namespace {

std::string text_of(const std::filesystem::path& path) {
  const auto bytes = hearth::testing::read_bytes(path);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

size_t count(const Reading& reading, Severity severity) {
  return static_cast<size_t>(std::count_if(reading.faults.begin(), reading.faults.end(),
                                           [&](const Fault& fault) { return fault.severity == severity; }));
}

/// Calls check(file, verdict, reading) for each workflow of a folder. The verdict is "" where there is none.
template <typename Check>
void each_workflow(const std::filesystem::path& folder, Check check) {
  std::istringstream index(text_of(folder / "index.tsv"));
  std::string line;
  std::getline(index, line);  // the names of the columns
  size_t files = 0;
  for (; std::getline(index, line); ++files) {
    std::vector<std::string> columns;
    std::istringstream fields(line);
    for (std::string field; std::getline(fields, field, '\t');) columns.push_back(field);
    const std::string verdict = columns.size() > 8 ? columns[8] : "";
    check(columns[0], verdict, read_workflow(testing::document_of(text_of(folder / columns[0])), {}));
  }
  EXPECT_GT(files, 2U);
}

TEST(WorkflowData, TheEdgeAgentsFilesAreReadOrRefusedByName) {
  HEARTH_REQUIRE_TESTDATA();
  each_workflow(hearth::testing::testdata() / "workflows" / "tea",
                [](const std::string& file, const std::string& verdict, const Reading& reading) {
                  const bool is_invalid = verdict.starts_with("invalid");
                  EXPECT_EQ(count(reading, Severity::kError) > 0, is_invalid)
                      << verdict << "\n"
                      << to_text(reading.faults, file);
                  if (verdict.starts_with("valid, but strict")) {
                    EXPECT_GT(count(reading, Severity::kWarning), 0U) << file;
                  } else if (verdict.starts_with("valid, clean")) {
                    EXPECT_EQ(count(reading, Severity::kWarning), 0U) << to_text(reading.faults, file);
                  }
                  EXPECT_EQ(reading.workflow == nullptr,
                            count(reading, Severity::kError) + count(reading, Severity::kUnsupported) > 0);
                });
}

TEST(WorkflowData, RealmsPipelinesAreRead) {
  HEARTH_REQUIRE_TESTDATA();
  const auto folder = hearth::testing::testdata() / "workflows" / "realm";
  const auto faults = [&](const std::string& file) { return testing::faults_of(text_of(folder / file)); };
  EXPECT_EQ(faults("examples__multi-model-chain.yaml"), "");
  EXPECT_EQ(faults("test_pipeline_yaml_parsing.yaml"), "");
  EXPECT_THAT(faults("test_validation_duplicate_ids.yaml"), ::testing::HasSubstr("duplicate-node"));
}

}  // namespace
}  // namespace hearth::workflow
