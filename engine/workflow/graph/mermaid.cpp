#include <fmt/format.h>

#include "engine/workflow/graph/graph.h"
#include "engine/workflow/graph/picture.h"

namespace hearth::workflow {
namespace {

/// A text as it may stand within quotes: entities for what would end them or be read as HTML.
std::string escaped(std::string_view text) {
  std::string label;
  for (const char letter : text) {
    switch (letter) {
      case '"':
        label += "#quot;";
        break;
      case '<':
        label += "#lt;";
        break;
      case '>':
        label += "#gt;";
        break;
      case '#':
        label += "#35;";
        break;
      case '\n':
      case '\r':
        label += ' ';
        break;
      default:
        label += letter;
    }
  }
  return label;
}

std::string label_of(std::string_view text) { return fmt::format("\"{}\"", escaped(text)); }

void append(const Graph& graph, const std::string& prefix, int depth, std::string& out) {
  const std::string indent(static_cast<size_t>(depth) * 2, ' ');
  const Picture picture = picture_of(graph);
  const auto id = [&](size_t box) { return fmt::format("{}{}", prefix, box); };
  for (size_t i = 0; i < picture.boxes.size(); ++i) {
    const Box& box = picture.boxes[i];
    if (box.shape == BoxShape::kTerminal) {
      out += fmt::format("{}{}([{}])\n", indent, id(i), label_of(i == 0 ? "start" : "end"));
      continue;
    }
    const std::string told = box.told.empty() ? "" : "<br/>" + escaped(box.told);
    const std::string label = fmt::format("\"{}{}\"", escaped(box.name), told);
    const auto [open, close] = box.shape == BoxShape::kNode   ? std::pair("[", "]")
                               : box.shape == BoxShape::kLoop ? std::pair("{{", "}}")
                                                              : std::pair("[[", "]]");
    out += fmt::format("{}{}{}{}{}\n", indent, id(i), open, label, close);
    if (box.body == nullptr) continue;
    out += fmt::format("{}subgraph {}s [{}]\n", indent, id(i), label_of("body of " + box.name));
    append(*box.body, id(i) + "_", depth + 1, out);
    out += fmt::format("{}end\n{}{} -.-> {}s\n", indent, indent, id(i), id(i));
  }
  for (const Way& way : picture.ways) {
    const std::string_view line = way.is_for_failure ? "-.->" : "-->";
    const std::string told = way.told.empty() ? "" : fmt::format("|{}|", label_of(way.told));
    out += fmt::format("{}{} {}{} {}\n", indent, id(way.from), line, told, id(way.to));
  }
}

}  // namespace

std::string to_mermaid(const Workflow& workflow) {
  std::string out = "flowchart TD\n";
  append(workflow.graph, "n", 1, out);
  return out;
}

}  // namespace hearth::workflow
