#include "engine/compute/gpu/kept_record.h"

namespace hearth::gpu {

std::vector<std::string> read_record(std::string_view /*device*/, std::string_view /*driver*/) { return {}; }

void write_record(std::string_view /*device*/, std::string_view /*driver*/,
                  const std::vector<std::string>& /*lines*/) {}

}  // namespace hearth::gpu
