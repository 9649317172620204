#include "engine/format/gguf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <fstream>
#include <limits>
#include <sstream>

#include "engine/base/testdata.h"

namespace hearth {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Encodes a file by hand, so that it can say what the writer would not.
class Bytes {
 public:
  template <typename T>
  Bytes& number(T value) {
    const auto* bytes = reinterpret_cast<const std::byte*>(&value);
    bytes_.insert(bytes_.end(), bytes, bytes + sizeof value);
    return *this;
  }
  Bytes& text(std::string_view value) {
    number<uint64_t>(value.size());
    const auto* bytes = reinterpret_cast<const std::byte*>(value.data());
    bytes_.insert(bytes_.end(), bytes, bytes + value.size());
    return *this;
  }
  Bytes& header(uint64_t tensors, uint64_t entries, uint32_t version = 3) {
    return number<uint32_t>(0x46554747).number(version).number(tensors).number(entries);
  }
  Bytes& key(std::string_view name, GgufType type) { return text(name).number(static_cast<uint32_t>(type)); }
  Bytes& array(std::string_view name, GgufType type, uint64_t count) {
    return key(name, GgufType::kArray).number(static_cast<uint32_t>(type)).number(count);
  }
  Bytes& tensor(std::string_view name, std::vector<uint64_t> shape, BlockType type, uint64_t offset) {
    text(name).number(static_cast<uint32_t>(shape.size()));
    for (const uint64_t dimension : shape) number(dimension);
    return number(static_cast<uint32_t>(type)).number(offset);
  }
  Bytes& pad(size_t alignment = 32) {
    bytes_.resize((bytes_.size() + alignment - 1) / alignment * alignment);
    return *this;
  }
  Bytes& zeros(size_t count) {
    bytes_.resize(bytes_.size() + count);
    return *this;
  }
  size_t size() const { return bytes_.size(); }
  std::shared_ptr<const ByteSource> source() const { return own_memory(bytes_, "test.gguf"); }
  Result<Gguf> parse(bool require_data = true) const { return Gguf::parse(source(), require_data); }

