#include "engine/compute/gpu/self_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <optional>
#include <utility>

#include "engine/base/random.h"
#include "engine/compute/cpu/device.h"
#include "engine/compute/devices.h"
#include "engine/compute/gpu/driver_record.h"
#include "engine/compute/gpu/weight_kernels.h"

namespace hearth::gpu {
namespace {

/// Of the largest result: far above what sums in another order, halves in tiles and an exponential of a few
/// ulp make of it, far below what a wrong index or a missing barrier does.
constexpr float kTolerance = 1.0F / 128;

/// Whole blocks of every type.
constexpr int64_t kColumns = 512;
constexpr int64_t kOutputs = 24;

/// Its own memory for one run of an operation on a device.
class Inputs {
 public:
  Inputs(Backend& device, std::vector<Buffer>& buffers) : device_(device), buffers_(buffers) {}

  /// Within 2 of 0. In each 32 of a row they are multiples of 1/64 and the first is 127/64, which the 8 bits
  /// that the processor rounds them to hold.
  Tensor activations(int64_t rows, int64_t columns) {
    std::vector<float> values(static_cast<size_t>(rows * columns));
    for (size_t i = 0; i < values.size(); ++i) {
      const auto step = static_cast<float>(static_cast<int32_t>(random_.next() % 255) - 127);
      values[i] = (i % 32 == 0 ? 127.0F : step) / 64.0F;
    }
    return {filled(std::as_bytes(std::span(values))), rows, columns};
  }
  Vector vector(int64_t size) { return {activations(1, size).data, size}; }
  /// Bytes of 0x20 to 0x3B, of which any two are a half from 0.008 to 0.9: the scales of all types, and
  /// numbers of all grids.
  Weight weight(BlockType type, int64_t rows, int64_t columns) {
    std::vector<std::byte> blocks(bytes_of(type, static_cast<uint64_t>(rows * columns)));
    for (std::byte& byte : blocks) byte = static_cast<std::byte>(0x20 + random_.next() % 0x1C);
    return {type, rows, columns, filled(blocks)};
  }
  Tensor room(int64_t rows, int64_t columns) { return activations(rows, columns); }
  Buffer filled(std::span<const std::byte> content) {
    const Buffer buffer = allocated(content.size());
    if (buffer) device_.write(content, buffer);
    return buffer;
  }
  Buffer allocated(uint64_t bytes) {
    Result<Buffer> buffer = device_.allocate_zeroed(bytes);
    if (!buffer.ok()) return fail(buffer.error());
    buffers_.push_back(*buffer);
    return *buffer;
  }
  const std::optional<Error>& failure() const { return failure_; }

 private:
  Buffer fail(const Error& error) {
    failure_ = error;
    return {};
  }

