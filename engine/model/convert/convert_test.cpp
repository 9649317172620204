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
  EXPECT_TRUE(
      add_synthetic_model(*find_synthetic_shape("tiny-llama"), *find_plain_mix(type), 1, writer).ok());
  return opened(*writer.write_to_memory());
}

ModelFile converted(const ModelFile& file, const Conversion& conversion) {
  GgufWriter writer;
  const auto added = add_converted_model(file, conversion, writer);
  EXPECT_TRUE(added.ok()) << added.error().message;
  auto bytes = writer.write_to_memory();
  EXPECT_TRUE(bytes.ok()) << bytes.error().message;
  return opened(std::move(*bytes));
}

ModelFile converted(const ModelFile& file, std::string_view type) {
  return converted(file, Conversion{.mix = *find_type_mix(type)});
}

std::vector<std::byte> bytes_of_tensor(const ModelFile& file, std::string_view name) {
  const auto [tensor, part] = file.find_tensor(name);
  std::vector<std::byte> bytes(tensor->bytes);
  EXPECT_TRUE(part->source().read(tensor->offset, bytes).ok());
  return bytes;
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

/// Eight layers, of which only the last four have downs: such matrices of 256 columns.
ModelFile with_downs(const std::vector<std::string>& names, uint32_t n_expert) {
  testing::TinyModel model;
  model.integers["block_count"] = 8;
  model.integers["expert_count"] = n_expert;
  for (const std::string layer : {"0", "1"}) model.tensors.erase("blk." + layer + ".ffn_down.weight");
  for (const std::string layer : {"4", "5", "6", "7"}) {
    for (const std::string& name : names) model.tensors["blk." + layer + "." + name] = {256, 3};
  }
  auto file = model.open();
  EXPECT_TRUE(file.ok()) << file.error().message;
  return std::move(*file);
}

TEST(Convert, CountsTheTensorsOfARoleWhereALayerMayHaveNone) {
  const ModelFile mixed = converted(with_downs({"ffn_down.weight"}, 0), "Q4_K_M");
  EXPECT_EQ(type_of(mixed, "blk.4.ffn_down.weight"), BlockType::kQ6_K);  // as the first of eight
  EXPECT_EQ(type_of(mixed, "blk.5.ffn_down.weight"), BlockType::kQ4_K);
  EXPECT_EQ(type_of(mixed, "blk.6.ffn_down.weight"), BlockType::kQ4_K);
  EXPECT_EQ(type_of(mixed, "blk.7.ffn_down.weight"), BlockType::kQ6_K);
}

TEST(Convert, GoesByLayersWhereEachHasSeveralTensorsOfARole) {
  const ModelFile file = with_downs({"ffn_down_exps.weight", "ffn_down_shexp.weight"}, 4);
  const ModelFile mixed = converted(file, "Q4_K_M");
  for (const std::string name : {"ffn_down_exps.weight", "ffn_down_shexp.weight"}) {
    EXPECT_EQ(type_of(mixed, "blk.4." + name), BlockType::kQ4_K) << name;
    EXPECT_EQ(type_of(mixed, "blk.5." + name), BlockType::kQ4_K) << name;
    EXPECT_EQ(type_of(mixed, "blk.6." + name), BlockType::kQ6_K) << name;
    EXPECT_EQ(type_of(mixed, "blk.7." + name), BlockType::kQ6_K) << name;
  }
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
  const auto converted_model = add_converted_model(before, {.mix = *find_type_mix("Q4_K_M")}, writer);
  ASSERT_TRUE(converted_model.ok()) << converted_model.error().message;
  TensorTypes written;
  const ModelFile after = converted(before, "Q4_K_M");
  for (const GgufTensor& tensor : after.parts().front()->tensors()) ++written[tensor.type];
  EXPECT_EQ(converted_model->types, written);
}

TEST(Convert, GivesTheSameBytesWhateverTheNumberOfThreads) {
  const ModelFile before = tiny_model("F32");
  const TypeMix mix = *find_type_mix("Q4_K_M");
  const ModelFile alone = converted(before, {.mix = mix, .threads = 1});
  const ModelFile together = converted(before, {.mix = mix, .threads = 3});
  for (const GgufTensor& tensor : alone.parts().front()->tensors()) {
    EXPECT_EQ(bytes_of_tensor(alone, tensor.name), bytes_of_tensor(together, tensor.name)) << tensor.name;
  }
}

TEST(Convert, GivesTensorsTheTypesThatTheUserChose) {
  const ModelFile before = tiny_model("F32");
  Conversion conversion{.mix = *find_type_mix("Q4_K_M"), .pure = true};
  conversion.output_type = BlockType::kQ8_0;
  conversion.overrides.emplace_back(*TensorPattern::compile("blk\\.0\\.attn_(k|v)"), BlockType::kF16);
  const ModelFile after = converted(before, conversion);
  EXPECT_EQ(type_of(after, "output.weight"), BlockType::kQ8_0);
  EXPECT_EQ(type_of(after, "token_embd.weight"), BlockType::kQ4_K);
  EXPECT_EQ(type_of(after, "blk.0.attn_v.weight"), BlockType::kF16);
  EXPECT_EQ(type_of(after, "blk.1.attn_v.weight"), BlockType::kQ4_K);
  EXPECT_EQ(type_of(after, "blk.0.attn_norm.weight"), BlockType::kF32);
  conversion.keep_output = true;
  EXPECT_EQ(type_of(converted(before, conversion), "output.weight"), BlockType::kF32);
}

TEST(Convert, RefusesAPatternThatFindsNothingOrIsNone) {
  const ModelFile before = tiny_model("F32");
  Conversion conversion{.mix = *find_type_mix("Q8_0")};
  conversion.overrides.emplace_back(*TensorPattern::compile("attn_w"), BlockType::kF16);
  GgufWriter writer;
  const auto added = add_converted_model(before, conversion, writer);
  ASSERT_FALSE(added.ok());
  EXPECT_NE(added.error().message.find("'attn_w'"), std::string::npos) << added.error().message;
  const auto none = TensorPattern::compile("attn_(v");
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().code, ErrorCode::kInvalidArgument);
}

