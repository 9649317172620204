#include "engine/compute/mixed/mixed_backend.h"

#include <fmt/format.h>

#include <algorithm>

namespace hearth {

std::unique_ptr<Backend> make_mixed_backend(std::unique_ptr<Backend> host, std::unique_ptr<Backend> device,
                                            int32_t first_device_layer) {
  return std::make_unique<mixed::MixedBackend>(std::move(host), std::move(device), first_device_layer);
}

namespace mixed {

MixedBackend::MixedBackend(std::unique_ptr<Backend> host, std::unique_ptr<Backend> device,
                           int32_t first_device_layer)
    : first_device_layer_(first_device_layer),
      name_(fmt::format("{}, from layer {} on {}", host->name(), first_device_layer, device->name())) {
  sides_[Side::kHost] = std::move(host);
  sides_[Side::kDevice] = std::move(device);
}

MixedBackend::~MixedBackend() = default;

std::string MixedBackend::description() const {
  return fmt::format("{} from layer {} on, {} before", sides_[Side::kDevice]->description(),
                     first_device_layer_, sides_[Side::kHost]->description());
}

Block& MixedBackend::add_block(Block block) {
  auto owned = std::make_unique<Block>(std::move(block));
  Block& added = *owned;
  blocks_[&added] = std::move(owned);
  return added;
}

Result<Buffer> MixedBackend::allocate_on_both(uint64_t bytes, Allocate how) {
  Block block;
  block.bytes = bytes;
  HEARTH_ASSIGN(block.memory[Side::kHost], (*sides_[Side::kHost].*how)(bytes));
  Result<Buffer> on_device = (*sides_[Side::kDevice].*how)(bytes);
  if (!on_device.ok()) {
    sides_[Side::kHost]->release(block.memory[Side::kHost]);
    return on_device.error();
  }
  block.memory[Side::kDevice] = *on_device;
  return Buffer{&add_block(std::move(block))};
}

Result<Buffer> MixedBackend::allocate(uint64_t bytes) { return allocate_on_both(bytes, &Backend::allocate); }

Result<Buffer> MixedBackend::allocate_zeroed(uint64_t bytes) {
  return allocate_on_both(bytes, &Backend::allocate_zeroed);
}

Result<Buffer> MixedBackend::allocate_states(std::span<const StatePart> parts, uint64_t count) {
  Block block;
  block.run_bytes = bytes_of(parts);
  block.bytes = count * block.run_bytes;
  if (block.bytes == 0) return allocate_zeroed(0);
  uint64_t begin = 0;
  for (const StatePart& part : parts) {
    if (part.bytes == 0) continue;
    Part placed{begin, begin + part.bytes, {}};
    for (const Side side : {Side::kHost, Side::kDevice}) {
      const bool is_here = side_of(part.layers.first) == side || side_of(part.layers.last) == side;
      placed.at[side] = is_here ? block.side_run_bytes[side] : Part::kNowhere;
      if (is_here) block.side_run_bytes[side] += part.bytes;
    }
    block.parts.push_back(placed);
    begin += part.bytes;
  }
  for (const Side side : {Side::kHost, Side::kDevice}) {
    if (block.side_run_bytes[side] == 0) continue;
    Result<Buffer> memory = sides_[side]->allocate_zeroed(count * block.side_run_bytes[side]);
    if (!memory.ok()) {
      sides_[Side::kHost]->release(block.memory[Side::kHost]);
      return memory.error();
    }
    block.memory[side] = *memory;
  }
  return Buffer{&add_block(std::move(block))};
}

void MixedBackend::release(Buffer buffer) {
  const auto found = blocks_.find(buffer.block);
  if (found == blocks_.end()) return;
  for (const Side side : {Side::kHost, Side::kDevice}) sides_[side]->release(found->second->memory[side]);
  blocks_.erase(found);
}

template <typename Run>
void MixedBackend::for_each_part(Buffer states, uint64_t bytes, const Run& run) {
  const Block& block = block_of(states);
  for (uint64_t done = 0; done < bytes;) {
    const uint64_t offset = states.offset + done;
    const uint64_t left = block.part_of(offset).end - offset % block.run_bytes;
    const uint64_t size = std::min(left, bytes - done);
    for (const Side side : {Side::kHost, Side::kDevice}) {
      if (const Buffer here = block.at(side, offset)) run(side, here, size, done);
    }
    done += size;
  }
}

/// To both sides: it may be either that reads it.
void MixedBackend::write(std::span<const std::byte> from, Buffer to) {
  Block& block = block_of(to);
  if (block.are_states()) {
    return for_each_part(to, from.size(), [&](Side side, Buffer here, uint64_t size, uint64_t done) {
      sides_[side]->write(from.subspan(done, size), here);
    });
  }
  for (const Side side : {Side::kHost, Side::kDevice}) {
    block.newer[side].take({to.offset, to.offset + from.size()});
    sides_[side]->write(from, block.at(side, to.offset));
  }
}

void MixedBackend::copy(Buffer from, Buffer to, uint64_t bytes) {
  Block& source = block_of(from);
  if (source.are_states()) {
    return for_each_part(from, bytes, [&](Side side, Buffer here, uint64_t size, uint64_t done) {
      sides_[side]->copy(here, block_of(to).at(side, to.offset + done), size);
    });
  }
  bring(source, side_, {from.offset, from.offset + bytes});
  Block& target = block_of(to);
  target.newer[other(side_)].take({to.offset, to.offset + bytes});
  target.newer[side_].add({to.offset, to.offset + bytes});
  side().copy(source.at(side_, from.offset), target.at(side_, to.offset), bytes);
}

void MixedBackend::begin_read(Buffer from, std::span<std::byte> into) {
  Block& block = block_of(from);
  if (block.are_states()) {
    // Where both sides have it, it is the same.
    return for_each_part(from, into.size(), [&](Side side, Buffer here, uint64_t size, uint64_t done) {
      sides_[side]->begin_read(here, into.subspan(done, size));
    });
  }
  bring(block, side_, {from.offset, from.offset + into.size()});
  side().begin_read(block.at(side_, from.offset), into);
}

void MixedBackend::bring(Block& block, Side to, Range range) {
  if (block.bytes == 0) return;
  const Side from = other(to);
  for (const auto& [begin, end] : block.newer[from].take(range)) {
    std::vector<std::byte> carried(static_cast<size_t>(end - begin));
    sides_[from]->begin_read(block.at(from, begin), carried);
    if (const auto read = sides_[from]->wait(); !read.ok() && outcome_.ok()) outcome_ = read;
    sides_[to]->write(carried, block.at(to, begin));
  }
}

Result<bool> MixedBackend::ready() {
  HEARTH_TRY(std::exchange(outcome_, {}));
  HEARTH_ASSIGN(const bool host, sides_[Side::kHost]->ready());
  HEARTH_ASSIGN(const bool device, sides_[Side::kDevice]->ready());
  return host && device;
}

Result<void> MixedBackend::wait() {
  HEARTH_TRY(std::exchange(outcome_, {}));
  HEARTH_TRY(sides_[Side::kHost]->wait());
  return sides_[Side::kDevice]->wait();
}

Result<std::unique_ptr<WeightStore>> MixedBackend::make_weight_store(const WeightPlan& plan) {
  return make_mixed_weights(*this, *sides_[Side::kHost], *sides_[Side::kDevice], first_device_layer_, plan);
}

}  // namespace mixed
}  // namespace hearth
