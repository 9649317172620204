// Keys that change what a model computes and that no family here reads.
#pragma once

#include "engine/base/result.h"
#include "engine/model/families/hyperparameters.h"
#include "engine/model/spec.h"

namespace hearth::families {

/// UNSUPPORTED_MODEL naming a key of the file that would make its model compute other than `spec` says. A key
/// with a value that changes nothing (a scale of 1, a cap of 0) is fine, and so is any other that Hearth does
/// not know.
Result<void> refuse_unread_keys(const Hyperparameters& keys, const ModelSpec& spec);

}  // namespace hearth::families
