// The families of models that Hearth runs: from a GGUF's metadata to a ModelSpec. One file per family, and a
// line in families.inc.
#pragma once

#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/format/gguf.h"
#include "engine/model/spec.h"

namespace hearth {

/// The spec of the model that `gguf` describes (metadata only: tensors are checked by weights.h).
/// UNSUPPORTED_MODEL naming the architecture and the nearest there is, or a key that asks for what its family
/// does not do; INVALID_MODEL naming the key at fault.
Result<ModelSpec> read_model_spec(const Gguf& gguf);

/// The names in `general.architecture` that read_model_spec accepts.
std::vector<std::string> supported_architectures();

namespace families {

#define HEARTH_FAMILY(name, architecture) Result<ModelSpec> name(const Gguf& gguf);
#include "engine/model/families/families.inc"
#undef HEARTH_FAMILY

}  // namespace families
}  // namespace hearth
