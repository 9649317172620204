// What workflows keep when they are over: a folder with a file for each value, which is whole or not there.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace hearth::workflow {

/// FOLDER/NAMESPACE/KEY.json, names encoded: no key is a path. Several programs may use one folder at once.
class FolderStore {
 public:
  using Json = nlohmann::ordered_json;

  /// The folder is made when something is first kept. `owner`: whose values they are, in a folder of their
  /// own, which nobody else's keys lead to; "" for those of the folder itself.
  explicit FolderStore(std::filesystem::path folder, std::string_view owner = "");

  /// Carries out a call of the kind `store` (docs/workflows.md). INVALID_ARGUMENT for a name or a value that
  /// is too long, INTEGRITY for a file that is no value, IO.
  Result<Json> answer(const Json& request) const;

 private:
  Result<std::filesystem::path> folder_of(const Json& request) const;
  Result<std::filesystem::path> file_of(const Json& request) const;
  Result<Json> get(const Json& request) const;
  Result<Json> put(const Json& request) const;
  Result<Json> remove(const Json& request) const;
  Result<Json> list(const Json& request) const;

  std::filesystem::path folder_;
};

/// Clears the folder of what programs that were killed have left unfinished. No other may be writing to it.
void clear_unfinished(const std::filesystem::path& folder);

}  // namespace hearth::workflow
