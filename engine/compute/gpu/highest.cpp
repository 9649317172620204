// The highest values of rows: those of tiles of a row first, then those of what was found.
#include "engine/compute/highest.h"

#include "engine/compute/gpu/gpu_backend.h"

namespace hearth::gpu {
namespace {

/// Of a row, what the kernel has a group go through.
constexpr int64_t kColumnsOfGroup = 2048;

}  // namespace

bool GpuBackend::find_highest(Tensor x, int64_t columns, Tensor out) {
  const int64_t tiles = (columns + kColumnsOfGroup - 1) / kColumnsOfGroup;
  const auto rows = static_cast<uint64_t>(x.rows);
  const auto of_row = [&](const Operand& found) {
    recorder_.call("find_highest/from=row", {reads(x), found}, {columns, x.columns},
                   {static_cast<uint64_t>(tiles), rows, 1});
  };
  if (tiles == 1) {
    of_row(writes(out));
    return true;
  }
  const uint64_t bytes = rows * static_cast<uint64_t>(tiles) * sizeof(Highest);
  const Buffer found = scratch(bytes);
  if (!found) return true;  // which `ready` tells
  of_row({found, bytes, true});
  const int64_t count = tiles * Highest::kCount;
  recorder_.call("find_highest/from=found", {{found, bytes}, writes(out)}, {count, count}, {1, rows, 1});
  return true;
}

}  // namespace hearth::gpu
