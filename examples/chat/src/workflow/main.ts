/** The page of a bundle with a workflow: a form for its input, what its nodes do, and what comes of it. */

import { executeLlmYaml, loadBundledModel, type Model, type WorkflowEvent } from "@hearth/web";
import { carried, type Workflow } from "../bundle/carried";
import { announce, by_id, element } from "../elements";
import { ProgressView } from "../load_progress";
import { theme_button } from "../theme";
import { InputForm } from "./input_form";
import { show_outcome } from "./outcome";
import { RunView } from "./run_view";

const workflow = carried.workflow as Workflow;
const form = new InputForm(by_id<HTMLFormElement>("input"), workflow.inputSchema);
const start = element("button", { type: "submit", className: "primary", textContent: "Run" });
const stop = element("button", { type: "button", className: "primary", textContent: "Stop", hidden: true });

let model: Model | undefined;

/** With the first run, and again if it failed. */
async function load(signal: AbortSignal, cancel: () => void): Promise<Model> {
  if (model) return model;
  const progress = new ProgressView(carried.name, cancel);
  try {
    model = await loadBundledModel({ signal, onProgress: (state) => progress.show(state) });
    by_id("model-name").textContent = model.info.name;
    return model;
  } finally {
    progress.hide();
  }
}

/** A file's address, or where all is one file its text, with those of the files that it calls. */
function source() {
  const { file, files } = workflow;
  if (!files) return { yaml: new URL(file, document.baseURI), options: {} };
  const readFile = (path: string) => files[path] ?? Promise.reject(new Error(`${path} is not in this page`));
  return { yaml: files[file] ?? "", options: { readFile } };
}

async function run(input: Record<string, unknown>): Promise<void> {
  const controller = new AbortController();
  const { signal } = controller;
  stop.onclick = () => controller.abort();
  show_busy(true);
  const view = new RunView(by_id("nodes"));
  by_id("outcome").hidden = true;
  try {
    const { yaml, options } = source();
    const onEvent = (event: WorkflowEvent) => view.show(event);
    const asked = () => load(signal, () => controller.abort());
    const { status, output, state } = await executeLlmYaml(yaml, input, { ...options, model: asked, signal, onEvent });
    show_outcome(by_id("outcome"), status === "done" ? output : state);
    announce(status === "done" ? "The workflow has ended" : "The workflow waits for somebody to look");
  } catch (error) {
    if (signal.aborted) view.stop();
    else view.fail((error as Error).message);
  }
  show_busy(false);
}

function show_busy(busy: boolean): void {
  start.hidden = busy;
  stop.hidden = !busy;
}

document.title = workflow.name;
by_id("name").textContent = workflow.name;
by_id("description").textContent = workflow.description;
by_id("input").append(element("div", {}, start, stop));
by_id("input").onsubmit = (event) => {
  event.preventDefault();
  const input = form.value();
  if (input && stop.hidden) void run(input);
};
theme_button();