TEST(Convert, TellsWhichTensorsFellBack) {
  testing::TinyModel narrow;  // rows of 32 and 64
  const auto file = narrow.open();
  ASSERT_TRUE(file.ok()) << file.error().message;
  Conversion conversion{.mix = *find_type_mix("Q8_0")};
  conversion.overrides.emplace_back(*TensorPattern::compile("^token_embd"), BlockType::kQ6_K);
  GgufWriter writer;
  const auto added = add_converted_model(*file, conversion, writer);
  ASSERT_TRUE(added.ok()) << added.error().message;
  ASSERT_EQ(added->fallbacks.size(), 1U);
  EXPECT_EQ(added->fallbacks.front().tensor, "token_embd.weight");
  EXPECT_EQ(added->fallbacks.front().wanted, BlockType::kQ6_K);
  EXPECT_EQ(added->fallbacks.front().got, BlockType::kQ8_0);
}

TEST(Convert, WeighsErrorsByTheImportanceOfColumns) {
  const ModelFile before = tiny_model("F32");
  constexpr std::string_view kWeight = "blk.0.ffn_up.weight";
  std::vector<float> squares(before.find_tensor(kWeight).tensor->columns(), 1.0F);
  for (size_t i = 0; i < squares.size(); i += 5) squares[i] = 100.0F;
  ImportanceMatrix importance;
  importance.add(std::string(kWeight), {squares, {1.0F}});
  Conversion conversion{.mix = *find_type_mix("Q3_K_S"), .importance = &importance};
  GgufWriter writer;
  const auto added = add_converted_model(before, conversion, writer);
  ASSERT_TRUE(added.ok()) << added.error().message;
  EXPECT_FALSE(added->without_importance.empty());
  const auto error_of = [&](const ModelFile& after) {
    const auto wanted = values_of(before, kWeight);
    const auto got = values_of(after, kWeight);
    double error = 0;
    for (size_t i = 0; i < got.size(); ++i) {
      error += squares[i % squares.size()] * (got[i] - wanted[i]) * (got[i] - wanted[i]);
    }
    return error;
  };
  const double weighed = error_of(converted(before, conversion));
  conversion.importance = nullptr;
  EXPECT_LT(weighed, 0.9 * error_of(converted(before, conversion)));
}

TEST(Convert, RefusesTheImportanceMatrixOfAnotherModel) {
  const ModelFile before = tiny_model("F32");
  ImportanceMatrix importance;
  importance.add("blk.0.ffn_up.weight", {{1.0F, 2.0F}, {1.0F}});
  GgufWriter writer;
  const auto added =
      add_converted_model(before, {.mix = *find_type_mix("Q8_0"), .importance = &importance}, writer);
  ASSERT_FALSE(added.ok());
  EXPECT_NE(added.error().message.find("blk.0.ffn_up.weight"), std::string::npos) << added.error().message;
}

TEST(Convert, RefusesATypeWhoseBlocksFitNoRow) {
  testing::TinyModel narrow;  // rows of 32 and 64
  const auto file = narrow.open();
  ASSERT_TRUE(file.ok()) << file.error().message;
  GgufWriter writer;
  const auto types = add_converted_model(*file, {.mix = *find_type_mix("Q2_K")}, writer);
  ASSERT_FALSE(types.ok());
  EXPECT_EQ(types.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(types.error().message.find("no weight can be Q2_K"), std::string::npos) << types.error().message;
  EXPECT_NE(types.error().message.find("32, 64"), std::string::npos) << types.error().message;
}

}  // namespace
}  // namespace hearth
