// How much of prompts a step may read where others wait for it.
#pragma once

#include <chrono>
#include <cstdint>

namespace hearth {

/// Learns from the steps that were run how long a row takes. A step cannot be left before its end where
/// others have a part in it: their next token comes behind it, and so does the end of a cancelled one.
class StepPace {
 public:
  using Duration = std::chrono::duration<double>;

  /// A step of so many rows took so long. Steps of a few rows, whose time is that of reading the weights,
  /// teach nothing.
  void add(int64_t rows, Duration time);
  /// Rows that are likely to take a fifth of a second; not so few, though, that reading the weights for them
  /// costs more than it is worth.
  int32_t rows() const;

 private:
  Duration per_row_{0};  // 0: not known yet
};

}  // namespace hearth
