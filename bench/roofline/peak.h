// Loops that do nothing but one kind of arithmetic, as fast as this machine can: the ceiling that kernels are
// held to.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace hearth::bench {

struct PeakLoop {
  std::string_view name;         // "int8 512-bit"
  double operations_per_round;   // two per multiply-add
  void (*run)(uint64_t rounds);  // on the calling thread
};

/// The loops that this machine can run, widest first.
std::vector<PeakLoop> peak_loops();

// One file per instruction set; empty where it was not compiled for this processor.
std::vector<PeakLoop> peak_loops_avx512();
std::vector<PeakLoop> peak_loops_avx512_bf16();
std::vector<PeakLoop> peak_loops_avx2();

}  // namespace hearth::bench
