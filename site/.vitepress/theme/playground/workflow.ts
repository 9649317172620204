/** The workflow that is being written: its faults and its picture follow the text, and it runs on the bundled model. */

import type { Model, WorkflowEvent, WorkflowFault, WorkflowResult, WorkflowRun } from "@hearth/web";
import { computed, type Ref, ref, shallowRef, watch } from "vue";
import { hearth, load_bundled_model } from "./model";

/** What is shown of a run: texts of models go into the entry of their node. */
export interface Entry {
  event: string;
  node: string;
  /** Of branches that run at once, which. */
  task?: number;
  text: string;
}

/** Milliseconds without a key until the text is read. */
const pause = 250;

export function use_workflow(yaml: Ref<string>) {
  const faults = shallowRef<WorkflowFault[]>([]);
  const graph = ref("");
  let last = 0;

  async function read() {
    const text = yaml.value;
    const turn = ++last;
    const { validateWorkflow, workflowGraph } = await hearth;
    const found = await validateWorkflow(text);
    const runs = found.every(({ severity }) => severity === "warning");
    const drawn = runs ? await workflowGraph(text, "svg") : undefined;
    if (turn !== last) return;
    faults.value = found;
    // While there are faults, the picture is the last one without.
    if (drawn !== undefined) graph.value = drawn;
  }

  let timer: ReturnType<typeof setTimeout> | undefined;
  watch(
    yaml,
    () => {
      clearTimeout(timer);
      timer = setTimeout(() => void read(), graph.value === "" ? 0 : pause);
    },
    { immediate: true },
  );
  const runs = computed(() => faults.value.every(({ severity }) => severity === "warning"));
  return { faults, graph, runs };
}

export function use_run() {
  const entries = ref<Entry[]>([]);
  const state = shallowRef<unknown>();
  const result = shallowRef<WorkflowResult>();
  const failure = ref("");
  const loading = ref("");
  const running = ref(false);
  let run: WorkflowRun | undefined;
  let loaded: Promise<Model> | undefined;

  /** The model is loaded when a run first asks it. */
  const model = (): Promise<Model> => {
    loaded ??= load_bundled_model((text) => {
      loading.value = text;
    });
    // What has failed is tried again by the next run.
    loaded.catch(() => {
      loaded = undefined;
    });
    return loaded;
  };

  async function start(
    yaml: string,
    input: Record<string, unknown>,
    resume?: { checkpoint: unknown; changes: object },
  ) {
    if (!resume) entries.value = [];
    state.value = resume ? state.value : input;
    result.value = undefined;
    failure.value = "";
    running.value = true;
    try {
      const { executeLlmYaml } = await hearth;
      run = executeLlmYaml(yaml, input, { model, ...(resume as object) });
      for await (const event of run) show(event);
      result.value = await run;
      state.value = result.value.state;
    } catch (error) {
      failure.value = said(error);
    } finally {
      running.value = false;
      loading.value = "";
    }
  }

  function show(event: WorkflowEvent) {
    const node = "node" in event ? event.node : "";
    const task = "task" in event ? event.task : undefined;
    const is_open = (entry: Entry) => entry.event === "token" && entry.node === node && entry.task === task;
    if (event.event === "token") {
      const open = entries.value.findLast(is_open);
      if (open) open.text += event.text;
      else entries.value.push({ event: "token", node, task, text: event.text });
      return;
    }
    // The next answer of the node begins anew.
    for (const entry of entries.value) if (is_open(entry)) entry.event = "answer";
    entries.value.push({ event: event.event, node, task, text: detail_of(event) });
    if (event.event === "node_finished") state.value = { ...(state.value as object), ...event.changes };
    if ("state" in event) state.value = event.state;
  }

  /** When nobody looks any more. */
  async function dispose() {
    run?.abort();
    await loaded?.then((model) => model.dispose());
  }

  return { entries, state, result, failure, loading, running, start, stop: () => run?.abort(), dispose };
}

function detail_of(event: WorkflowEvent): string {
  switch (event.event) {
    case "node_finished":
      return Object.keys(event.changes).length > 0 ? `sets ${Object.keys(event.changes).join(", ")}` : "";
    case "node_failed":
    case "retry":
    case "error":
      return event.error.message;
    case "loop_turn":
      return `turn ${event.turn}`;
    case "loop_ended":
      return `${event.turns} turns`;
    case "branches_started":
      return event.branches.join(", ");
    case "done":
    case "interrupted":
      return `${event.usage.calls} calls, ${event.usage.completionTokens} tokens written`;
    default:
      return "";
  }
}

function said(error: unknown): string {
  const { code, message } = error as { code?: string; message: string };
  return code ? `${code}: ${message}` : message;
}
