#include "engine/compute/weights/device_weights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "engine/compute/devices.h"

namespace hearth {
namespace {

using ::testing::HasSubstr;

/// On the reference device, which is as a GPU: it computes later.
class DeviceWeights : public ::testing::Test {
 protected:
  static constexpr int32_t kLayers = 4;
  static constexpr uint64_t kTensor = 1000;

  /// Each byte says which thousand of the source it is of.
  DeviceWeights() {
    const auto read = [this](uint64_t offset, std::span<std::byte> into) {
      largest_read_ = std::max(largest_read_, into.size());
      for (size_t i = 0; i < into.size(); ++i) into[i] = static_cast<std::byte>((offset + i) / kTensor);
      return true;
    };
    source_ = read_with(read, uint64_t{1} << 30, "read");
  }
  void SetUp() override {
    auto device = make_backend({"reference"});
    if (!device.ok()) GTEST_SKIP() << device.error().message;
    device_ = std::move(device).value();
  }

  /// Every second layer has tensors twice as large.
  static uint64_t size_of(int32_t layer) { return layer % 2 == 0 ? kTensor : 2 * kTensor; }
  static WeightPlan plan(uint64_t layer_room) {
    WeightPlan plan;
    plan.name = "model";
    for (int32_t layer = 0; layer < kLayers; ++layer) {
      plan.tensor_bytes.push_back({kTensor, size_of(layer)});
      plan.layer_bytes.push_back(kTensor + size_of(layer));
    }
    plan.layer_room = layer_room;
    return plan;
  }

  static uint64_t offset_of(int32_t layer) { return static_cast<uint64_t>(layer) * 10 * kTensor; }
  std::vector<Buffer> place_all(WeightStore& store) const {
    std::vector<Buffer> places;
    for (int32_t layer = 0; layer < kLayers; ++layer) {
      places.push_back(store.place({*source_, offset_of(layer), kTensor}, layer).value());
      places.push_back(store.place({*source_, offset_of(layer) + kTensor, size_of(layer)}, layer).value());
    }
    return places;
  }

  std::byte byte_at(Buffer buffer) const {
    std::vector<std::byte> word(4);
    device_->begin_read(buffer, word);
    EXPECT_TRUE(device_->wait().ok());
    return word[0];
  }

  size_t largest_read_ = 0;
  std::shared_ptr<const ByteSource> source_;
  std::unique_ptr<Backend> device_;
};

TEST_F(DeviceWeights, PassThroughMemoryInPieces) {
  const auto store = make_device_weights(*device_, {}).value();
  constexpr uint64_t kBytes = uint64_t{40'000} * kTensor;
  const Buffer buffer = store->place({*source_, 0, kBytes}, WeightStore::kNoLayer).value();
  EXPECT_LE(largest_read_, size_t{16} << 20);
  for (const uint64_t thousand : {uint64_t{0}, uint64_t{17'000}, uint64_t{39'999}}) {
    EXPECT_EQ(byte_at(buffer.at(thousand * kTensor)), static_cast<std::byte>(thousand)) << thousand;
  }
}

TEST_F(DeviceWeights, OfLayersThatDoNotStayTakeTurns) {
  const WeightPlan all = plan(5 * kTensor);  // a place, and one of the smaller ones
  EXPECT_EQ(place_bytes(all), 3 * kTensor);
  const auto store = make_device_weights(*device_, all).value();
  const std::vector<Buffer> places = place_all(*store);
  EXPECT_EQ(store->statistics().layers_resident, 0) << "spread evenly it would be the last, which is larger";
  for (const int32_t layer : {0, 1, 2, 3, 3, 0}) {
    const auto lease = store->lease(layer).value();
    for (int32_t i = 0; i < 2; ++i) {
      const Buffer buffer = places[static_cast<size_t>(2 * layer + i)];
      EXPECT_EQ(byte_at(buffer), static_cast<std::byte>(10 * layer + i));
    }
  }
  uint64_t read = 0;
  for (const int32_t layer : {0, 1, 2, 3, 0}) read += kTensor + size_of(layer);
  EXPECT_EQ(store->statistics().bytes_read, read) << "what is there is not read again";
}

TEST_F(DeviceWeights, StayWhereThereIsRoom) {
  const auto store = make_device_weights(*device_, plan(9 * kTensor)).value();
  const std::vector<Buffer> places = place_all(*store);
  EXPECT_EQ(store->statistics().layers_resident, 2);
  for (int round = 0; round < 2; ++round) {
    for (int32_t layer = 0; layer < kLayers; ++layer) {
      const auto lease = store->lease(layer).value();
      EXPECT_EQ(byte_at(places[static_cast<size_t>(2 * layer)]), static_cast<std::byte>(10 * layer));
    }
  }
  EXPECT_EQ(store->statistics().bytes_read, 2 * 2 * 2 * kTensor);
}

TEST_F(DeviceWeights, RefuseRoomThatHoldsNoPlace) {
  const auto refused = make_device_weights(*device_, plan(3 * kTensor - 1));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kOutOfMemory);
  EXPECT_THAT(refused.error().message, HasSubstr("needs 3000"));
}

TEST_F(DeviceWeights, OfTheLastLayersAreAPlanOfTheirOwn) {
  WeightPlan all = plan(0);
  all.always_bytes = 100;
  all.looked_up_bytes = 40;
  const WeightPlan last = plan_from_layer(all, 3);
  EXPECT_EQ(last.layer_bytes, std::vector<uint64_t>{3 * kTensor});
  EXPECT_EQ(last.always_bytes, 60U) << "rows are looked up elsewhere";
  EXPECT_EQ(plan_from_layer(all, 0).always_bytes, 100U);
}

}  // namespace
}  // namespace hearth
