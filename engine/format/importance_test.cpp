#include "engine/format/importance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <utility>

#include "engine/format/gguf_writer.h"

namespace hearth {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatEq;
using ::testing::HasSubstr;

Result<ImportanceMatrix> read(std::vector<std::byte> bytes) {
  return ImportanceMatrix::read(own_memory(std::move(bytes), "imatrix"));
}

// Of a weight with two matrices (experts) of four columns.
std::vector<std::byte> as_gguf(const std::vector<float>& squares, const std::vector<float>& counts) {
  GgufWriter writer;
  writer.add_string("general.type", "imatrix");
  writer.add_tensor("w.weight.in_sum2", BlockType::kF32, {squares.size() / counts.size(), counts.size()},
                    std::as_bytes(std::span(squares)));
  writer.add_tensor("w.weight.counts", BlockType::kF32, {1, counts.size()}, std::as_bytes(std::span(counts)));
  return *writer.write_to_memory();
}

template <typename T>
void append(std::vector<std::byte>& bytes, const T& value) {
  const auto more = std::as_bytes(std::span(&value, 1));
  bytes.insert(bytes.end(), more.begin(), more.end());
}

TEST(Importance, IsEachColumnsMeanSquareInUnitsOfItsMatrixsMean) {
  const auto matrix = read(as_gguf({8, 4, 2, 2, 30, 30, 0, 0}, {2, 5}));
  ASSERT_TRUE(matrix.ok()) << matrix.error().message;
  EXPECT_EQ(matrix->weights().size(), 1U);
  const auto columns = matrix->columns_of("w.weight");
  EXPECT_THAT(std::vector(columns.begin(), columns.end()),
              ElementsAre(FloatEq(2), FloatEq(1), FloatEq(0.5F), FloatEq(0.5F), FloatEq(2), FloatEq(2),
                          FloatEq(1e-4F), FloatEq(1e-4F)));
  EXPECT_TRUE(matrix->columns_of("other.weight").empty());
}

TEST(Importance, OfAnExpertThatNoTokenChoseIsEven) {
  const auto matrix = read(as_gguf({0, 0, 6, 2}, {0, 1}));
  ASSERT_TRUE(matrix.ok()) << matrix.error().message;
  const auto columns = matrix->columns_of("w.weight");
  EXPECT_THAT(std::vector(columns.begin(), columns.end()), ElementsAre(1, 1, 1.5F, 0.5F));
}

TEST(Importance, IsReadAsItWasWritten) {
  const std::map<std::string, ColumnSums> sums = {{"a.weight", {{1, 3}, {4}}},
                                                  {"b.weight", {{2, 2, 0, 0, 5, 15}, {1, 0, 7}}}};
  GgufWriter writer;
  add_importance(sums, {{"text.txt"}, 3, 512}, writer);
  const auto bytes = writer.write_to_memory();
  ASSERT_TRUE(bytes.ok()) << bytes.error().message;
  const auto matrix = read(*bytes);
  ASSERT_TRUE(matrix.ok()) << matrix.error().message;
  EXPECT_EQ(matrix->weights().size(), 2U);
  EXPECT_THAT(matrix->weights().at("a.weight"), ElementsAre(0.5F, 1.5F));
  EXPECT_THAT(matrix->weights().at("b.weight"), ElementsAre(1, 1, 1, 1, 0.5F, 1.5F));
  const auto file = Gguf::parse(own_memory(*bytes));
  ASSERT_TRUE(file.ok()) << file.error().message;
  EXPECT_EQ(file->integer("imatrix.chunk_count").value(), 3U);
  EXPECT_EQ(file->integer("imatrix.chunk_size").value(), 512U);
  EXPECT_EQ(file->require_array("imatrix.datasets")->strings().front(), "text.txt");
}

TEST(Importance, IsReadFromTheOlderFilesToo) {
  std::vector<std::byte> bytes;
  append(bytes, int32_t{1});
  append(bytes, int32_t{3});
  for (const char letter : {'a', '.', 'w'}) append(bytes, letter);
  append(bytes, int32_t{10});
  append(bytes, int32_t{2});
  for (const float value : {10.0F, 30.0F}) append(bytes, value);
  const auto matrix = read(bytes);
  ASSERT_TRUE(matrix.ok()) << matrix.error().message;
  const auto columns = matrix->columns_of("a.w");
  EXPECT_THAT(std::vector(columns.begin(), columns.end()), ElementsAre(0.5F, 1.5F));
  for (size_t length = 0; length < bytes.size(); ++length) {
    const auto cut = read({bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(length)});
    ASSERT_FALSE(cut.ok()) << length;
    EXPECT_EQ(cut.error().code, ErrorCode::kInvalidModel);
  }
}

TEST(Importance, RefusesSumsThatCannotBe) {
  for (const float bad :
       {-1.0F, std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
    for (const auto& bytes : {as_gguf({1, bad}, {1}), as_gguf({1, 1}, {bad})}) {
      const auto matrix = read(bytes);
      ASSERT_FALSE(matrix.ok());
      EXPECT_EQ(matrix.error().code, ErrorCode::kInvalidModel);
      EXPECT_THAT(matrix.error().message, HasSubstr("'w.weight'"));
    }
  }
}

TEST(Importance, RefusesAModel) {
  GgufWriter writer;
  writer.add_string("general.architecture", "llama");
  const auto matrix = read(*writer.write_to_memory());
  ASSERT_FALSE(matrix.ok());
  EXPECT_THAT(matrix.error().message, HasSubstr("general.type"));
}

}  // namespace
}  // namespace hearth