 private:
  std::vector<std::byte> bytes_;
};

std::string message_of(const Result<Gguf>& gguf) { return gguf.ok() ? "accepted" : gguf.error().message; }

Result<Gguf> parse_file(const std::filesystem::path& path, bool require_data) {
  auto source = map_file(path);
  if (!source.ok()) return std::move(source).error();
  return Gguf::parse(std::move(*source), require_data);
}

// The same bytes through read(), as a host that cannot map would give them.
std::shared_ptr<const ByteSource> only_readable(std::shared_ptr<const ByteSource> source) {
  const uint64_t size = source->size();
  const std::string name = source->name();
  return read_with(
      [source](uint64_t offset, std::span<std::byte> into) { return source->read(offset, into).ok(); }, size,
      name);
}

TEST(Gguf, ReadsEntriesAndTensors) {
  Bytes file;
  file.header(2, 4);
  file.key("n", GgufType::kUint32).number<uint32_t>(7);
  file.key("name", GgufType::kString).text("hearth");
  file.array("scores", GgufType::kFloat32, 2).number(0.5F).number(-1.0F);
  file.array("tokens", GgufType::kString, 3).text("a").text("").text("bc");
  file.tensor("first", {32, 2}, BlockType::kQ8_0, 0).tensor("second", {3, 1, 2}, BlockType::kF32, 96).pad();
  const size_t data = file.size();
  file.zeros(96 + 24);
  const auto gguf = file.parse();
  ASSERT_TRUE(gguf.ok()) << gguf.error().message;
  EXPECT_EQ(gguf->version(), 3U);
  EXPECT_EQ(gguf->alignment(), 32U);
  EXPECT_EQ(gguf->data_offset(), data);
  EXPECT_EQ(*gguf->require_integer("n"), 7U);
  EXPECT_EQ(*gguf->require_string("name"), "hearth");
  EXPECT_THAT(gguf->require_array("scores")->numbers<float>(), ElementsAre(0.5F, -1.0F));
  EXPECT_THAT(gguf->require_array("tokens")->strings(), ElementsAre("a", "", "bc"));
  const GgufTensor* second = gguf->find_tensor("second");
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(second->offset, data + 96);
  EXPECT_EQ(second->bytes, 24U);
  EXPECT_EQ(second->columns(), 3U);
  EXPECT_EQ(second->rows(), 2U);
  EXPECT_EQ(gguf->find_tensor("third"), nullptr);
}

TEST(Gguf, ReadsVersion2) {
  const auto gguf = Bytes().header(0, 1, 2).key("n", GgufType::kUint8).number<uint8_t>(1).parse();
  ASSERT_TRUE(gguf.ok()) << gguf.error().message;
  EXPECT_EQ(gguf->version(), 2U);
}

TEST(Gguf, ConvertsIntegersOfEveryWidthWhereTheyFit) {
  Bytes file;
  file.header(0, 5);
  file.key("small", GgufType::kInt8).number<int8_t>(5);
  file.key("large", GgufType::kUint64).number(std::numeric_limits<uint64_t>::max());
  file.key("negative", GgufType::kInt32).number<int32_t>(-1);
  file.key("float", GgufType::kFloat32).number(1.5F);
  file.key("flag", GgufType::kBool).number<uint8_t>(2);
  const auto gguf = file.parse();
  ASSERT_TRUE(gguf.ok()) << gguf.error().message;
  EXPECT_EQ(**gguf->integer("small"), 5U);
  EXPECT_EQ(**gguf->integer("large"), std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(**gguf->number("negative"), -1.0);
  EXPECT_EQ(**gguf->number("float"), 1.5);
  EXPECT_EQ(**gguf->boolean("flag"), true);
  EXPECT_THAT(gguf->integer("negative").error().message,
              AllOf(HasSubstr("'negative'"), HasSubstr("int32 -1")));
  EXPECT_THAT(gguf->integer("float").error().message, AllOf(HasSubstr("'float'"), HasSubstr("float32")));
  EXPECT_EQ(gguf->string("small").error().code, ErrorCode::kInvalidModel);
}

TEST(Gguf, NamesTheKeyThatIsMissing) {
  const auto gguf = Bytes().header(0, 0).parse();
  ASSERT_TRUE(gguf.ok());
  EXPECT_FALSE(gguf->integer("absent")->has_value());
  const auto required = gguf->require_integer("absent");
  ASSERT_FALSE(required.ok());
  EXPECT_EQ(required.error().code, ErrorCode::kInvalidModel);
  EXPECT_EQ(required.error().message, "test.gguf: key 'absent' is missing");
}

TEST(Gguf, ClampsArrayElementsToTheTypeAskedFor) {
  Bytes file;
  file.header(0, 3);
  file.array("f64", GgufType::kFloat64, 4).number(1e300).number(-1e300).number(std::nan("")).number(2.9);
  file.array("u64", GgufType::kUint64, 2).number(std::numeric_limits<uint64_t>::max()).number<uint64_t>(3);
  file.array("bool", GgufType::kBool, 2).number<uint8_t>(0xEB).number<uint8_t>(0);
  const auto gguf = file.parse();
  ASSERT_TRUE(gguf.ok()) << gguf.error().message;
  constexpr int32_t kMax = std::numeric_limits<int32_t>::max();
  EXPECT_THAT(gguf->require_array("f64")->numbers<int32_t>(),
              ElementsAre(kMax, std::numeric_limits<int32_t>::min(), 0, 2));
  EXPECT_THAT(gguf->require_array("u64")->numbers<int32_t>(), ElementsAre(kMax, 3));
  EXPECT_THAT(gguf->require_array("bool")->numbers<uint32_t>(), ElementsAre(1, 0));
}

TEST(Gguf, AcceptsAHeaderAloneOnlyWhenDataIsNotRequired) {
  Bytes file;
  file.header(1, 0).tensor("t", {32}, BlockType::kF32, 0).pad();
  EXPECT_TRUE(file.parse(false).ok());
  EXPECT_THAT(message_of(file.parse(true)), HasSubstr("tensor 't' at byte 64"));
  EXPECT_THAT(message_of(file.zeros(127).parse(false)), HasSubstr("incomplete"));
  EXPECT_TRUE(file.zeros(1).parse(true).ok());
}

struct Rejection {
  const char* what;
  Bytes file;
  std::vector<const char*> message;
};

std::vector<Rejection> rejections() {
  constexpr uint64_t kHuge = std::numeric_limits<uint64_t>::max();
  const std::string long_key(65536, 'k');
  return {
      {"empty file", Bytes(), {"header at byte 0", "magic"}},
      {"big-endian", Bytes().header(0, 0, 0x03000000), {"big-endian"}},
      {"string longer than the file",
       Bytes().header(0, 1).key("s", GgufType::kString).number(kHuge),
       {"key 's' at byte 24", "byte 45", "18446744073709551615 bytes"}},
      {"array longer than the file",
       Bytes().header(0, 1).array("a", GgufType::kUint64, kHuge / 8).zeros(64),
       {"key 'a'", "2305843009213693951 elements"}},
      {"array of strings longer than the file",
       Bytes().header(0, 1).array("a", GgufType::kString, 9).zeros(64),
       {"key 'a'", "9 elements"}},
      {"array of arrays",
       Bytes().header(0, 1).array("a", GgufType::kArray, 1).zeros(64),
       {"array of arrays"}},
      {"value type", Bytes().header(0, 1).text("k").number<uint32_t>(13).zeros(8), {"key 'k'", "type 13"}},
      {"empty key",
       Bytes().header(0, 1).text("").number<uint32_t>(0).zeros(9),
       {"entry 0 at byte 24", "empty"}},
      {"long key", Bytes().header(0, 1).key(long_key, GgufType::kUint8).zeros(1), {"65536 bytes"}},
      {"duplicate key",
       Bytes().header(0, 2).key("k", GgufType::kUint8).zeros(1).key("k", GgufType::kUint8).zeros(1),
       {"key 'k' at byte 38", "twice"}},
      {"control characters in a key",
       Bytes().header(0, 1).text("\x1b[2J\n").number<uint32_t>(99).zeros(9),
       {"'\\x1b[2J\\x0a'"}},
      {"alignment's type",
       Bytes().header(0, 1).key("general.alignment", GgufType::kUint64).zeros(8),
       {"'general.alignment'", "uint64"}},
      {"alignment of 0",
       Bytes().header(0, 1).key("general.alignment", GgufType::kUint32).zeros(4),
       {"'general.alignment'", "power of two"}},
      {"no dimensions", Bytes().header(1, 0).tensor("t", {}, BlockType::kF32, 0).zeros(64), {"0 dimensions"}},
      {"five dimensions",
       Bytes().header(1, 0).tensor("t", {1, 1, 1, 1, 1}, BlockType::kF32, 0).zeros(64),
       {"tensor 't' at byte 24", "5 dimensions"}},
      {"dimension of 0",
       Bytes().header(1, 0).tensor("t", {4, 0}, BlockType::kF32, 0).zeros(64),
       {"dimension 1 is 0"}},
      {"elements that wrap",
       Bytes().header(1, 0).tensor("t", {uint64_t{1} << 32, uint64_t{1} << 32}, BlockType::kF32, 0).zeros(64),
       {"tensor 't'", "2^63"}},
      {"bytes that wrap",
       Bytes().header(1, 0).tensor("t", {uint64_t{1} << 31, uint64_t{1} << 31}, BlockType::kF64, 0).zeros(64),
       {"tensor 't'", "2^63"}},
      {"broken row",
       Bytes().header(1, 0).tensor("t", {48}, BlockType::kQ4_0, 0).zeros(64),
       {"48 elements", "32 in a block of Q4_0"}},
      {"long name",
       Bytes().header(1, 0).tensor(std::string(64, 'n'), {1}, BlockType::kF32, 0).zeros(64),
       {"64 bytes"}},
      {"withdrawn type",
       Bytes().header(1, 0).tensor("t", {32}, static_cast<BlockType>(4), 0).zeros(64),
       {"tensor 't'", "type 4"}},
      {"gap between tensors",
       Bytes()
           .header(2, 0)
           .tensor("t", {8}, BlockType::kF32, 0)
           .tensor("u", {8}, BlockType::kF32, 64)
           .zeros(256),
       {"tensor 'u'", "offset 64", "at 32"}},
      {"no room for the data",
       Bytes().header(1, 0).tensor("t", {8}, BlockType::kF32, 0),
       {"tensor 't' at byte 64"}},
  };
}

TEST(Gguf, RejectsWhatDoesNotAddUpAndSaysWhere) {
  for (const Rejection& rejection : rejections()) {
    for (const bool require_data : {false, true}) {
      const auto mapped = rejection.file.parse(require_data);
      EXPECT_FALSE(mapped.ok()) << rejection.what;
      for (const char* part : rejection.message) {
        EXPECT_THAT(message_of(mapped), HasSubstr(part)) << rejection.what;
      }
      const auto read = Gguf::parse(only_readable(rejection.file.source()), require_data);
      EXPECT_EQ(message_of(read), message_of(mapped)) << rejection.what;
    }
  }
}

TEST(Gguf, RefusesCountsBeyondTheFile) {
  constexpr uint64_t kHuge = std::numeric_limits<uint64_t>::max();
  EXPECT_THAT(message_of(Bytes().header(0, kHuge).zeros(8).parse()), HasSubstr("header at byte 8: claims"));
  EXPECT_THAT(message_of(Bytes().header(kHuge, 0).zeros(8).parse()),
              HasSubstr("18446744073709551615 tensors"));
  EXPECT_FALSE(Bytes().header(kHuge / 32, kHuge / 14).zeros(8).parse().ok());
  EXPECT_THAT(message_of(Bytes().header(0, 1 << 20).zeros(16 << 20).parse()), HasSubstr("that Hearth reads"));
}

TEST(Gguf, GivesEveryVerdictOfTheHandCraftedFiles) {
  HEARTH_REQUIRE_TESTDATA();
  const auto folder = testing::testdata() / "gguf/malformed";
  std::ifstream expected(folder / "expected.tsv");
  std::string name;
  std::string verdict;
  std::string mode;
  int files = 0;
  while (expected >> name >> verdict >> mode) {
    ++files;
    const auto path = folder / (name + ".gguf");
    const auto gguf = parse_file(path, false);
    EXPECT_EQ(gguf.ok(), verdict == "accept") << name << ": " << message_of(gguf);
    if (mode == "with-data") {
      EXPECT_EQ(parse_file(path, true).ok(), verdict == "accept") << name;
    }
    if (!gguf.ok()) {
      EXPECT_THAT(message_of(gguf), HasSubstr(" at byte ")) << name;
    }
    const auto source = map_file(path);
    ASSERT_TRUE(source.ok());
    EXPECT_EQ(message_of(Gguf::parse(only_readable(*source), false)), message_of(gguf));
  }
  EXPECT_EQ(files, 28);
}

TEST(Gguf, ReadsOnlyTheHeaderOfASourceThatIsNotMapped) {
  Bytes file;
  file.header(1, 1).array("padding", GgufType::kUint8, 3 << 20).zeros(3 << 20);
  file.tensor("t", {1 << 24}, BlockType::kF32, 0).pad();
  const uint64_t header = file.size();
  const auto source = file.zeros(size_t{1} << 26).source();
  uint64_t furthest = 0;
  const auto gguf = Gguf::parse(read_with(
      [&](uint64_t offset, std::span<std::byte> into) {
        furthest = std::max(furthest, offset + into.size());
        return source->read(offset, into).ok();
      },
      source->size(), "remote"));
  ASSERT_TRUE(gguf.ok()) << gguf.error().message;
  EXPECT_EQ(gguf->data_offset(), header);
  EXPECT_LE(furthest, 2 * header);
  EXPECT_EQ(gguf->require_array("padding")->count, uint64_t{3} << 20);
}

TEST(Gguf, ReportsAReadThatFails) {
  const auto gguf =
      Gguf::parse(read_with([](uint64_t, std::span<std::byte>) { return false; }, 100, "remote"));
  ASSERT_FALSE(gguf.ok());
  EXPECT_EQ(gguf.error().code, ErrorCode::kIo);
}

TEST(Gguf, RefusesAHeaderWithoutEnd) {
  // A source that claims to be vast and answers every read: the header must not be followed for ever.
  Bytes file;
  file.header(0, 1).key("endless", GgufType::kString).number(uint64_t{1} << 40);
  const auto begin = file.source();
  const auto gguf = Gguf::parse(read_with(
      [&](uint64_t offset, std::span<std::byte> into) {
        return offset > 0 || begin->read(0, into.first(file.size())).ok();
      },
      uint64_t{1} << 41, "vast"));
  EXPECT_THAT(message_of(gguf), AllOf(HasSubstr("key 'endless'"), HasSubstr("longer than")));
}

}  // namespace
}  // namespace hearth
