// What is kept on the disk of a GPU's driver, so that another process need not find it out again. Builds
// without files of their own (WebAssembly) keep nothing: no_kept_records.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hearth::gpu {

/// Lines that were kept of that device with that driver; none where there are none, or none that can be read.
std::vector<std::string> read_record(std::string_view device, std::string_view driver);

/// Keeps these in place of what was kept of the device. Where that fails nothing is kept: it is found out
/// again.
void write_record(std::string_view device, std::string_view driver, const std::vector<std::string>& lines);

}  // namespace hearth::gpu
