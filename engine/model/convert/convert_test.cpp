#include "engine/model/convert/convert.h"

#include <gtest/gtest.h>

#include <utility>

#include "engine/format/dequantize.h"
#include "engine/model/tiny_model.h"
#include "testing/synthetic/synthetic_model.h"

namespace hearth {
namespace {

ModelFile opened(std::vector<std::byte> bytes) {
  auto file = ModelFile::open(std::vector{own_memory(std::move(bytes))});
  EXPECT_TRUE(file.ok()) << file.error().message;
  return std::move(*file);
}

ModelFile tiny_model(std::string_view type) {
  GgufWriter writer;
  EXPECT_TRUE(add_synthetic_model(*find_synthetic_shape("tiny-llama"), *find_type_mix(type), 1, writer).ok());
  return opened(*writer.write_to_memory());
}

ModelFile converted(const ModelFile& file, std::string_view type) {
  GgufWriter writer;
  EXPECT_TRUE(add_converted_model(file, *find_type_mix(type), writer).ok());
  auto bytes = writer.write_to_memory();
  EXPECT_TRUE(bytes.ok()) << bytes.error().message;
  return opened(std::move(*bytes));
}

std::vector<float> values_of(const ModelFile& file, std::string_view name) {
  const auto [tensor, part] = file.find_tensor(name);
  std::vector<std::byte> blocks(tensor->bytes);
  EXPECT_TRUE(part->source().read(tensor->offset, blocks).ok());
  std::vector<float> values(tensor->columns() * tensor->rows());
  dequantize(tensor->type, blocks, values);
  return values;
}

BlockType type_of(const ModelFile& file, std::string_view name) {
  return file.find_tensor(name).tensor->type;
}

TEST(Convert, ToF32GivesEveryValueThatTheBlocksStandFor) {
  const ModelFile quantised = tiny_model("Q4_K_M");
  const ModelFile floats = converted(quantised, "F32");
  for (const GgufTensor& tensor : floats.parts().front()->tensors()) {
    EXPECT_EQ(tensor.type, BlockType::kF32) << tensor.name;
    EXPECT_EQ(values_of(floats, tensor.name), values_of(quantised, tensor.name)) << tensor.name;
  }
}

TEST(Convert, AMixSpendsMoreBitsWhereTheyMatterAndLeavesNormsAlone) {
  const ModelFile mixed = converted(tiny_model("F32"), "Q4_K_M");
  EXPECT_EQ(type_of(mixed, "output.weight"), BlockType::kQ6_K);
  EXPECT_EQ(type_of(mixed, "blk.0.attn_q.weight"), BlockType::kQ4_K);
  EXPECT_EQ(type_of(mixed, "blk.0.attn_norm.weight"), BlockType::kF32);
  EXPECT_EQ(*mixed.metadata().require_integer("general.file_type"), 15U);
}

TEST(Convert, KeepsTheMetadata) {
  const ModelFile before = tiny_model("F32");
  const ModelFile after = converted(before, "Q8_0");
  EXPECT_EQ(*after.metadata().require_string("general.architecture"), "llama");
  EXPECT_EQ(after.metadata().require_array("tokenizer.ggml.tokens")->count,
            before.metadata().require_array("tokenizer.ggml.tokens")->count);
  EXPECT_EQ(after.metadata().entries().size(), before.metadata().entries().size());
}

TEST(Convert, TellsHowManyTensorsHaveEachType) {
  const ModelFile before = tiny_model("F32");
  GgufWriter writer;
  const auto types = add_converted_model(before, *find_type_mix("Q4_K_M"), writer);
  ASSERT_TRUE(types.ok()) << types.error().message;
  TensorTypes written;
  const ModelFile after = converted(before, "Q4_K_M");
  for (const GgufTensor& tensor : after.parts().front()->tensors()) ++written[tensor.type];
  EXPECT_EQ(*types, written);
}

TEST(Convert, RefusesATypeWhoseBlocksFitNoRow) {
  testing::TinyModel narrow;  // rows of 32 and 64
  const auto file = narrow.open();
  ASSERT_TRUE(file.ok()) << file.error().message;
  GgufWriter writer;
  const auto types = add_converted_model(*file, *find_type_mix("Q2_K"), writer);
  ASSERT_FALSE(types.ok());
  EXPECT_EQ(types.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(types.error().message.find("no weight can be Q2_K"), std::string::npos) << types.error().message;
  EXPECT_NE(types.error().message.find("32, 64"), std::string::npos) << types.error().message;
}

}  // namespace
}  // namespace hearth
