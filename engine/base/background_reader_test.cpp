#include "engine/base/background_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <vector>

namespace hearth {
namespace {

constexpr size_t kTwoParts = size_t{20} << 20;  // and a half

std::byte byte_at(uint64_t offset) { return static_cast<std::byte>(offset * 31 >> 12); }

Result<void> fill_from(uint64_t offset, std::span<std::byte> into) {
  for (size_t i = 0; i < into.size(); ++i) into[i] = byte_at(offset + i);
  return {};
}

bool holds_from(const std::vector<std::byte>& bytes, uint64_t offset) {
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] != byte_at(offset + i)) return false;
  }
  return true;
}

TEST(BackgroundReader, ReadsWhatWasBegunInWhateverOrderItIsFinished) {
  const BackgroundReader::Read read = fill_from;
  BackgroundReader reader;
  std::vector<std::vector<std::byte>> pieces(12);
  const auto offset_of = [](size_t index) { return index * kTwoParts / 12; };
  for (size_t index = 0; index < pieces.size(); ++index) {
    pieces[index].resize(kTwoParts / 12);
    reader.begin(read, offset_of(index), pieces[index]);
  }
  for (size_t index = pieces.size(); index-- > 0;) {
    ASSERT_TRUE(reader.finish(read, offset_of(index), pieces[index]).ok());
    EXPECT_TRUE(holds_from(pieces[index], offset_of(index))) << "piece " << index;
  }
}

TEST(BackgroundReader, ReadsInPartsWhatNobodyHasBegun) {
  std::atomic<int> parts = 0;
  const BackgroundReader::Read read = [&](uint64_t offset, std::span<std::byte> into) {
    ++parts;
    return fill_from(offset, into);
  };
  std::vector<std::byte> bytes(kTwoParts);
  BackgroundReader reader;
  ASSERT_TRUE(reader.finish(read, 5, bytes).ok());
  EXPECT_TRUE(holds_from(bytes, 5));
  EXPECT_GT(parts, 1);
}

TEST(BackgroundReader, SaysOnceWhatCouldNotBeRead) {
  std::atomic<bool> readable = false;
  const BackgroundReader::Read read = [&](uint64_t offset, std::span<std::byte> into) -> Result<void> {
    if (!readable && offset > 0) return Error{ErrorCode::kIo, "cannot be read"};
    return fill_from(offset, into);
  };
  std::vector<std::byte> bytes(kTwoParts);
  std::vector<std::byte> others(100);
  BackgroundReader reader;
  reader.begin(read, 0, bytes);
  reader.begin(read, 0, others);
  EXPECT_TRUE(reader.finish(read, 0, others).ok()) << "the fault is another piece's";
  EXPECT_EQ(reader.finish(read, 0, bytes).error().code, ErrorCode::kIo) << "of its second part";
  readable = true;
  EXPECT_TRUE(reader.finish(read, 0, bytes).ok());
  EXPECT_TRUE(holds_from(bytes, 0));
}

}  // namespace
}  // namespace hearth
