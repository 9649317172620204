#include "apps/bundle/files.h"

#include <fmt/format.h>

#include <span>
#include <system_error>

#include "engine/base/atomic_file.h"
#include "engine/base/byte_source.h"
#include "engine/base/system_error.h"

namespace hearth::bundle {
namespace {

namespace fs = std::filesystem;

Result<void> read_below(const fs::path& folder, const std::string& prefix, Files& files) {
  std::error_code problem;
  for (fs::directory_iterator entry(folder, problem), end; !problem && entry != end;
       entry.increment(problem)) {
    const std::string name = entry->path().filename().string();
    if (name.starts_with('.')) continue;
    if (entry->is_directory()) {
      HEARTH_TRY(read_below(entry->path(), prefix + name + "/", files));
    } else {
      HEARTH_ASSIGN(files[prefix + name], read_file(entry->path()));
    }
  }
  if (problem) return system_error(folder, "list it", problem.value());
  return {};
}

}  // namespace

Result<std::string> read_file(const fs::path& path) {
  HEARTH_ASSIGN(const auto source, map_file(path));
  std::string bytes(source->size(), '\0');
  HEARTH_TRY(source->read(0, std::as_writable_bytes(std::span(bytes))));
  return bytes;
}

Result<Files> read_folder(const fs::path& folder, const std::string& prefix) {
  Files files;
  HEARTH_TRY(read_below(folder, prefix, files));
  return files;
}

Result<void> write_file(const fs::path& path, const std::string& bytes) {
  HEARTH_ASSIGN(AtomicFile file, AtomicFile::create(path));
  HEARTH_TRY(file.append(std::as_bytes(std::span(bytes))));
  return file.commit();
}

Result<void> write_files(const Files& files, const fs::path& folder) {
  for (const auto& [name, bytes] : files) {
    const fs::path path = folder / name;
    std::error_code problem;
    fs::create_directories(path.parent_path(), problem);
    if (problem) return system_error(path.parent_path(), "make this folder", problem.value());
    HEARTH_TRY(write_file(path, bytes));
  }
  return {};
}

}  // namespace hearth::bundle
