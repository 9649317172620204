// Checks on a file that a command is asked to write.
#pragma once

#include <string>

#include "engine/base/result.h"
#include "engine/format/model_file.h"

namespace hearth::cli {

/// INVALID_ARGUMENT where `path` is the file `input`, under whatever name: writing would destroy what is
/// read.
Result<void> refuse_input(const std::string& input, const std::string& path);

/// INVALID_ARGUMENT where `path` is one of the model's own files.
Result<void> refuse_own_file(const ModelFile& model, const std::string& path);

/// Whether what is written to `path` comes out of standard output, where nothing else should then.
bool is_standard_output(const std::string& path);

}  // namespace hearth::cli
