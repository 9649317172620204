#include "engine/workflow/definition/workflow_files.h"

#include <gtest/gtest.h>

namespace hearth::workflow {
namespace {

TEST(PathFrom, StartsFromTheFileThatNamesIt) {
  EXPECT_EQ(path_from("main.yaml", "part.yaml"), "part.yaml");
  EXPECT_EQ(path_from("flows/main.yaml", "part.yaml"), "flows/part.yaml");
  EXPECT_EQ(path_from("/home/flows/main.yaml", "./../parts//one.yaml"), "/home/parts/one.yaml");
  EXPECT_EQ(path_from("flows/main.yaml", "../../part.yaml"), "../part.yaml");
  EXPECT_EQ(path_from("/main.yaml", "../../part.yaml"), "/part.yaml");
  EXPECT_EQ(path_from("flows/main.yaml", "/part.yaml"), "/part.yaml");
}

TEST(PathFrom, TakesAddresses) {
  EXPECT_EQ(path_from("https://host/flows/main.yaml", "part.yaml"), "https://host/flows/part.yaml");
  EXPECT_EQ(path_from("https://host/flows/main.yaml", "../../part.yaml"), "https://host/part.yaml");
  EXPECT_EQ(path_from("https://host/flows/main.yaml", "/part.yaml"), "https://host/part.yaml");
  EXPECT_EQ(path_from("https://host/flows/main.yaml", "https://other/part.yaml"), "https://other/part.yaml");
  EXPECT_EQ(path_from("flows/main.yaml", "https://other/a/../part.yaml"), "https://other/part.yaml");
}

}  // namespace
}  // namespace hearth::workflow