  Backend& device_;
  std::vector<Buffer>& buffers_;
  RandomStream random_{20261130};
  std::optional<Error> failure_;
};

/// What an operation gives, computed on a device.
struct Operation {
  std::string name;
  std::function<Tensor(Backend& device, Inputs& inputs)> compute;
};

Operation product(BlockType type, int64_t rows) {
  return {
      fmt::format("product of {} rows with {}", rows, block_layout(type).name),
      [=](Backend& device, Inputs& inputs) {
        const Projection projection{inputs.weight(type, kOutputs, kColumns), {}, inputs.room(rows, kOutputs)};
        device.linear(inputs.activations(rows, kColumns), {&projection, 1});
        return projection.out;
      }};
}

Operation gated_product(BlockType type) {
  return {fmt::format("gated product with {}", block_layout(type).name),
          [=](Backend& device, Inputs& inputs) {
            const Weight gate = inputs.weight(type, kOutputs, kColumns);
            const Weight up = inputs.weight(type, kOutputs, kColumns);
            const Tensor out = inputs.room(1, kOutputs);
            device.gated_linear(inputs.activations(1, kColumns), gate, up, Activation::kSilu, out);
            return out;
          }};
}

Operation norm(NormKind kind) {
  return {kind == NormKind::kRms ? "RMS norm" : "layer norm", [=](Backend& device, Inputs& inputs) {
            const Tensor out = inputs.room(3, kColumns);
            device.norm(kind, inputs.activations(3, kColumns), inputs.vector(kColumns), {}, 1e-5F, out);
            return out;
          }};
}

/// 70 positions, so two pages, of which the last `seen` rows look back.
Operation attention(int64_t seen) {
  return {fmt::format("attention of {} rows", seen), [=](Backend& device, Inputs& inputs) {
            constexpr int32_t kPositions = 70;
            constexpr int32_t kHead = 64;
            KvPages kv;
            kv.layout = {.type = BlockType::kF16,
                         .n_head_kv = 2,
                         .key_dimension = kHead,
                         .value_dimension = kHead,
                         .page_count = 3};
            kv.memory = inputs.allocated(kv.layout.total_bytes());
            std::vector<int32_t> positions(kPositions);
            for (int32_t i = 0; i < kPositions; ++i) positions[static_cast<size_t>(i)] = i;
            const std::vector<int32_t> sequences(kPositions, 0);
            const std::array<int32_t, 2> pages{2, 1};
            const std::array<std::span<const int32_t>, 1> pages_of{pages};
            const std::vector<float> frequencies(kHead / 2, 0.25F);
            const Rope rope{RopePairs::kHalves, frequencies};
            const Tensor k = inputs.activations(kPositions, 2L * kHead);
            const Tensor v = inputs.activations(kPositions, 2L * kHead);
            const Tensor q = inputs.activations(seen, 4L * kHead);
            const Tensor out = inputs.room(seen, 4L * kHead);
            const auto last = [=](const std::vector<int32_t>& all) {
              return std::span(all).last(static_cast<size_t>(seen));
            };
            device.rope(rope, last(positions), kHead, q);
            device.rope(rope, positions, kHead, k);
            device.append_kv(kv, {positions, sequences, pages_of}, k, v);
            device.attend({.n_head = 4, .scale = 0.0625F}, kv, {last(positions), last(sequences), pages_of},
                          q, out);
            return out;
          }};
}

std::vector<Operation> operations_for(std::span<const BlockType> types) {
  std::vector<Operation> operations{norm(NormKind::kRms), norm(NormKind::kLayer), attention(1),
                                    attention(40)};
  for (const BlockType type : types) {
    if (!is_multiplied(type)) continue;
    operations.push_back(product(type, 1));
    operations.push_back(product(type, 40));
    operations.push_back(gated_product(type));
  }
  return operations;
}

Result<void> run(const Operation& operation, Backend& device, std::vector<Buffer>& buffers,
                 std::vector<float>& result) {
  Inputs inputs(device, buffers);
  const Tensor out = operation.compute(device, inputs);
  if (inputs.failure()) return *inputs.failure();
  result.resize(static_cast<size_t>(out.rows * out.columns));
  device.begin_read(out.data, std::as_writable_bytes(std::span(result)));
  return {};
}

bool are_close(std::span<const float> expected, std::span<const float> actual) {
  float largest = 0.0F;
  for (const float value : expected) largest = std::max(largest, std::abs(value));
  for (size_t i = 0; i < expected.size(); ++i) {
    // Not the other way round: what is no number is not close.
    if (!(std::abs(expected[i] - actual[i]) <= kTolerance * largest)) return false;
  }
  return true;
}

}  // namespace

SelfCheck::SelfCheck(Backend& gpu, std::string driver, std::span<const BlockType> types)
    : gpu_(gpu), driver_(std::move(driver)) {
  const auto processor = cpu::make_backend({.threads = 1});
  begun_ = processor.ok() ? Result<void>() : processor.error();
  for (const Operation& operation : operations_for(types)) {
    if (!begun_.ok()) return;
    if (was_right(driver_, operation.name)) continue;
    Outcome& outcome = *outcomes_.emplace_back(std::make_unique<Outcome>());
    outcome.operation = operation.name;
    std::vector<Buffer> buffers;
    begun_ = run(operation, **processor, buffers, outcome.expected);
    for (const Buffer& buffer : buffers) (*processor)->release(buffer);
    if (begun_.ok()) begun_ = run(operation, gpu_, buffers_, outcome.actual);
  }
}

SelfCheck::~SelfCheck() {
  for (const Buffer& buffer : buffers_) gpu_.release(buffer);
}

Result<std::vector<std::string>> SelfCheck::wrong() const {
  HEARTH_TRY(begun_);
  std::vector<std::string> names;
  for (const auto& outcome : outcomes_) {
    if (are_close(outcome->expected, outcome->actual)) {
      note_right(driver_, outcome->operation);
    } else {
      names.push_back(outcome->operation);
    }
  }
  return names;
}

}  // namespace hearth::gpu
