#include "engine/compute/weights/host_weights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "engine/compute/host.h"

namespace hearth {
namespace {

using ::testing::HasSubstr;

constexpr uint64_t kTensor = 100;
constexpr int32_t kLayers = 6;

/// A model of one tensor outside of layers and one in each: byte n is n / kTensor.
std::vector<std::byte> model_bytes() {
  std::vector<std::byte> bytes((kLayers + 1) * kTensor);
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i / kTensor);
  return bytes;
}

WeightPlan plan(const ByteSource& source, uint64_t memory_limit) {
  WeightPlan plan;
  plan.name = source.name();
  plan.always_bytes = kTensor;
  plan.layer_bytes.assign(kLayers, kTensor);
  plan.memory_limit = memory_limit;
  plan.mapped = !source.mapped().empty();
  plan.in_file = source.in_file();
  plan.reads_ahead = source.reads_ahead();
  return plan;
}

/// Where each tensor is, the one outside of layers first.
std::vector<Buffer> place_all(WeightStore& store, const ByteSource& source) {
  std::vector<Buffer> places;
  for (int32_t layer = WeightStore::kNoLayer; layer < kLayers; ++layer) {
    const auto place = store.place({source, static_cast<uint64_t>(layer + 1) * kTensor, kTensor}, layer);
    EXPECT_TRUE(place.ok());
    places.push_back(*place);
  }
  EXPECT_TRUE(store.complete().ok());
  return places;
}

bool holds(Buffer place, int32_t tensor) {
  const std::byte* bytes = address_of(place);
  return std::all_of(bytes, bytes + kTensor, [&](std::byte byte) { return byte == std::byte(tensor); });
}

class HostWeights : public ::testing::Test {
 protected:
  std::shared_ptr<const ByteSource> memory_ = own_memory(model_bytes());
  bool readable_ = true;
  std::shared_ptr<const ByteSource> reader_ =
      read_with([this](uint64_t offset,
                       std::span<std::byte> into) { return readable_ && memory_->read(offset, into).ok(); },
                memory_->size(), "host");
};

TEST_F(HostWeights, LeavesWhatIsMappedWhereItIs) {
  const auto store = make_host_weights(plan(*memory_, 0));
  ASSERT_TRUE(store.ok());
  const std::vector<Buffer> places = place_all(**store, *memory_);
  EXPECT_EQ(places[3].block, memory_->mapped().data() + 3 * kTensor);
  EXPECT_EQ((*store)->statistics().layers_resident, kLayers);
}

TEST_F(HostWeights, ReadsWhatIsNotMapped) {
  const auto store = make_host_weights(plan(*reader_, 0));
  const std::vector<Buffer> places = place_all(**store, *reader_);
  readable_ = false;
  for (int32_t layer = 0; layer < kLayers; ++layer) {
    ASSERT_TRUE((*store)->lease(layer).ok());
    EXPECT_TRUE(holds(places[static_cast<size_t>(layer + 1)], layer + 1));
  }
}

TEST_F(HostWeights, ReadsLayersBeyondTheMemoryLimitWhenTheyAreLeased) {
  const auto store = make_host_weights(plan(*reader_, (kLayers + 1) * kTensor - 1));
  ASSERT_TRUE(store.ok());
  const std::vector<Buffer> places = place_all(**store, *reader_);
  EXPECT_LT((*store)->statistics().layers_resident, kLayers);
  for (int32_t turn = 0; turn < 2 * kLayers; ++turn) {
    const int32_t layer = turn % kLayers;
    const Result<LayerLease> lease = (*store)->lease(layer);
    ASSERT_TRUE(lease.ok()) << lease.error().message;
    EXPECT_TRUE(holds(places[static_cast<size_t>(layer + 1)], layer + 1));
  }
  EXPECT_TRUE(holds(places[0], 0));
  EXPECT_GT((*store)->statistics().bytes_read, 0U);

  readable_ = false;
  bool all_there = true;
  for (int32_t layer = 0; layer < kLayers; ++layer) all_there = (*store)->lease(layer).ok() && all_there;
  EXPECT_FALSE(all_there) << "a layer that cannot be read is an error, not old bytes";
}

TEST_F(HostWeights, RefusesALimitThatHoldsNoLayerOrIsForWhatIsInMemory) {
  const auto too_low = make_host_weights(plan(*reader_, kTensor + 1));
  ASSERT_FALSE(too_low.ok());
  EXPECT_EQ(too_low.error().code, ErrorCode::kOutOfMemory);
  const auto in_memory = make_host_weights(plan(*memory_, 3 * kTensor));
  ASSERT_FALSE(in_memory.ok());
  EXPECT_EQ(in_memory.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(in_memory.error().message, HasSubstr("in memory already"));
}

}  // namespace
}  // namespace hearth
