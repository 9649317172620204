// How fast a device is at what takes a model the most time.
#pragma once

#include "engine/base/result.h"
#include "engine/compute/backend.h"

namespace hearth {

/// More than caches of processors hold, so that memory is measured, and soon written: 36 MiB.
inline constexpr int64_t kMeasuredRows = 16384;

/// Bytes of weights a second that it multiplies one row with, which is what writing a token consists of,
/// found with a matrix of so many rows. It takes a few hundredths of a second, and waits for the device. What
/// the device fails with: it may refuse to compute at all.
Result<double> weight_bytes_per_second(Backend& device, int64_t rows = kMeasuredRows);

}  // namespace hearth
