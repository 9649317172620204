#include "engine/compute/weights/weights_window.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "engine/base/byte_source.h"

namespace hearth {
namespace {

constexpr size_t kLayerBytes = 64 << 10;

/// A mapped file of `count` layers, each filled with its own number.
class WeightsWindowTest : public ::testing::Test {
 protected:
  void SetUp() override {
    path_ = std::filesystem::path(::testing::TempDir()) / "weights_window_test.bin";
    std::ofstream file(path_, std::ios::binary);
    for (char layer = 0; layer < 8; ++layer) file << std::string(kLayerBytes, layer);
    file.close();
    auto mapped = map_file(path_);
    ASSERT_TRUE(mapped.ok()) << mapped.error().message;
    source_ = *mapped;
  }
  void TearDown() override { std::filesystem::remove(path_); }

  std::vector<WeightsWindow::Layer> layers() const {
    std::vector<WeightsWindow::Layer> all;
    for (size_t index = 0; index < 8; ++index) {
      const auto bytes = source_->mapped().subspan(index * kLayerBytes, kLayerBytes);
      all.push_back({bytes.first(1000), bytes.subspan(1000)});
    }
    return all;
  }

  std::filesystem::path path_;
  std::shared_ptr<const ByteSource> source_;
};

TEST_F(WeightsWindowTest, KeepsEveryLayerThatFits) {
  auto window = WeightsWindow::create(layers(), 8 * kLayerBytes);
  ASSERT_TRUE(window.ok());
  for (int32_t index = 0; index < 8; ++index) {
    (*window)->acquire(index);
    (*window)->release(index);
  }
  EXPECT_EQ((*window)->statistics().layers_resident, 8);
  EXPECT_EQ((*window)->statistics().bytes_read, 0U);
}

TEST_F(WeightsWindowTest, StreamsTheRestWithinItsBudget) {
  for (uint64_t budget = 2; budget < 8; ++budget) {
    auto window = WeightsWindow::create(layers(), budget * kLayerBytes);
    ASSERT_TRUE(window.ok());
    for (int round = 0; round < 3; ++round) {
      for (int32_t index = 0; index < 8; ++index) {
        (*window)->acquire(index);
        const std::byte* bytes = source_->mapped().data() + static_cast<size_t>(index) * kLayerBytes;
        EXPECT_EQ(bytes[0], std::byte(index));
        EXPECT_EQ(bytes[kLayerBytes - 1], std::byte(index));
        EXPECT_LE((*window)->statistics().layers_resident, static_cast<int32_t>(budget));
        (*window)->release(index);
      }
    }
    // All but the kept ones, in each of three rounds, and perhaps the first of a fourth.
    const uint64_t streamed = 8 - (budget - 2);
    EXPECT_GE((*window)->statistics().bytes_read, 3 * streamed * kLayerBytes);
    EXPECT_LE((*window)->statistics().bytes_read, (3 * streamed + 1) * kLayerBytes);
  }
}

TEST_F(WeightsWindowTest, RefusesABudgetBelowTwoLayers) {
  const auto window = WeightsWindow::create(layers(), 2 * kLayerBytes - 1);
  ASSERT_FALSE(window.ok());
  EXPECT_EQ(window.error().code, ErrorCode::kOutOfMemory);
  EXPECT_THAT(window.error().message, ::testing::HasSubstr(std::to_string(2 * kLayerBytes)));
}

TEST_F(WeightsWindowTest, EndsWhileALayerIsComing) {
  auto window = WeightsWindow::create(layers(), 3 * kLayerBytes);
  ASSERT_TRUE(window.ok());
  (*window)->acquire(0);  // the next is on its way
}

}  // namespace
}  // namespace hearth
