/** What was said, on the page: questions, answers as they are written, and asking again. */

import { type GenerateResult, type Message, type Model, type StreamedText, streamText } from "@hearth/core";
import { AnswerView } from "./answer_view";
import { announce, by_id, element, keep_at_end } from "./elements";
import type { Settings } from "./settings";

/** Answers in a row to what tools gave. */
const most_steps = 4;

export interface ConversationEvents {
  /** Whenever an answer begins or ends. */
  onBusy: (busy: boolean) => void;
  /** While one is written; `tokens` are pieces so far. */
  onPiece: (pieces: number, seconds: number) => void;
  onEnd: (result: GenerateResult) => void;
}

export class Conversation {
  readonly #list = by_id<HTMLOListElement>("messages");
  readonly #model: Model;
  readonly #settings: Settings;
  readonly #events: ConversationEvents;
  #messages: Message[] = [];
  #stop: (() => void) | undefined;
  #left = false;

  constructor(model: Model, settings: Settings, events: ConversationEvents) {
    this.#model = model;
    this.#settings = settings;
    this.#events = events;
    this.#list.replaceChildren();
  }

  get empty(): boolean {
    return this.#messages.length === 0;
  }

  get busy(): boolean {
    return this.#stop !== undefined;
  }

  async ask(question: string): Promise<void> {
    if (this.#messages.at(-1)?.role === "user") this.#messages.pop(); // it was not answered
    this.#messages.push({ role: "user", content: question });
    this.#list.append(
      element(
        "li",
        { className: "question" },
        element("span", { className: "hidden", textContent: "You: " }),
        question,
      ),
    );
    await this.#answer();
  }

  stop(): void {
    this.#stop?.();
  }

  /** Another takes its place on the page. */
  leave(): void {
    this.#left = true;
    this.stop();
  }

  async #again(entry: HTMLElement): Promise<void> {
    this.stop();
    entry.remove();
    this.#messages.length = this.#messages.findLastIndex(({ role }) => role === "user") + 1;
    await this.#answer();
  }

  async #answer(): Promise<void> {
    for (const old of this.#list.querySelectorAll(".answer-actions")) old.remove();
    const { system, schema, tools } = this.#settings;
    const view = new AnswerView({ is_json: schema !== "" });
    const entry = element(
      "li",
      { className: "answer writing" },
      element("span", { className: "hidden", textContent: "Model: " }),
      view.node,
    );
    entry.setAttribute("aria-busy", "true");
    this.#list.append(entry);
    document.documentElement.scrollTop = document.documentElement.scrollHeight;
    const stream = streamText({
      model: this.#model,
      messages: this.#messages,
      whenFull: "drop",
      ...(system !== "" && { system }),
      ...(schema !== "" && { jsonSchema: schema }),
      ...(tools.length > 0 && { tools, maxSteps: most_steps }),
      ...this.#settings.sampling(),
    });
    this.#stop = () => stream.abort();
    this.#events.onBusy(true);
    let added: Message[] = [];
    try {
      await this.#show(stream, view);
      const result = await stream.result;
      if (this.#left) return;
      added = result.messages;
      this.#events.onEnd(result);
    } catch (error) {
      if (this.#left) return;
      if (view.text !== "") added = [{ role: "assistant", content: view.text }];
      entry.append(
        element("p", { className: "failure", textContent: (error as Error).message, attributes: { role: "alert" } }),
      );
    }
    view.show();
    this.#end(entry, view.text, added);
  }

  async #show(stream: StreamedText, view: AnswerView): Promise<void> {
    const parts = stream.fullStream.getReader();
    let pieces = 0;
    let begun = 0;
    for (let read = await parts.read(); !read.done; read = await parts.read()) {
      begun ||= performance.now();
      if (!this.#left) this.#events.onPiece(++pieces, (performance.now() - begun) / 1000);
      view.add(read.value);
    }
  }

  #end(entry: HTMLElement, answer: string, added: Message[]): void {
    this.#stop = undefined;
    entry.classList.remove("writing");
    entry.removeAttribute("aria-busy");
    this.#messages.push(...added.filter(({ content, tool_calls }) => content !== "" || tool_calls !== undefined));
    if (answer !== "") announce(`Answer: ${answer}`);
    const again = element("button", { type: "button", className: "quiet", textContent: "Answer again" });
    again.onclick = () => void this.#again(entry);
    const copy = element("button", { type: "button", className: "quiet", textContent: "Copy" });
    copy.onclick = async () => {
      const said = await navigator.clipboard.writeText(answer).then(
        () => "Copied",
        () => "The browser did not allow it",
      );
      copy.textContent = said;
      announce(said);
    };
    keep_at_end(() => entry.append(element("div", { className: "answer-actions" }, again, copy)));
    this.#events.onBusy(false);
  }
}
