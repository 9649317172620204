#include "engine/compute/gpu/kept_record.h"

#include <fmt/format.h>

#include <fstream>
#include <span>
#include <system_error>

#include "engine/base/atomic_file.h"
#include "engine/base/cache_folder.h"
#include "engine/text/text_hash.h"

namespace hearth::gpu {
namespace {

namespace fs = std::filesystem;

/// One file a device, whose first line is the driver: a newer one's replaces it.
fs::path file_of(std::string_view device) {
  return cache_folder() / "gpu" / fmt::format("{:016x}.txt", hash_text(device, 0));
}

}  // namespace

std::vector<std::string> read_record(std::string_view device, std::string_view driver) {
  std::ifstream file(file_of(device));
  std::string line;
  if (!std::getline(file, line) || line != driver) return {};
  std::vector<std::string> lines;
  while (std::getline(file, line)) lines.push_back(line);
  return lines;
}

void write_record(std::string_view device, std::string_view driver, const std::vector<std::string>& lines) {
  const fs::path path = file_of(device);
  std::error_code ignored;
  fs::create_directories(path.parent_path(), ignored);
  auto file = AtomicFile::create(path);
  if (!file.ok()) return;
  std::string text(driver);
  text += '\n';
  for (const std::string& line : lines) text += line + '\n';
  if (file->append(std::as_bytes(std::span(text))).ok()) (void)file->commit();
}

}  // namespace hearth::gpu
