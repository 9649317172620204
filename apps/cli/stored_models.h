// What the commands about downloaded models share.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "apps/store/model_store.h"
#include "engine/base/result.h"

namespace hearth::cli {

/// {"name", "reference", "path", "size", "sha256"?, "architecture", "quantization", "stored", "used",
/// "fault"?}
nlohmann::ordered_json to_json(const store::StoredModel& model);

/// Downloads with progress on standard error; Ctrl-C cancels, and what has come stays for the next time.
Result<store::StoredModel> pull_model(const std::string& reference, const store::PullOptions& options = {});

}  // namespace hearth::cli
