// A folder that goes with the test, and small models to put there.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <string>

#include "engine/format/gguf_writer.h"
#include "engine/format/model_file.h"
#include "engine/format/split.h"

namespace hearth::store {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "hearth_store_XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline GgufWriter small_model(const std::array<float, 4>& weights) {
  GgufWriter writer;
  writer.add_string("general.architecture", "llama");
  writer.add_uint32("general.file_type", 15);  // Q4_K_M
  for (const char* name : {"a", "b"})
    writer.add_tensor(name, BlockType::kF32, {4}, std::as_bytes(std::span(weights)));
  return writer;
}

/// A sound GGUF file of two tensors, not one that runs; makes the folders above it.
inline void write_model(const std::filesystem::path& path, float value = 1.0F) {
  std::filesystem::create_directories(path.parent_path());
  const std::array<float, 4> weights{value, value, value, value};
  const auto written = small_model(weights).write(path);
  ASSERT_TRUE(written.ok()) << written.error().message;
}

/// The same in two files; gives the first one's path.
inline std::filesystem::path write_split_model(const std::filesystem::path& folder, const std::string& stem) {
  write_model(folder / "whole");
  const auto whole = ModelFile::open(folder / "whole");
  const auto parts = split_model(*whole, PartLimit{0, 1});
  for (uint32_t number = 1; number <= 2; ++number) {
    EXPECT_TRUE((*parts)[number - 1].write(folder / PartName{stem, number, 2}.str()).ok());
  }
  std::filesystem::remove(folder / "whole");
  return folder / PartName{stem, 1, 2}.str();
}

inline void write_text(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

}  // namespace hearth::store
