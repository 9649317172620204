#include "engine/compute/cuda/staging.h"

#include <algorithm>
#include <cstring>

namespace hearth::cuda {

Staging::~Staging() {
  for (const Piece& piece : pieces_) {
    if (piece.written != nullptr) driver_.cuEventDestroy_v2(piece.written);
    if (piece.memory != nullptr) driver_.cuMemFreeHost(piece.memory);
  }
  for (const auto* reads : {&reads_, &spare_}) {
    for (const Read& read : *reads) driver_.cuMemFreeHost(read.memory);
  }
}

/// Goes on with the next piece, which is made when it is first needed.
Status Staging::next_piece() {
  Piece& full = pieces_[current_];
  if (full.memory != nullptr) {
    if (const Status status = driver_.cuEventRecord(full.written, stream_); status != kSuccess) return status;
    current_ = (current_ + 1) % pieces_.size();
  }
  Piece& piece = pieces_[current_];
  piece.used = 0;
  if (piece.memory != nullptr) return driver_.cuEventSynchronize(piece.written);
  if (const Status status = driver_.cuEventCreate(&piece.written, kEventDisableTiming); status != kSuccess) {
    return status;
  }
  return driver_.cuMemAllocHost_v2(&piece.memory, kPieceBytes);
}

Status Staging::write(DevicePointer to, std::span<const std::byte> from) {
  while (!from.empty()) {
    if (pieces_[current_].memory == nullptr || pieces_[current_].used == kPieceBytes) {
      if (const Status status = next_piece(); status != kSuccess) return status;
    }
    Piece& piece = pieces_[current_];
    const size_t bytes = std::min(from.size(), kPieceBytes - piece.used);
    std::byte* const place = static_cast<std::byte*>(piece.memory) + piece.used;
    std::memcpy(place, from.data(), bytes);
    const Status status = driver_.cuMemcpyHtoDAsync_v2(to, place, bytes, stream_);
    if (status != kSuccess) return status;
    piece.used += bytes;
    to += bytes;
    from = from.subspan(bytes);
  }
  return kSuccess;
}

Status Staging::begin_read(DevicePointer from, std::span<std::byte> into) {
  const auto enough = [&](const Read& read) { return read.capacity >= into.size(); };
  const auto found = std::ranges::find_if(spare_, enough);
  Read read{nullptr, into.size(), into};
  if (found != spare_.end()) {
    read = {found->memory, found->capacity, into};
    spare_.erase(found);
  } else if (const Status status = driver_.cuMemAllocHost_v2(&read.memory, into.size()); status != kSuccess) {
    return status;
  }
  reads_.push_back(read);
  return driver_.cuMemcpyDtoHAsync_v2(read.memory, from, into.size(), stream_);
}

void Staging::finish_reads() {
  for (const Read& read : reads_) std::memcpy(read.into.data(), read.memory, read.into.size());
  spare_.insert(spare_.end(), reads_.begin(), reads_.end());
  reads_.clear();
}

}  // namespace hearth::cuda
