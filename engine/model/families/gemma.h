// What the families of Gemma share.
#pragma once

#include "engine/model/spec.h"

namespace hearth::families {

/// The 27B models scale by the width per head instead of the head's own dimension.
void scale_by_width_per_head(ModelSpec& spec);

}  // namespace hearth::families
