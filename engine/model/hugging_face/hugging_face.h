// A folder as Hugging Face publishes models, seen as a GGUF file: config.json, tokenizer.json or
// tokenizer.model, and SafeTensors.
#pragma once

#include <filesystem>

#include "engine/base/result.h"
#include "engine/format/model_file.h"

namespace hearth {

/// The model of `folder` as one GGUF file, whose bytes are made when they are read: weights as they are,
/// small ones (norms, biases, routers) as F32. Families: folder_family.cpp.
///
/// NOT_FOUND for a file that is missing, INVALID_MODEL naming file and key, or tensor, that is wrong or
/// missing, UNSUPPORTED_MODEL for another family, rope scaling or tokenizer, or for a tensor without a use.
Result<ModelFile> open_hugging_face(const std::filesystem::path& folder);

}  // namespace hearth
