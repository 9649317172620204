/** An answer on the page as it is written: its text, and the tools that it calls. */

import type { StreamPart, ToolCall, ToolResult } from "@hearth/core";
import { element, keep_at_end } from "./elements";
import { MarkdownView } from "./markdown";

/** The text up to a call, or behind it. */
interface Passage {
  view: MarkdownView;
  written: string;
  shown: string;
}

export class AnswerView {
  readonly node = element("div");
  readonly #is_json: boolean;
  readonly #calls = new Map<string, HTMLElement>();
  readonly #passages: Passage[] = [];

  constructor({ is_json }: { is_json: boolean }) {
    this.#is_json = is_json;
    this.#begin_passage();
  }

  get text(): string {
    const texts = this.#passages.map(({ written }) => written.trim());
    return texts.filter((text) => text !== "").join("\n\n");
  }

  add(part: StreamPart): void {
    if (part.type === "text") this.#add_text(part.text);
    else if (part.type === "toolCall") this.#add_call(part);
    else if (part.type === "toolResult") this.#add_result(part);
  }

  /** What has come, at once. */
  show(): void {
    for (const passage of this.#passages) {
      const { view, shown, written } = passage;
      if (shown === written) continue;
      passage.shown = written;
      keep_at_end(() => view.show(this.#is_json ? code_of(written) : written));
    }
  }

  #begin_passage(): Passage {
    const passage = { view: new MarkdownView(), written: "", shown: "" };
    this.#passages.push(passage);
    this.node.append(passage.view.node);
    return passage;
  }

  #add_text(text: string): void {
    const passage = this.#passages.at(-1) ?? this.#begin_passage();
    passage.written += text;
    requestAnimationFrame(() => this.show()); // at most one change of the page for each frame that is shown
  }

  #add_call({ id, name, arguments: given }: ToolCall): void {
    const values = typeof given === "object" && given !== null ? Object.values(given) : [given];
    const call = element("p", { className: "call" }, element("code", { textContent: `${name}(${values.join(", ")})` }));
    this.#calls.set(id, call);
    keep_at_end(() => this.node.append(call));
    this.#begin_passage();
  }

  #add_result({ id, result, error }: ToolResult): void {
    this.#calls.get(id)?.append(` = ${error ?? String(result)}`);
  }
}

/** JSON as Markdown, in lines as soon as it is whole. */
function code_of(json: string): string {
  try {
    return `\`\`\`json\n${JSON.stringify(JSON.parse(json), null, 2)}`;
  } catch {
    return `\`\`\`json\n${json}`;
  }
}
