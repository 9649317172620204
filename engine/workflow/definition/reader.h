// What the readers of a workflow's parts share: where faults go, and which actions there are.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/workflow/definition/faults.h"
#include "engine/workflow/definition/fields.h"
#include "engine/workflow/definition/workflow.h"

namespace hearth::workflow {

struct Reader {
  Faults& faults;
  const std::vector<std::string>& functions;  // the host's actions
  std::string code{};                         // all that is written in other languages

  Pattern pattern(const Element& element);
  /// A JSON schema; one that is none is taken down.
  Schema schema(const nlohmann::ordered_json& json, Place place);
  /// A condition in any of the spellings: a text, true or false, {type: expression, value: ...}.
  std::optional<PlacedTemplate> condition(const Element& element);
};

/// The nodes of a list, with the routes that `goto` gives. `what` the list is, for messages: "nodes", "the
/// body of 'loop'".
Graph read_nodes(const Element& list, std::string_view what, Reader& reader);

/// From the first node on each that has no route goes to the next one.
void route_in_order(Graph& graph);

/// The routes of a list of edges, for nodes that have no `goto`. What has no way on ends.
void read_edges(const Element& edges, Graph& graph, Reader& reader);

/// JSON schemas of what `state_schema` and `input_schema` say: a schema, or types by name ("str", {type: int,
/// required: true, min: 1}).
Schema read_schema(const Element& element, Reader& reader);

/// The rules that hold between nodes: routes lead to nodes, each node is reached. Finds where branches meet.
void check_graph(Graph& graph, Reader& reader);

/// Warns of keys that templates read of the state and nothing sets, where a schema says what it has.
void check_reads(const Workflow& workflow, Reader& reader);

/// A pipeline of Realm's, as the same nodes.
Workflow read_pipeline(const Element& document, Reader& reader);

}  // namespace hearth::workflow
