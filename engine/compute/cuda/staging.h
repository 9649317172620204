// What goes to a device and comes from it passes through memory that the device reads and writes by itself: a
// few pieces, used by turns, so that writing waits for nothing but the piece that is longest under way.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "engine/compute/cuda/driver.h"

namespace hearth::cuda {

class Staging {
 public:
  Staging(const Driver& driver, Stream stream) : driver_(driver), stream_(stream) {}
  ~Staging();
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;

  /// Behind all that the stream was asked for; `from` is the caller's again at once.
  Status write(DevicePointer to, std::span<const std::byte> from);
  /// Likewise; `into` is filled by `finish_reads`.
  Status begin_read(DevicePointer from, std::span<std::byte> into);
  /// To be called when the stream is done.
  void finish_reads();

 private:
  static constexpr size_t kPieceBytes = 4 << 20;

  struct Piece {
    void* memory = nullptr;
    Event written = nullptr;  // when the device has taken what lies in it
    size_t used = 0;
  };
  struct Read {
    void* memory;
    size_t capacity;
    std::span<std::byte> into;
  };
  Status next_piece();

  const Driver& driver_;
  Stream stream_;
  std::array<Piece, 4> pieces_;
  size_t current_ = 0;
  std::vector<Read> reads_;
  std::vector<Read> spare_;  // memory of reads that are done
};

}  // namespace hearth::cuda
