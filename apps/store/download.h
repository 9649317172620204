// One file over HTTP, from where an earlier try broke off.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>

#include "apps/store/http.h"

namespace hearth::store {

struct Download {
  HttpRequest request;
  bool begins_model = true;      // what is no GGUF file is refused then as it begins to arrive
  std::optional<uint64_t> size;  // where it is known
  /// Told how many bytes are there, and how many there will be (0: not known); false cancels.
  std::function<bool(uint64_t loaded, uint64_t total, const std::string& message)> go_on;
};

/// Leaves the whole file at `partial`. What is there already is kept if the server still has the same file,
/// which `partial`.tag remembers by its ETag or date. A transfer that breaks off is taken up again, a few
/// times. The errors of ModelStore::pull; what has come stays, but for what cannot be the file.
Result<void> download(const Download& download, const std::filesystem::path& partial);

}  // namespace hearth::store
