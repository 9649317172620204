/** The cases of workflows, which Python and the command line run, too: workflow_cases.json says what they may have. */

import type { WorkflowEvent, WorkflowOptions, WorkflowResult } from "../src/index.js";
import { type Case, check, equal, fails, type Platform, with_model } from "./platform.js";
import list from "./workflow_cases.json" with { type: "json" };

export interface WorkflowCase {
  name: string;
  yaml: string[];
  files?: Record<string, string[]>;
  input?: Record<string, unknown>;
  functions?: Record<string, unknown>;
  model?: boolean;
  /** Needs what the command line has not. */
  hosted?: boolean;
  resume?: Record<string, unknown>;
  events?: string[];
  output?: unknown;
  state?: unknown;
  error?: string;
  says?: string[];
  faults?: [line: number, column: number, rule: string][];
}

export const described_workflows = list.cases as unknown as WorkflowCase[];

/** For packages that run workflows. */
export const workflow_cases: Case[] = described_workflows.map((described) => ({
  name: `workflow: ${described.name}`,
  run: (platform) => {
    if (!described.model) return run(platform, described, {});
    return with_model(platform, (model) => run(platform, described, { model }));
  },
}));

export const text_of = (lines: string[]) => `${lines.join("\n")}\n`;

/** What an event is called in the cases. */
export const name_of = (event: WorkflowEvent) => ("node" in event ? `${event.event} ${event.node}` : event.event);

async function run(platform: Platform, described: WorkflowCase, given: WorkflowOptions): Promise<void> {
  const { executeLlmYaml, validateWorkflow } = platform.api;
  check(executeLlmYaml && validateWorkflow, "the package runs workflows");
  const { files = {}, input, functions = {}, error, says = [], faults } = described;
  const yaml = text_of(described.yaml);
  const events: string[] = [];
  const options: WorkflowOptions = {
    ...given,
    functions: Object.fromEntries(Object.entries(functions).map(([name, value]) => [name, () => value])),
    readFile: (path) => {
      check(Object.hasOwn(files, path), `there is a file ${path}`);
      return text_of(files[path] as string[]);
    },
    onEvent: (event) => {
      if (event.event !== "token") events.push(name_of(event));
    },
  };
  if (error !== undefined) {
    const { message } = await fails(platform, error, () => executeLlmYaml(yaml, input, options));
    for (const said of says) check(message.includes(said), `"${message}" says "${said}"`);
  } else {
    let result = await executeLlmYaml(yaml, input, options);
    if (described.resume) {
      equal(result.status, "interrupted", "how it ended first");
      events.length = 0;
      const { checkpoint } = result;
      result = await executeLlmYaml(yaml, {}, { ...options, checkpoint, changes: described.resume });
    }
    hold(result, described);
  }
  if (described.events) equal(events, described.events, "its events");
  if (faults) {
    const found = await validateWorkflow(yaml, { functions: Object.keys(functions) });
    equal(
      found.map(({ line, column, rule }) => [line, column, rule]),
      faults,
      "its faults",
    );
  }
}

function hold(result: WorkflowResult, described: WorkflowCase): void {
  equal(result.status, "done", "how it ended");
  if ("output" in described) equal(result.output, described.output, "its output");
  if ("state" in described) equal(result.state, described.state, "its state");
  check(described.model !== true || result.usage.calls > 0, "calls of the model are counted");
}
