// A model that lies on this machine as files.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace hearth::store {

struct StoredModel {
  std::string name;            // what users call it; no two of a list have the same
  std::string reference;       // what it is pulled by: hf:owner/repository/file.gguf, a URL, or the path
  std::filesystem::path path;  // of the first part, where it is split
  uint64_t size = 0;           // bytes, of all parts
  std::chrono::system_clock::time_point stored;  // when it was written
  std::chrono::system_clock::time_point used;    // when it was asked for last
  std::string sha256;        // in lower case, where it was checked; empty for split models
  std::string architecture;  // as the file says; empty where `fault` is not
  std::string quantization;  // "Q4_K_M"
  std::string fault;         // why it cannot be read as a model; empty where it can
};

/// The model whose (first) file is at `path`, with the path as its reference; without what its header says.
StoredModel model_at(const std::filesystem::path& path);

/// The files that the model consists of whose first one is named, whether they exist or not.
std::vector<std::filesystem::path> files_of_model(const std::filesystem::path& first);

/// Fills in what the header says, or the fault, from the file at `model.path`.
void read_header(StoredModel& model);

/// The name of a model in a file: without the folder, ".gguf", and what numbers the first part of several.
std::string model_name_of(const std::filesystem::path& file);

}  // namespace hearth::store
