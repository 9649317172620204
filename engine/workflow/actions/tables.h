// The actions of each topic, in files of their own.
#pragma once

#include <span>

#include "engine/workflow/actions/action.h"

namespace hearth::workflow {

std::span<const Action> state_actions();
std::span<const Action> llm_actions();

}  // namespace hearth::workflow
