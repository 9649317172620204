// Pictures of workflows.
#include "engine/workflow/graph/graph.h"

#include <gmock/gmock.h>

#include <string>

#include "engine/workflow/workflow_testing.h"

namespace hearth::workflow {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const char* const kYaml = R"(
name: asking
nodes:
  - {name: ask, uses: llm.chat, with: {prompt: hi}, fallback: mend}
  - {name: loop, type: while_loop, condition: "n < 3", max_iterations: 3, body: [{name: turn}]}
  - {name: mend}
edges:
  - {from: ask, to: loop, when: "a < \"b\""}
  - {from: ask, to: ask}
)";

TEST(WorkflowGraph, IsAFlowchartOfMermaids) {
  EXPECT_EQ(to_mermaid(*testing::workflow_of(kYaml)), R"(flowchart TD
  n0(["start"])
  n1["ask<br/>llm.chat"]
  n2{{"loop<br/>while n #lt; 3"}}
  subgraph n2s ["body of loop"]
    n2_0(["start"])
    n2_1["turn"]
    n2_2(["end"])
    n2_0 --> n2_1
    n2_1 --> n2_2
  end
  n2 -.-> n2s
  n3["mend"]
  n4(["end"])
  n0 --> n1
  n1 -->|"a #lt; #quot;b#quot;"| n2
  n1 --> n1
  n1 -.->|"on failure"| n3
  n2 --> n4
  n3 --> n4
)");
}

TEST(WorkflowGraph, IsADrawingOfItsOwn) {
  const std::string svg = to_svg(*testing::workflow_of(kYaml));
  EXPECT_TRUE(svg.starts_with("<svg xmlns="));
  EXPECT_THAT(svg, HasSubstr(">ask</text>"));
  EXPECT_THAT(svg, HasSubstr("a &lt; \"b\""));
  const std::string hostile =
      to_svg(*testing::workflow_of("name: <script>alert(1)</script>\nnodes: [{name: '</svg><script>'}]"));
  EXPECT_THAT(hostile, Not(HasSubstr("<script>")));
}

/// Of the upper edge of a node's box.
int height_of(const std::string& svg, const std::string& node) {
  const size_t box = svg.find("y=\"", svg.find("<title>" + node + "</title>"));
  return std::stoi(svg.substr(box + 3));
}

TEST(WorkflowGraph, DrawsANodeBelowAllThatLeadToItButInACircle) {
  const std::string svg = to_svg(*testing::workflow_of(R"(
nodes: [{name: a}, {name: b}, {name: c}]
edges: [{from: a, to: c, when: n}, {from: a, to: b}, {from: b, to: c}, {from: c, to: a, when: n}, {from: c, to: __end__}]
)"));
  EXPECT_LT(height_of(svg, "a"), height_of(svg, "b"));
  EXPECT_LT(height_of(svg, "b"), height_of(svg, "c"));
  EXPECT_LT(height_of(svg, "c"), height_of(svg, "end"));
}

}  // namespace
}  // namespace hearth::workflow
