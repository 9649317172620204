#include "engine/compute/cpu/instruction_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/cpu_features.h"
#include "engine/compute/cpu/matrix/matrix_product.h"
#include "engine/compute/cpu/vector/vector_kernels.h"

namespace hearth::cpu {
namespace {

TEST(InstructionSet, OfEveryNameHasKernelsOfBothKinds) {
  for (const std::string_view set : supported_instruction_sets()) {
    EXPECT_EQ((*find_matrix_kernels(set))->name(), set);
    EXPECT_EQ((*find_vector_kernels(set))->name, set);
  }
}

TEST(InstructionSet, IsTheBestThereIsByDefault) {
  EXPECT_EQ((*find_matrix_kernels(""))->name(), supported_instruction_sets().front());
  EXPECT_EQ((*find_vector_kernels(""))->name, supported_instruction_sets().front());
}

TEST(InstructionSet, ThatIsUnknownIsRefusedWithThoseThereAre) {
  const auto unknown = choose_instruction_set("abacus");
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(unknown.error().message, ::testing::HasSubstr("\"abacus\""));
  EXPECT_THAT(unknown.error().message, ::testing::HasSubstr("portable"));
  EXPECT_EQ(find_matrix_kernels("abacus").error().message, unknown.error().message);
  EXPECT_EQ(find_vector_kernels("abacus").error().message, unknown.error().message);
}

}  // namespace
}  // namespace hearth::cpu
