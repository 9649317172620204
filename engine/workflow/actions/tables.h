// The actions of each topic, in files of their own.
#pragma once

#include <span>

#include "engine/workflow/actions/action.h"

namespace hearth::workflow {

std::span<const Action> state_actions();
std::span<const Action> llm_actions();
std::span<const Action> tool_actions();
std::span<const Action> json_actions();
std::span<const Action> text_actions();
std::span<const Action> storage_actions();
std::span<const Action> memory_actions();
std::span<const Action> http_actions();

}  // namespace hearth::workflow
