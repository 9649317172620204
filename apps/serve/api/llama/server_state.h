// What the server was told of a model, as llama-server's API tells of its one.
#pragma once

#include <cstddef>
#include <cstdint>

#include "apps/serve/service.h"

namespace hearth::serve::llama {

ModelDescription description_of(const Service& service, const ModelUse& model);

/// Answers that the engine writes at once.
size_t slot_count(const ModelUse& model);

/// The slot of that number, for who uses the model.
SlotKey slot_key(const ModelUse& model, int64_t number);

}  // namespace hearth::serve::llama
