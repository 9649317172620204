// The plain structs of options and the engine's own. Private to the C interface.
#pragma once

#include "engine/base/result.h"
#include "engine/compute/gpu/runner.h"
#include "engine/hearth.h"
#include "engine/options/generation_options.h"
#include "engine/options/load_options.h"

namespace hearth {

/// What a caller gets to change.
hearth_model_options plain(const LoadOptions& options);
hearth_generation_options plain(const GenerationOptions& options);

/// What the caller knows of the struct, over the defaults; `given` may be nullptr.
Result<hearth_model_options> complete(const hearth_model_options* given);
/// INVALID_ARGUMENT naming the option that cannot be what it is given as.
Result<LoadOptions> read_options(const hearth_model_options& given);
/// Of options.gpu; empty where that is NULL. INVALID_ARGUMENT for a struct that is not whole.
Result<gpu::MakeRunner> brought_gpu(const hearth_model_options& options);
/// The same as read_options above for a struct that need not be complete, nor there.
Result<GenerationOptions> read_options(const hearth_generation_options* given, GenerationOptions defaults);

}  // namespace hearth
