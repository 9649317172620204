// What both pictures of a workflow show: boxes, and ways between them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/workflow/definition/workflow.h"

namespace hearth::workflow {

enum class BoxShape : uint8_t { kTerminal, kNode, kLoop, kBranches };

struct Box {
  std::string name;  // of the node; kStart and kEnd at the ends
  std::string told;  // what it does: "llm.chat"
  BoxShape shape = BoxShape::kNode;
  const Graph* body = nullptr;  // of a loop, or of items
};

struct Way {
  size_t from;
  size_t to;
  std::string told;  // its condition; "" where it has none
  bool is_for_failure = false;
};

/// A graph's boxes, the start first and the end last, and the ways between them.
struct Picture {
  std::vector<Box> boxes;
  std::vector<Way> ways;
};

Picture picture_of(const Graph& graph);

}  // namespace hearth::workflow
