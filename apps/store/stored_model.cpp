#include "apps/store/stored_model.h"

#include <string_view>
#include <system_error>
#include <variant>

#include "engine/format/model_file.h"
#include "engine/runtime/model_info.h"

namespace hearth::store {
namespace {

std::chrono::system_clock::time_point when_written(const std::filesystem::path& path) {
  std::error_code problem;
  const auto time = std::filesystem::last_write_time(path, problem);
  if (problem) return {};
  return std::chrono::time_point_cast<std::chrono::system_clock::duration>(
      std::chrono::file_clock::to_sys(time));
}

}  // namespace

StoredModel model_at(const std::filesystem::path& path) {
  StoredModel model;
  model.name = model_name_of(path);
  model.reference = path.string();
  model.path = path;
  for (const std::filesystem::path& file : files_of_model(path)) {
    std::error_code problem;
    const auto size = std::filesystem::file_size(file, problem);
    if (!problem) model.size += size;
  }
  model.stored = when_written(path);
  model.used = model.stored;
  return model;
}

std::vector<std::filesystem::path> files_of_model(const std::filesystem::path& first) {
  const auto part = parse_part_name(first.filename().string());
  if (!part || part->number != 1) return {first};
  std::vector<std::filesystem::path> files;
  for (uint32_t number = 1; number <= part->count; ++number) {
    files.push_back(first.parent_path() / PartName{part->stem, number, part->count}.str());
  }
  return files;
}

void read_header(StoredModel& model) {
  const auto file = ModelFile::open(model.path);
  if (!file.ok()) {
    model.fault = file.error().message;
    return;
  }
  const GgufValue* architecture = file->metadata().find("general.architecture");
  const auto* name = architecture == nullptr ? nullptr : std::get_if<std::string_view>(&architecture->value);
  if (name != nullptr) model.architecture = *name;
  model.quantization = quantization_name(*file);
}

std::string model_name_of(const std::filesystem::path& file) {
  const std::string name = file.filename().string();
  if (const auto part = parse_part_name(name)) return part->stem;
  return file.extension() == ".gguf" ? file.stem().string() : name;
}

}  // namespace hearth::store
