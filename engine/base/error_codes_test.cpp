#include "engine/base/error_codes.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/base/generated_file_testing.h"

namespace hearth {
namespace {

using testing::expect_generated;

TEST(ErrorCodes, StandInTheOrderOfTheirNumbers) {
  for (size_t i = 0; i < error_codes().size(); ++i) {
    EXPECT_EQ(static_cast<size_t>(error_codes()[i].code), i) << error_codes()[i].name;
    EXPECT_EQ(error_code_name(error_codes()[i].code), error_codes()[i].name);
  }
  EXPECT_EQ(error_code_name(static_cast<ErrorCode>(error_codes().size())), "INTERNAL");
}

TEST(ErrorCodes, OfTheCAbiAreThese) {
  std::string list = "typedef enum hearth_status HEARTH_AS_INT {\n  HEARTH_OK = 0,\n";
  for (const auto& [code, name, meaning, remedy] : error_codes()) {
    const bool last = &name == &error_codes().back().name;
    list += fmt::format("  {:<27} /* {} */\n", fmt::format("HEARTH_{}{}", name, last ? "" : ","), meaning);
  }
  expect_generated("engine/hearth.h", "typedef enum hearth_status", list + "} hearth_status;\n",
                   "\n/* The library's version");
}

TEST(ErrorCodes, OfTypeScriptAreThese) {
  std::string list =
      "/** The stable codes of errors: made from engine/base/error_codes.cpp by error_codes_test.cpp. */\n\n"
      "export const error_codes = [\n";
  for (const auto& entry : error_codes()) list += fmt::format("  \"{}\",\n", entry.name);
  expect_generated("packages/core/src/error_codes.ts", "", list + "] as const;\n");
}

TEST(ErrorCodes, AreExplainedInTheDocumentation) {
  std::string table = "| code | what it means | what helps |\n|---|---|---|\n";
  for (const auto& [code, name, meaning, remedy] : error_codes()) {
    table += fmt::format("| `{}` | {} | {}{}|\n", name, meaning, remedy, remedy.empty() ? "" : " ");
  }
  expect_generated("docs/errors.md", "| code |", table);
}

}  // namespace
}  // namespace hearth
