// What every device keeps to: memory is its own, operations come one after the other, some time later, and
// what they were given is the caller's again at once.
#include "engine/compute/backend.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include "engine/base/byte_source.h"
#include "engine/compute/backend_testing.h"

namespace hearth {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;

class EveryDevice : public OnDevice {};

std::vector<float> counted(size_t count, float first) {
  std::vector<float> values(count);
  std::iota(values.begin(), values.end(), first);
  return values;
}

TEST_P(EveryDevice, CopiesWithinItsMemory) {
  DeviceRun run(*device_);
  const Tensor from = run.tensor({4, 8, counted(32, 0.0F)});
  const Tensor to = run.tensor({4, 8, counted(32, 100.0F)});
  device_->copy(from.slice_rows(1, 2).data, to.slice_rows(2, 2).data, from.slice_rows(1, 2).bytes());
  std::vector<float> expected = counted(32, 100.0F);
  std::iota(expected.begin() + 16, expected.end(), 8.0F);
  EXPECT_EQ(run.read(to), expected);
}

TEST_P(EveryDevice, GivesZeroedMemory) {
  const auto buffer = device_->allocate_zeroed(4'000);
  ASSERT_TRUE(buffer.ok());
  DeviceRun run(*device_);
  EXPECT_THAT(run.read({*buffer, 10, 100}), Each(0.0F));
  device_->release(*buffer);
}

TEST_P(EveryDevice, SaysThatThereIsNotThatMuchMemory) {
  // More than addresses reach: for less, the address sanitizer would end the program.
  for (const uint64_t bytes : {uint64_t{1} << 63, ~uint64_t{0}}) {
    for (const auto& buffer : {device_->allocate(bytes), device_->allocate_zeroed(bytes)}) {
      ASSERT_FALSE(buffer.ok());
      EXPECT_EQ(buffer.error().code, ErrorCode::kOutOfMemory);
    }
  }
}

TEST_P(EveryDevice, ReleasesNothingOfWhatIsNowhere) {
  device_->release({});
  EXPECT_TRUE(device_->wait().ok());
}

TEST_P(EveryDevice, DoesWhatItIsAskedInOrder) {
  DeviceRun run(*device_);
  const Tensor x = run.tensor({1, 8, counted(8, 0.0F)});
  const Tensor y = run.tensor({1, 8, counted(8, 1.0F)});
  std::vector<float> before(8);
  std::vector<float> after(8);
  device_->begin_read(x.data, std::as_writable_bytes(std::span(before)));
  device_->add(x, y);
  device_->begin_read(x.data, std::as_writable_bytes(std::span(after)));
  device_->write(std::as_bytes(std::span(before)), x.data);
  ASSERT_TRUE(device_->wait().ok());
  EXPECT_EQ(before, counted(8, 0.0F));
  EXPECT_EQ(after, (std::vector<float>{1, 3, 5, 7, 9, 11, 13, 15}));
}

TEST_P(EveryDevice, TakesMemoryBackAfterWhatUsesIt) {
  const std::vector<float> values = counted(8, 5.0F);
  std::vector<float> read(8);
  const auto buffer = device_->allocate(32);
  ASSERT_TRUE(buffer.ok());
  device_->write(std::as_bytes(std::span(values)), *buffer);
  device_->begin_read(*buffer, std::as_writable_bytes(std::span(read)));
  device_->release(*buffer);
  ASSERT_TRUE(device_->wait().ok());
  EXPECT_EQ(read, values);
}

TEST_P(EveryDevice, IsReadyInTheEnd) {
  DeviceRun run(*device_);
  const Tensor x = run.tensor({1, 8, counted(8, 0.0F)});
  std::vector<float> read(8);
  device_->begin_read(x.data, std::as_writable_bytes(std::span(read)));
  while (true) {
    const auto ready = device_->ready();
    ASSERT_TRUE(ready.ok());
    if (*ready) break;
  }
  EXPECT_EQ(read, counted(8, 0.0F));
}

/// Every operation that is given spans. What they point to is overwritten, where that is asked for, and freed
/// as soon as the operation returns.
std::vector<float> use_spans(DeviceRun& run, bool overwrite) {
  using Numbers = std::vector<int32_t>;
  const auto lend = [overwrite](const auto& use, auto... values) {
    use(values...);
    if (overwrite) (std::ranges::fill(values, typename decltype(values)::value_type{}), ...);
  };
  Backend& device = run.device;
  const Weight weight = run.weight(blocks_of(BlockType::kF32, random_values(8, 8, 1)));
  const Tensor x = run.tensor(4, 8);
  const Tensor projected = run.tensor(4, 8);
  const Tensor attended = run.tensor(4, 8);
  const Tensor gathered = run.tensor(2, 8);
  const Tensor written = run.tensor(1, 8);
  KvPages kv{{BlockType::kF32, 1, 8, 8, 2}, {}};
  kv.memory = run.bytes(std::vector<std::byte>(kv.layout.total_bytes()));
  const Numbers positions{0, 1, 2, 3};
  const Numbers sequences{0, 0, 0, 0};
  const Numbers page_numbers{1};

  lend([&](const Numbers& tokens) { device.embed(weight, tokens, 1.0F, x); }, Numbers{3, 1, 0, 2});
  lend(
      [&](const std::vector<float>& frequencies, const Numbers& at) {
        device.rope({RopePairs::kHalves, frequencies, 1.0F}, at, 8, x);
      },
      std::vector<float>{1.0F, 0.1F, 0.01F}, positions);
  lend([&](const std::vector<Projection>& projections) { device.linear(x, projections); },
       std::vector<Projection>{{weight, {}, projected}});
  const auto append_and_attend = [&](const Numbers& at, const Numbers& of, const Numbers& own_pages) {
    const std::vector<std::span<const int32_t>> pages{own_pages};
    device.append_kv(kv, {at, of, pages}, x, projected);
    device.attend({.n_head = 1, .scale = 1.0F}, kv, {at, of, pages}, x, attended);
  };
  lend(append_and_attend, positions, sequences, page_numbers);
  lend([&](const Numbers& rows) { device.gather_rows(attended, rows, gathered); }, Numbers{2, 3});
  lend(
      [&](const std::vector<float>& values) { device.write(std::as_bytes(std::span(values)), written.data); },
      counted(8, 1.0F));

  std::vector<float> all;
  for (const Tensor& tensor : {x, projected, attended, gathered, written}) {
    const std::vector<float> values = run.read(tensor);
    all.insert(all.end(), values.begin(), values.end());
  }
  return all;
}

TEST_P(EveryDevice, GivesSpansBackAtOnce) {
  DeviceRun run(*device_);
  const std::vector<float> expected = use_spans(run, false);
  EXPECT_EQ(use_spans(run, true), expected);
}

TEST_P(EveryDevice, HoldsTheWeightsOfAModel) {
  std::vector<float> file = random_values(9, 16, 1).floats;
  const auto source = borrow_memory(std::as_bytes(std::span(file)));
  auto store =
      device_->make_weight_store({.name = "model", .layer_bytes = {8 * 16 * sizeof(float)}, .mapped = true});
  ASSERT_TRUE(store.ok());
  const auto placed = (*store)->place({*source, 16 * sizeof(float), 8 * 16 * sizeof(float)}, 0);
  ASSERT_TRUE(placed.ok());
  std::vector<float> values = counted(8, 1.0F);
  const auto kept = (*store)->keep(values);
  ASSERT_TRUE(kept.ok());
  std::ranges::fill(values, 0.0F);
  ASSERT_TRUE((*store)->complete().ok());

  DeviceRun run(*device_);
  const Tensor out = run.tensor(1, 8);
  {
    const auto lease = (*store)->lease(0);
    ASSERT_TRUE(lease.ok());
    const Projection projection{{BlockType::kF32, 8, 16, *placed}, {*kept, 8}, out};
    device_->linear(run.tensor({1, 16, std::vector<float>(16, 1.0F)}), {&projection, 1});
  }
  const std::vector<float> sums = run.read(out);
  for (size_t j = 0; j < 8; ++j) {
    const auto row = file.begin() + static_cast<ptrdiff_t>(16 * (j + 1));
    EXPECT_NEAR(sums[j], std::accumulate(row, row + 16, 1.0F + static_cast<float>(j)), 1e-5);
  }
}

INSTANTIATE_TEST_SUITE_P(, EveryDevice,
                         ::testing::Values(DeviceOptions{"cpu", 2}, DeviceOptions{"gpu"},
                                           DeviceOptions{"reference"}),
                         [](const auto& test) { return test.param.device; });

TEST(ReferenceDevice, DoesNothingUntilItIsAskedWhetherItIsReady) {
  const auto device = device_of("reference");
  DeviceRun run(*device);
  const Tensor x = run.tensor({1, 8, counted(8, 1.0F)});
  std::vector<float> read(8, -1.0F);
  device->begin_read(x.data, std::as_writable_bytes(std::span(read)));
  EXPECT_THAT(read, Each(-1.0F));
  EXPECT_FALSE(*device->ready());
  EXPECT_TRUE(device->wait().ok());
  EXPECT_TRUE(*device->ready());
  EXPECT_EQ(read, counted(8, 1.0F));
}

TEST(ReferenceDevice, DoesLittleAtATime) {
  const auto device = device_of("reference");
  DeviceRun run(*device);
  const Tensor x = run.tensor({1, 8, counted(8, 1.0F)});
  ASSERT_TRUE(device->wait().ok());
  for (int i = 0; i < 50; ++i) device->add(x, x);
  int calls = 0;
  while (!*device->ready()) ++calls;
  EXPECT_GT(calls, 10);
  EXPECT_FLOAT_EQ(run.read(x)[0], 0x1p50F);
}

TEST(ReferenceDevice, MayGoWithWorkLeft) {
  auto device = device_of("reference");
  const auto buffer = device->allocate(32);
  ASSERT_TRUE(buffer.ok());
  {
    std::vector<float> gone(8);
    device->begin_read(*buffer, std::as_writable_bytes(std::span(gone)));
  }
  device->release(*buffer);
  device.reset();  // the sanitizers would tell of memory that was lost, or used once it was gone
}

TEST(ReferenceDevice, HasNoInstructionSets) {
  const auto device = make_backend({"reference", 1, "portable"});
  ASSERT_FALSE(device.ok());
  EXPECT_EQ(device.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(device.error().message, HasSubstr("portable"));
}

}  // namespace
}  // namespace hearth
