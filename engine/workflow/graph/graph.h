// A workflow as a picture.
#pragma once

#include <string>

#include "engine/workflow/definition/workflow.h"

namespace hearth::workflow {

/// A flowchart in Mermaid's language (mermaid.js.org/syntax/flowchart): nodes by what they do, ways with
/// their conditions, bodies of loops as subgraphs.
std::string to_mermaid(const Workflow& workflow);

/// The same as a drawing that stands alone: nodes in rows by their distance from the start.
std::string to_svg(const Workflow& workflow);

}  // namespace hearth::workflow
