// Which of a repository's files a reference means: by the type in its name, or where none is named, the best
// that fits. The rule is one in all languages: choose_model_cases.json in packages/core/src/sources holds
// them to it (TypeScript: choose_model.ts there).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace hearth::store {

struct ListedModel {
  std::string path;  // in the repository
  std::optional<uint64_t> size;
  bool here = false;  // whether it was downloaded before
};

/// Bytes that a model may take; nullopt: not known, or no limit.
struct Room {
  std::optional<uint64_t> memory;
  std::optional<uint64_t> storage;  // where downloads are kept
};

struct ModelChoice {
  std::string path;
  std::string message;  // what there is, and why it is this one, where the reference left that open
};

/// `repository` is what errors call it; `wanted` may be empty. NOT_FOUND where nothing has the type, with the
/// nearest and what there is; INVALID_ARGUMENT where several have it; MODEL_TOO_LARGE where no type is named
/// and nothing fits.
Result<ModelChoice> choose_model(std::string_view repository, std::string_view wanted,
                                 const std::vector<ListedModel>& files, const Room& room = {});

/// What this machine has, or this process may take of it.
Room room_here();

}  // namespace hearth::store
