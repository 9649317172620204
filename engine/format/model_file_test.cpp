#include "engine/format/model_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "engine/base/atomic_file.h"
#include "engine/format/gguf_writer.h"

namespace hearth {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

struct Part {
  std::optional<uint32_t> number;
  std::optional<uint32_t> count;
  std::optional<uint32_t> tensors;
  std::vector<std::string> names;
};

std::vector<std::byte> encode(const Part& part) {
  static constexpr std::byte kValue[4] = {};
  GgufWriter writer;
  if (part.number) writer.add_uint32("split.no", *part.number);
  if (part.count) writer.add_uint32("split.count", *part.count);
  if (part.tensors) writer.add_uint32("split.tensors.count", *part.tensors);
  for (const std::string& name : part.names) writer.add_tensor(name, BlockType::kF32, {1}, kValue);
  auto bytes = writer.write_to_memory();
  EXPECT_TRUE(bytes.ok());
  return std::move(*bytes);
}

Result<ModelFile> open_parts(const std::vector<Part>& parts) {
  std::vector<std::shared_ptr<const ByteSource>> sources;
  for (const Part& part : parts) {
    sources.push_back(own_memory(encode(part), "part" + std::to_string(sources.size() + 1)));
  }
  return ModelFile::open(std::move(sources));
}

std::string message_of(const Result<ModelFile>& model) {
  return model.ok() ? "opened" : model.error().message;
}

class SplitFiles : public ::testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  void write(const char* name, const Part& part) const {
    const auto bytes = encode(part);
    auto file = AtomicFile::create(folder_ / name);
    ASSERT_TRUE(file.ok() && file->append(bytes).ok() && file->commit().ok());
  }

  std::filesystem::path folder_ = std::filesystem::temp_directory_path() / "hearth_model_file_test";
};

TEST(PartName, IsReadAndWrittenAlike) {
  const auto name = parse_part_name("tiny-Q4_0-00002-of-00013.gguf");
  ASSERT_TRUE(name.has_value());
  EXPECT_EQ(name->stem, "tiny-Q4_0");
  EXPECT_EQ(name->number, 2U);
  EXPECT_EQ(name->count, 13U);
  EXPECT_EQ(name->str(), "tiny-Q4_0-00002-of-00013.gguf");
}

TEST(PartName, IsNotSeenInOtherNames) {
  for (const char* name : {"", "tiny.gguf", "-of-.gguf", "tiny-1-of-3.gguf", "tiny-00000-of-00003.gguf",
                           "tiny-00004-of-00003.gguf", "tiny-0000x-of-00003.gguf", "tiny-00001-of-00003.bin",
                           "tiny00001-of-00003.gguf"}) {
    EXPECT_FALSE(parse_part_name(name).has_value()) << name;
  }
}

TEST(ModelFile, FindsTensorsInEveryPart) {
  const auto model = open_parts({{0, 2, 3, {"a"}}, {1, 2, 3, {"b", "c"}}});
  ASSERT_TRUE(model.ok()) << model.error().message;
  EXPECT_EQ(model->tensor_count(), 3U);
  EXPECT_EQ(model->find_tensor("a").part, model->parts()[0].get());
  const TensorPlace c = model->find_tensor("c");
  EXPECT_EQ(c.part, model->parts()[1].get());
  EXPECT_EQ(c.tensor->name, "c");
  EXPECT_EQ(model->find_tensor("d").tensor, nullptr);
  EXPECT_EQ(model->size(), model->parts()[0]->source().size() + model->parts()[1]->source().size());
}

TEST(ModelFile, StaysWholeWhenMoved) {
  auto model = open_parts({{{}, {}, {}, {"a"}}});
  ASSERT_TRUE(model.ok()) << model.error().message;
  const ModelFile moved = std::move(*model);
  EXPECT_EQ(moved.find_tensor("a").tensor->name, "a");
  EXPECT_EQ(moved.find_tensor("a").part, &moved.metadata());
}

TEST(ModelFile, RefusesPartsThatDoNotBelongTogether) {
  EXPECT_THAT(message_of(open_parts({})), HasSubstr("at least one"));
  EXPECT_THAT(message_of(open_parts({{0, 2, {}, {"a"}}})),
              AllOf(HasSubstr("part1"), HasSubstr("'split.count'")));
  EXPECT_THAT(message_of(open_parts({{0, 2, {}, {"a"}}, {0, 2, {}, {"b"}}})),
              AllOf(HasSubstr("part2"), HasSubstr("'split.no'")));
  EXPECT_THAT(message_of(open_parts({{0, 2, {}, {"a"}}, {{}, {}, {}, {"b"}}})),
              AllOf(HasSubstr("part2"), HasSubstr("'split.count' is missing")));
  EXPECT_THAT(message_of(open_parts({{0, 2, 5, {"a"}}, {1, 2, 5, {"b"}}})), HasSubstr("5 tensors"));
  EXPECT_THAT(message_of(open_parts({{0, 2, {}, {"a"}}, {1, 2, {}, {"a"}}})),
              AllOf(HasSubstr("part2: tensor 'a'"), HasSubstr("part1")));
}

TEST_F(SplitFiles, OpensThePartsBesideTheFirst) {
  write("m-00001-of-00002.gguf", {0, 2, 1, {}});
  write("m-00002-of-00002.gguf", {1, 2, 1, {"a"}});
  const auto model = ModelFile::open(folder_ / "m-00001-of-00002.gguf");
  ASSERT_TRUE(model.ok()) << model.error().message;
  EXPECT_EQ(model->parts().size(), 2U);
  const auto second = ModelFile::open(folder_ / "m-00002-of-00002.gguf");
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(second.error().message, HasSubstr("m-00001-of-00002.gguf"));
}

TEST_F(SplitFiles, NameThePartThatIsMissing) {
  write("m-00001-of-00003.gguf", {0, 3, {}, {"a"}});
  const auto model = ModelFile::open(folder_ / "m-00001-of-00003.gguf");
  ASSERT_FALSE(model.ok());
  EXPECT_EQ(model.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(model.error().message, HasSubstr("m-00002-of-00003.gguf"));
}

}  // namespace
}  // namespace hearth
