#include "engine/compute/weights/layer_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <string>

namespace hearth {
namespace {

using ::testing::ElementsAre;

constexpr uint64_t kPiece = 100;  // two make a layer

/// Byte n is n / kPiece. Notes what it is asked for, and fills what was asked for ahead when that is read.
class NotingSource final : public ByteSource {
 public:
  explicit NotingSource(bool ahead) : ahead_(ahead) {}
  const std::string& name() const override { return name_; }
  uint64_t size() const override { return 100 * kPiece; }
  bool reads_ahead() const override { return ahead_; }

  void read_ahead(uint64_t offset, std::span<std::byte> into) const override {
    EXPECT_TRUE(coming_.emplace(into.data(), offset).second)
        << "a place that is being filled is asked for again";
    asked.push_back("ahead " + std::to_string(offset / kPiece));
  }
  Result<void> read(uint64_t offset, std::span<std::byte> into) const override {
    if (const auto found = coming_.find(into.data()); found != coming_.end()) {
      EXPECT_EQ(found->second, offset) << "other bytes are read than were asked for ahead";
      coming_.erase(found);
    }
    asked.push_back("read " + std::to_string(offset / kPiece));
    if (offset == unreadable) return Error{ErrorCode::kIo, "cannot be read"};
    std::memset(into.data(), static_cast<int>(offset / kPiece), into.size());
    return {};
  }
  bool is_quiet() const { return coming_.empty(); }

  mutable std::vector<std::string> asked;
  uint64_t unreadable = ~uint64_t{0};

 private:
  bool ahead_;
  std::string name_ = "noting";
  mutable std::map<std::byte*, uint64_t> coming_;
};

struct Streamed {
  Streamed(const NotingSource& source, size_t count, uint64_t budget) {
    auto created =
        LayerStream::create(std::vector<uint64_t>(count, 2 * kPiece), budget, source.reads_ahead());
    EXPECT_TRUE(created.ok());
    stream = std::move(*created);
    for (uint64_t layer = 0; layer < count; ++layer) {
      for (uint64_t piece = 2 * layer; piece < 2 * layer + 2; ++piece) {
        const auto index = static_cast<int32_t>(layer);
        places.push_back(stream->stays(index) ? nullptr : stream->add(index, source, piece * kPiece, kPiece));
      }
    }
  }
  /// Whether the layer's bytes are there.
  bool acquire(int32_t layer) {
    if (!stream->acquire(layer).ok()) return false;
    for (size_t piece = 2 * static_cast<size_t>(layer), end = piece + 2; piece < end; ++piece) {
      if (places[piece] != nullptr && places[piece][kPiece - 1] != std::byte(piece)) return false;
    }
    return true;
  }

  std::unique_ptr<LayerStream> stream;
  std::vector<std::byte*> places;
};

TEST(LayerStream, AsksForTheNextLayerBeforeItIsNeeded) {
  const NotingSource source(true);
  Streamed of(source, 3, 2 * 2 * kPiece);
  ASSERT_TRUE(of.acquire(0));
  EXPECT_THAT(source.asked, ElementsAre("ahead 0", "ahead 1", "ahead 2", "ahead 3", "read 0", "read 1"));
  source.asked.clear();
  ASSERT_TRUE(of.acquire(1));
  EXPECT_THAT(source.asked, ElementsAre("ahead 4", "ahead 5", "read 2", "read 3"));
  source.asked.clear();
  // The first would take the last one's place: it waits.
  ASSERT_TRUE(of.acquire(2));
  EXPECT_THAT(source.asked, ElementsAre("read 4", "read 5"));
}

TEST(LayerStream, AsksWhileLayersAreComputedWithThatStay) {
  const NotingSource source(true);
  Streamed of(source, 6, 5 * 2 * kPiece);  // the 2nd, 4th and 6th stay
  for (int32_t layer = 0; layer < 6; ++layer) ASSERT_TRUE(of.acquire(layer));
  source.asked.clear();
  for (int32_t layer = 0; layer < 6; ++layer) ASSERT_TRUE(of.acquire(layer));
  // The 3rd has a buffer to itself, where it still was; the 1st and the 5th take turns in the other.
  EXPECT_THAT(source.asked, ElementsAre("read 0", "read 1", "ahead 8", "ahead 9", "read 8", "read 9",
                                        "ahead 0", "ahead 1"));
  EXPECT_EQ(of.stream->statistics().bytes_read, (3U + 2U) * 2 * kPiece);
}

TEST(LayerStream, ReadsWhereItComputesIfTheSourceOrTheBudgetAllowsNoMore) {
  const NotingSource without(false);
  const NotingSource with(true);
  const auto expect_every_layer_read_anew = [](Streamed of) {
    for (int round = 0; round < 2; ++round) {
      for (int32_t layer = 0; layer < 3; ++layer) ASSERT_TRUE(of.acquire(layer));
    }
    EXPECT_EQ(of.stream->statistics().bytes_read, 2U * 3 * 2 * kPiece);
  };
  expect_every_layer_read_anew({without, 3, 3 * kPiece});
  expect_every_layer_read_anew({with, 3, 3 * kPiece});
  EXPECT_EQ(with.asked[2], "read 0") << "after all of the first layer, and nothing of another";
}

TEST(LayerStream, ReadsWhatItHasAskedForBeforeAnythingElseTakesItsPlace) {
  NotingSource source(true);
  {
    Streamed of(source, 4, 4 * kPiece);
    ASSERT_TRUE(of.acquire(1));  // asks for the third, in the place of the first
    ASSERT_TRUE(of.acquire(0)) << "a computation that begins anew";
    ASSERT_TRUE(of.acquire(1));
    source.unreadable = 4 * kPiece;
    EXPECT_FALSE(of.acquire(2));
    source.unreadable = ~uint64_t{0};
    ASSERT_TRUE(of.acquire(2));
    EXPECT_FALSE(source.is_quiet());
  }
  EXPECT_TRUE(source.is_quiet());
}

TEST(LayerStream, RefusesABudgetBelowALayer) {
  const auto stream = LayerStream::create({5, 9, 7}, 8, true);
  ASSERT_FALSE(stream.ok());
  EXPECT_EQ(stream.error().code, ErrorCode::kOutOfMemory);
  EXPECT_THAT(stream.error().message, ::testing::HasSubstr("the largest has 9"));
}

}  // namespace
}  // namespace hearth
