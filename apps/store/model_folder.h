// A folder of GGUF files that a user keeps: `hearth serve --models FOLDER`.
#pragma once

#include <filesystem>
#include <string_view>
#include <utility>
#include <vector>

#include "apps/store/stored_model.h"
#include "engine/base/result.h"

namespace hearth::store {

class ModelFolder {
 public:
  explicit ModelFolder(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// The files *.gguf in it and in its folders (not deeper), of split models the first parts, by name. A name
  /// is that of the file without ".gguf", behind that of its folder and "/" where it lies in one. NOT_FOUND
  /// or IO for the folder.
  Result<std::vector<StoredModel>> list() const;

  /// By its name, or its file's. NOT_FOUND; no file is looked at but those of list().
  Result<StoredModel> find(std::string_view name) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace hearth::store
