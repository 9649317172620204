/** What was said, on the page: questions, answers as they are written, and asking again. */

import type { GenerateResult, Message, Model } from "@hearth/web";
import { streamText } from "@hearth/web";
import { announce, by_id, element } from "./elements";
import { MarkdownView } from "./markdown";
import type { Settings } from "./settings";

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
    if (this.#messages.at(-1)?.role === "assistant") this.#messages.pop();
    await this.#answer();
  }

  async #answer(): Promise<void> {
    for (const old of this.#list.querySelectorAll(".answer-actions")) old.remove();
    const view = new MarkdownView();
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
      ...(this.#settings.system.trim() !== "" && { system: this.#settings.system }),
      ...this.#settings.sampling(),
    });
    this.#stop = () => stream.abort();
    this.#events.onBusy(true);
    const text = { shown: "", written: "" };
    const show = () => this.#show(view, text);
    try {
      let pieces = 0;
      let begun = 0;
      for await (const piece of stream) {
        begun ||= performance.now();
        text.written += piece;
        if (!this.#left) this.#events.onPiece(++pieces, (performance.now() - begun) / 1000);
        requestAnimationFrame(show); // at most one change of the page for each frame that is shown
      }
      const result = await stream.result;
      if (this.#left) return;
      this.#events.onEnd(result);
    } catch (error) {
      if (this.#left) return;
      entry.append(
        element("p", { className: "failure", textContent: (error as Error).message, attributes: { role: "alert" } }),
      );
    }
    show();
    this.#end(entry, text.written);
  }

  #show(view: MarkdownView, text: { shown: string; written: string }): void {
    if (text.shown === text.written) return;
    text.shown = text.written;
    keep_at_end(() => view.show(text.written));
  }

  #end(entry: HTMLElement, answer: string): void {
    this.#stop = undefined;
    entry.classList.remove("writing");
    entry.removeAttribute("aria-busy");
    if (answer !== "") {
      this.#messages.push({ role: "assistant", content: answer });
      announce(`Answer: ${answer}`);
    }
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

/** Follows what a change adds at the end of the page, unless somebody has scrolled up to read. */
function keep_at_end(change: () => void): void {
  const scroller = document.documentElement;
  const at_end = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 80;
  change();
  if (at_end) scroller.scrollTop = scroller.scrollHeight;
}
