// Reads a document as a workflow, and tells all that is wrong with it.
//
// It takes what The Edge Agent's files say (nodes, edges), in all of their spellings, and Realm's pipelines
// (steps). docs/workflows.md has the keys.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/workflow/definition/faults.h"
#include "engine/workflow/definition/workflow.h"
#include "engine/workflow/document/document.h"

namespace hearth::workflow {

struct Reading {
  std::shared_ptr<Workflow>
      workflow;               // null where faults keep it from running; its `files` are not there yet
  std::vector<Fault> faults;  // in the order of their places
};

/// `functions` are the actions that the host has, beside those of Hearth.
Reading read_workflow(const Element& document, const std::vector<std::string>& functions);

}  // namespace hearth::workflow
