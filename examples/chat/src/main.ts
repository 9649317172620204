/** The page: chooses a model, loads it, and talks with it. */

import type { GenerateResult, Model } from "@hearth/core";
import { place } from "#place";
import { Conversation } from "./conversation";
import { announce, by_id, element } from "./elements";
import { bytes } from "./format";
import { ProgressView } from "./load_progress";
import type { Choice } from "./place";
import { Settings } from "./settings";
import { side_panel } from "./side_panel";
import { similarity_panel } from "./similarity_panel";
import { theme_button } from "./theme";
import { tokens_panel } from "./tokens_panel";

const settings = new Settings();
const side = side_panel();
const question = by_id<HTMLTextAreaElement>("question");

let model: Model | undefined;
let conversation: Conversation | undefined;
let loading: AbortController | undefined;

async function load({ name, load }: Choice): Promise<void> {
  loading?.abort();
  const controller = new AbortController();
  loading = controller;
  side.close();
  const had_focus = by_id("welcome").contains(document.activeElement);
  by_id("welcome").replaceChildren();
  const progress = new ProgressView(name, () => controller.abort());
  if (had_focus) progress.focus(); // not to lose it with the button that was pressed
  try {
    const next = await load({ signal: controller.signal, onProgress: (state) => progress.show(state) });
    await model?.dispose();
    model = next;
    begin(next);
  } catch (error) {
    const { aborted } = controller.signal;
    if (loading === controller) welcome(aborted ? undefined : `${name} was not loaded: ${(error as Error).message}`);
  } finally {
    if (loading === controller) progress.hide();
    await place.refresh();
  }
}

/** A new conversation with a model that is loaded. */
function begin(loaded: Model): void {
  conversation?.leave();
  conversation = new Conversation(loaded, settings, { onBusy: show_busy, onPiece: show_speed, onEnd: show_result });
  const { info } = loaded;
  by_id("model-name").textContent = info.name;
  by_id("model-name").title = `${info.architecture}, ${info.quantization}, ${info.device}`;
  by_id("new-chat").hidden = false;
  question.disabled = false;
  question.placeholder = `Ask ${info.name}`;
  show_busy(false);
  show_numbers();
  announce(`${info.name} is ready`);
  welcome();
  question.focus();
}

/** What there is to begin with: a model, a first question, or nothing where a conversation goes on; and what went wrong. */
function welcome(failure?: string): void {
  const beginning = !model ? introduction() : conversation?.empty ? suggestions() : [];
  const failed = element("p", { className: "failure", attributes: { role: "alert" } }, failure);
  by_id("welcome").replaceChildren(...beginning, ...(failure === undefined ? [] : [failed]));
  if (failure !== undefined) document.documentElement.scrollTop = document.documentElement.scrollHeight;
}

function suggestions(): HTMLElement[] {
  const buttons = ["What is 3 plus 4?", "Tell me a story", "What is Hearth?"].map((text) =>
    element("button", { type: "button", className: "suggestion", textContent: text, onclick: () => void ask(text) }),
  );
  return [
    element("h2", { textContent: "What would you like to know?" }),
    element("div", { className: "suggestions" }, ...buttons),
  ];
}

function introduction(): HTMLElement[] {
  const { heading, text, start: begin, other: choose } = place.words;
  const start = element("button", { type: "button", className: "primary large", textContent: begin });
  start.onclick = () => void load(place.first);
  const other = choose && element("button", { type: "button", className: "large", textContent: choose });
  if (other) other.onclick = () => side.open();
  return [
    element("h2", { textContent: heading }),
    element("p", { textContent: text }),
    element("div", { className: "suggestions" }, start, other),
  ];
}

async function ask(text: string): Promise<void> {
  if (!conversation || conversation.busy || text.trim() === "") return;
  by_id("welcome").replaceChildren();
  question.value = "";
  fit_question();
  await conversation.ask(text.trim());
}

function show_busy(busy: boolean): void {
  by_id("stop").hidden = !busy;
  by_id("send").hidden = busy;
  by_id<HTMLButtonElement>("send").disabled = model === undefined;
}

function show_speed(pieces: number, seconds: number): void {
  if (seconds > 0.2) show_numbers(`${(pieces / seconds).toFixed(1)} tokens/s`);
}

function show_result({ usage, timings, turnsLeftOut }: GenerateResult): void {
  const seconds = timings.decodeMs / 1000;
  // The first is read from the prompt; the time is that of the others.
  const written = usage.completionTokens - 1;
  const speed = written > 0 && seconds > 0 ? `${(written / seconds).toFixed(1)} tokens/s` : "";
  const first = `first after ${Math.round(timings.queuedMs + timings.prefillMs)} ms`;
  const context = `${usage.promptTokens + usage.completionTokens} of ${model?.info.contextSize} tokens`;
  show_numbers(speed, first, context, turnsLeftOut > 0 ? `without the oldest ${turnsLeftOut} turns` : "");
}

/** The model's memory is its weights with the keys and values of its context. */
function show_numbers(...more: string[]): void {
  if (!model) return;
  const { fileSize, cacheBytes } = model.info;
  const texts = [...more, `${bytes(fileSize + cacheBytes)} of memory`].filter((text) => text !== "");
  by_id("numbers").replaceChildren(...texts.map((textContent) => element("span", { textContent })));
}

/** As high as its text. */
function fit_question(): void {
  question.style.height = "auto";
  question.style.height = `${question.scrollHeight}px`;
}

by_id("composer").onsubmit = (event) => {
  event.preventDefault();
  void ask(question.value);
};
question.oninput = fit_question;
question.onkeydown = (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  void ask(question.value);
};
by_id("stop").onclick = () => {
  conversation?.stop();
  question.focus();
};
by_id("new-chat").onclick = () => model && begin(model);
addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !side.is_open()) conversation?.stop();
});
theme_button();
by_id("numbers").textContent = place.words.promise;
similarity_panel(() => model);
tokens_panel(() => model);
place.furnish({ load: (choice) => void load(choice), open_side: () => side.open() });
welcome();
