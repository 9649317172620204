#include "engine/format/gguf_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "engine/base/testdata.h"

namespace hearth {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Result<Gguf> reread(const GgufWriter& writer) {
  HEARTH_ASSIGN(auto bytes, writer.write_to_memory());
  return Gguf::parse(own_memory(std::move(bytes)));
}

std::vector<std::byte> tensor_bytes(const Gguf& gguf, const GgufTensor& tensor) {
  std::vector<std::byte> bytes(tensor.bytes);
  EXPECT_TRUE(gguf.source().read(tensor.offset, bytes).ok());
  return bytes;
}

GgufWriter::Fill zeros() {
  return [](uint64_t, std::span<std::byte> into) -> Result<void> {
    std::fill(into.begin(), into.end(), std::byte{0});
    return {};
  };
}

TEST(GgufWriter, WritesWhatTheReaderReads) {
  GgufWriter writer;
  writer.add_uint32("u32", 4'000'000'000U);
  writer.add_int32("i32", -5);
  writer.add_uint64("u64", uint64_t{1} << 63);
  writer.add_float32("f32", 0.1F);
  writer.add_bool("bool", true);
  writer.add_string("string", "häuser");
  writer.add_strings("strings", std::vector<std::string>{"a", "", "ccc"});
  writer.add_int32s("int32s", std::vector<int32_t>{1, -2});
  writer.add_float32s("float32s", std::vector<float>{0.5F});
  const std::vector<float> values = {1.0F, 2.0F, 3.0F};
  writer.add_tensor("values", BlockType::kF32, {3}, std::as_bytes(std::span(values)));
  writer.add_tensor("zeros", BlockType::kQ4_0, {64, 2}, zeros());

  const auto gguf = reread(writer);
  ASSERT_TRUE(gguf.ok()) << gguf.error().message;
  EXPECT_EQ(gguf->version(), 3U);
  EXPECT_EQ(*gguf->require_integer("u32"), 4'000'000'000U);
  EXPECT_EQ(**gguf->number("i32"), -5.0);
  EXPECT_EQ(*gguf->require_integer("u64"), uint64_t{1} << 63);
  EXPECT_EQ(**gguf->number("f32"), double{0.1F});
  EXPECT_EQ(**gguf->boolean("bool"), true);
  EXPECT_EQ(*gguf->require_string("string"), "häuser");
  EXPECT_THAT(gguf->require_array("strings")->strings(), ElementsAre("a", "", "ccc"));
  EXPECT_THAT(gguf->require_array("int32s")->numbers<int32_t>(), ElementsAre(1, -2));
  EXPECT_THAT(gguf->require_array("float32s")->numbers<float>(), ElementsAre(0.5F));
  ASSERT_EQ(gguf->tensors().size(), 2U);
  const auto read = tensor_bytes(*gguf, gguf->tensors()[0]);
  EXPECT_TRUE(std::ranges::equal(read, std::as_bytes(std::span(values))));
  EXPECT_EQ(gguf->tensors()[1].offset, gguf->data_offset() + 32);
  EXPECT_EQ(gguf->source().size(), gguf->data_offset() + 32 + 96);
}

TEST(GgufWriter, CopiesEveryEntryOfRealFilesByteForByte) {
  HEARTH_REQUIRE_TESTDATA();
  for (const char* name : {"gguf/malformed/DATA_SUCCESS.gguf", "gguf/malformed/DATA_CUSTOM_ALIGN.gguf",
                           "tokenizers/ggml-vocab-bert-bge.gguf", "models/stories260K/stories260K.gguf"}) {
    const auto source = map_file(testing::testdata() / name);
    ASSERT_TRUE(source.ok());
    const auto original = Gguf::parse(*source);
    ASSERT_TRUE(original.ok()) << original.error().message;
    GgufWriter writer;
    for (const GgufEntry& entry : original->entries()) writer.add(entry.key, entry.value);
    for (const GgufTensor& tensor : original->tensors()) {
      writer.add_tensor(tensor.name, tensor.type, tensor.shape,
                        (*source)->mapped().subspan(tensor.offset, tensor.bytes));
    }
    const auto copy = writer.write_to_memory();
    ASSERT_TRUE(copy.ok()) << copy.error().message;
    EXPECT_EQ(copy->size(), (*source)->size()) << name;
    // Booleans are normalised to 0 or 1, so compare what is read rather than the bytes of the header.
    const auto reread = Gguf::parse(borrow_memory(*copy));
    ASSERT_TRUE(reread.ok()) << reread.error().message;
    EXPECT_EQ(reread->alignment(), original->alignment());
    EXPECT_EQ(reread->data_offset(), original->data_offset());
    for (const GgufTensor& tensor : original->tensors()) {
      const GgufTensor* copied = reread->find_tensor(tensor.name);
      ASSERT_NE(copied, nullptr);
      EXPECT_EQ(copied->offset, tensor.offset);
      EXPECT_EQ(tensor_bytes(*reread, *copied), tensor_bytes(*original, tensor));
    }
  }
}

TEST(GgufWriter, AsksForWholeRowsInOrder) {
  constexpr uint64_t kColumns = 3 << 18;  // 3 MiB a row: one row to a piece
  std::vector<std::pair<uint64_t, uint64_t>> calls;
  GgufWriter writer;
  writer.add_tensor("t", BlockType::kF32, {kColumns, 2}, [&](uint64_t offset, std::span<std::byte> into) {
    calls.emplace_back(offset, into.size());
    return Result<void>();
  });
  writer.add_tensor("u", BlockType::kF32, {1, 5}, [&](uint64_t offset, std::span<std::byte> into) {
    calls.emplace_back(offset, into.size());
    return Result<void>();
  });
  ASSERT_TRUE(writer.write_to_memory().ok());
  constexpr uint64_t kRow = kColumns * 4;
  EXPECT_THAT(calls, ElementsAre(std::pair{uint64_t{0}, kRow}, std::pair{kRow, kRow},
                                 std::pair{uint64_t{0}, uint64_t{20}}));
}

TEST(GgufWriter, RefusesWhatWouldMakeNoFile) {
  const auto message = [](const GgufWriter& writer) {
    const auto bytes = writer.write_to_memory();
    EXPECT_FALSE(bytes.ok());
    EXPECT_EQ(bytes.error().code, ErrorCode::kInvalidArgument);
    return bytes.error().message;
  };
  GgufWriter twice;
  twice.add_bool("key", true);
  twice.add_bool("key", false);
  EXPECT_THAT(message(twice), AllOf(HasSubstr("cannot write"), HasSubstr("'key'"), HasSubstr("twice")));
  GgufWriter broken_row;
  broken_row.add_tensor("t", BlockType::kQ6_K, {128}, zeros());
  EXPECT_THAT(message(broken_row), AllOf(HasSubstr("'t'"), HasSubstr("Q6_K")));
  GgufWriter alignment;
  alignment.add_uint32("general.alignment", 24);
  EXPECT_THAT(message(alignment), HasSubstr("power of two"));
  GgufWriter too_few;
  too_few.add_tensor("t", BlockType::kF32, {4}, std::span<const std::byte>());
  EXPECT_THAT(message(too_few), AllOf(HasSubstr("'t'"), HasSubstr("16 bytes, not the 0 given")));
}

class GgufWriterFile : public ::testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  bool folder_is_empty() const { return std::filesystem::is_empty(folder_); }

  std::filesystem::path folder_ = std::filesystem::temp_directory_path() / "hearth_gguf_writer_test";
  std::filesystem::path path_ = folder_ / "model.gguf";
};

TEST_F(GgufWriterFile, IsTheSameAsInMemory) {
  GgufWriter writer;
  writer.add_string("name", "small");
  writer.add_tensor("t", BlockType::kI8, {5}, zeros());
  writer.add_tensor("u", BlockType::kI8, {5}, zeros());
  std::vector<uint64_t> done;
  uint64_t end = 0;
  const auto written = writer.write(path_, [&](const GgufWriter::State& state) {
    done.push_back(state.done);
    end = state.total;
    return true;
  });
  ASSERT_TRUE(written.ok()) << written.error().message;
  const auto file = map_file(path_);
  ASSERT_TRUE(file.ok());
  const auto memory = writer.write_to_memory();
  ASSERT_TRUE(memory.ok());
  EXPECT_TRUE(std::ranges::equal((*file)->mapped(), *memory));
  EXPECT_TRUE(std::ranges::is_sorted(done));
  EXPECT_EQ(done.back(), end);
  EXPECT_EQ(end, memory->size());
}

TEST_F(GgufWriterFile, LeavesNothingWhenCancelled) {
  GgufWriter writer;
  writer.add_tensor("t", BlockType::kI8, {5}, zeros());
  int calls = 0;
  const auto written = writer.write(path_, [&](const GgufWriter::State& /*state*/) { return ++calls < 2; });
  ASSERT_FALSE(written.ok());
  EXPECT_EQ(written.error().code, ErrorCode::kAborted);
  EXPECT_EQ(calls, 2);
  EXPECT_TRUE(folder_is_empty());
}

TEST_F(GgufWriterFile, LeavesNothingWhenATensorFailsAndNamesIt) {
  GgufWriter writer;
  writer.add_tensor("bad", BlockType::kI8, {5}, [](uint64_t, std::span<std::byte>) -> Result<void> {
    return Error{ErrorCode::kNetwork, "the line went dead"};
  });
  const auto written = writer.write(path_);
  ASSERT_FALSE(written.ok());
  EXPECT_EQ(written.error().code, ErrorCode::kNetwork);
  EXPECT_THAT(written.error().message, AllOf(HasSubstr("'bad'"), HasSubstr("the line went dead")));
  EXPECT_TRUE(folder_is_empty());
}

}  // namespace
}  // namespace hearth
