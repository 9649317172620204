// The families of models that Hearth runs: from a GGUF's metadata to a ModelSpec. One file per family; the
// table in family.cpp names them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/format/gguf.h"
#include "engine/model/spec.h"

namespace hearth {

/// The spec of the model that `gguf` describes (metadata only: tensors are checked by weights.h).
/// UNSUPPORTED_MODEL naming the architecture and those there are, or a key that asks for what its family does
/// not do; INVALID_MODEL naming the key at fault.
Result<ModelSpec> read_model_spec(const Gguf& gguf);

/// The names in `general.architecture` that read_model_spec accepts.
std::vector<std::string_view> supported_architectures();

namespace families {

Result<ModelSpec> llama(const Gguf& gguf);
Result<ModelSpec> qwen2(const Gguf& gguf);
Result<ModelSpec> qwen3(const Gguf& gguf);
Result<ModelSpec> qwen3moe(const Gguf& gguf);
Result<ModelSpec> gemma(const Gguf& gguf);
Result<ModelSpec> gemma2(const Gguf& gguf);
Result<ModelSpec> gemma3(const Gguf& gguf);
Result<ModelSpec> phi2(const Gguf& gguf);
Result<ModelSpec> phi3(const Gguf& gguf);

}  // namespace families
}  // namespace hearth
