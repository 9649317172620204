#include "engine/format/split.h"

#include <gtest/gtest.h>

#include <utility>

namespace hearth {
namespace {

ModelFile opened(std::vector<std::vector<std::byte>> files) {
  std::vector<std::shared_ptr<const ByteSource>> sources;
  for (auto& bytes : files) sources.push_back(own_memory(std::move(bytes)));
  auto file = ModelFile::open(std::move(sources));
  EXPECT_TRUE(file.ok()) << file.error().message;
  return std::move(*file);
}

// Five tensors of 128 bytes.
ModelFile five_tensors() {
  GgufWriter writer;
  writer.add_string("general.architecture", "llama");
  writer.add_uint32("answer", 42);
  for (int i = 0; i < 5; ++i) {
    writer.add_tensor("t" + std::to_string(i), BlockType::kI8, {64, 2},
                      [i](uint64_t offset, std::span<std::byte> into) -> Result<void> {
                        for (size_t at = 0; at < into.size(); ++at) {
                          into[at] = static_cast<std::byte>(offset + at + static_cast<size_t>(i) * 17);
                        }
                        return {};
                      });
  }
  return opened({*writer.write_to_memory()});
}

std::vector<std::vector<std::byte>> written(const std::vector<GgufWriter>& writers) {
  std::vector<std::vector<std::byte>> files;
  for (const GgufWriter& writer : writers) files.push_back(*writer.write_to_memory());
  return files;
}

std::vector<size_t> tensors_in_parts(const ModelFile& file) {
  std::vector<size_t> counts;
  for (const auto& part : file.parts()) counts.push_back(part->tensors().size());
  return counts;
}

std::vector<std::byte> joined(const ModelFile& file) {
  GgufWriter writer;
  join_model(file, writer);
  return *writer.write_to_memory();
}

TEST(Split, ByCountMakesPartsThatOpenAsOneModelAndJoinToTheSameFile) {
  const ModelFile whole = five_tensors();
  const auto writers = split_model(whole, {.tensors = 2});
  ASSERT_TRUE(writers.ok()) << writers.error().message;
  const ModelFile parts = opened(written(*writers));
  EXPECT_EQ(tensors_in_parts(parts), (std::vector<size_t>{2, 2, 1}));
  EXPECT_EQ(*parts.metadata().require_integer("answer"), 42U);
  EXPECT_EQ(*parts.metadata().require_integer("split.count"), 3U);
  EXPECT_EQ(parts.parts().back()->find("answer"), nullptr);
  EXPECT_EQ(joined(parts), joined(whole));
}

TEST(Split, BySizeFillsEachPartUpToTheLimit) {
  const ModelFile whole = five_tensors();
  const uint64_t header = whole.metadata().data_offset();
  const auto writers = split_model(whole, {.bytes = header + 128});
  ASSERT_TRUE(writers.ok()) << writers.error().message;
  const auto files = written(*writers);
  const ModelFile parts = opened(files);
  EXPECT_EQ(tensors_in_parts(parts).front(), 1U);
  EXPECT_EQ(tensors_in_parts(parts)[1], (header + 128) / 128);
  EXPECT_EQ(joined(parts), joined(whole));
}

TEST(Split, ATensorLargerThanTheLimitIsAPartOfItsOwn) {
  const auto writers = split_model(five_tensors(), {.bytes = 1});
  ASSERT_TRUE(writers.ok()) << writers.error().message;
  EXPECT_EQ(writers->size(), 5U);
}

TEST(Split, WithMetadataFirstLeavesTensorsToTheOthers) {
  const ModelFile whole = five_tensors();
  const auto writers = split_model(whole, {.tensors = 4}, true);
  ASSERT_TRUE(writers.ok()) << writers.error().message;
  const ModelFile parts = opened(written(*writers));
  EXPECT_EQ(tensors_in_parts(parts), (std::vector<size_t>{0, 4, 1}));
  EXPECT_EQ(joined(parts), joined(whole));
}

}  // namespace
}  // namespace hearth
