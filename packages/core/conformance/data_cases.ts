/** The cases that are plain data, which Python runs, too: cases.json says what they may have. */

import type { Chat, CommonLoadOptions, Model, StreamedText } from "../src/index.js";
import list from "./cases.json" with { type: "json" };
import { type Case, check, equal, fails, load, type Platform } from "./platform.js";

interface Step {
  call: string;
  arguments?: unknown[];
  options?: object;
  save?: string;
  is?: unknown;
  error?: string;
  says?: string[];
}

interface DataCase {
  name: string;
  model?: string;
  load?: CommonLoadOptions;
  steps: Step[];
}

/** Held against what stands at a path of what a call gave. */
const matchers: Record<string, (found: never, wanted: never) => boolean> = {
  has: same,
  differs: (found: unknown, wanted: unknown) => !same(found, wanted),
  matches: (found: string, wanted: string) => new RegExp(wanted).test(found),
  contains: (found: string, wanted: string) => found.includes(wanted),
  lacks: (found: string, wanted: string) => !found.includes(wanted),
  above: (found: number, wanted: number) => found > wanted,
  atMost: (found: number, wanted: number) => found <= wanted,
  count: (found: unknown[], wanted: number) => found.length === wanted,
  norm: (found: number[], wanted: number) => Math.abs(Math.hypot(...found) - wanted) < 1e-4,
};

export const data_cases: Case[] = (list.cases as DataCase[]).map((described) => ({
  name: described.name,
  run: async (platform) => {
    const model = described.model === "thinking" ? await platform.thinking() : platform.model;
    await new Run({ ...platform, model }, described).run();
  },
}));

/** Of one case: its model, its chat and what it has saved. */
class Run {
  #platform: Platform;
  #case: DataCase;
  #model!: Model;
  #chat!: Chat;
  #saved = new Map<string, unknown>();

  constructor(platform: Platform, described: DataCase) {
    this.#platform = platform;
    this.#case = described;
  }

  async run(): Promise<void> {
    this.#model = await load(this.#platform, this.#case.load);
    try {
      for (const [number, step] of this.#case.steps.entries()) {
        await this.#step(step).catch((error) => {
          throw new Error(`step ${number}, ${step.call}: ${error.message}`, { cause: error });
        });
      }
    } finally {
      await this.#model.dispose();
    }
  }

  async #step(step: Step): Promise<void> {
    if (step.error !== undefined) {
      const { message } = await fails(this.#platform, step.error, () => this.#call(step));
      for (const said of step.says ?? []) check(message.includes(said), `"${message}" says "${said}"`);
      return;
    }
    const value = await this.#call(step);
    if (step.save !== undefined) this.#saved.set(step.save, value);
    this.#hold(value, step);
  }

  async #call(step: Step): Promise<unknown> {
    const { generateText, streamText } = this.#platform.api;
    const args = (step.arguments ?? []).map((arg) => this.#known(arg));
    const options = this.#known(step.options ?? {}) as object;
    const asked = { ...options, model: this.#model };
    switch (step.call) {
      case "loadModel":
        return this.#replace(options);
      case "createChat":
        this.#chat = this.#model.createChat(options);
        return undefined;
      case "info":
        return this.#model.info;
      case "messages":
        return this.#chat.messages;
      case "send":
        return this.#chat.send(args[0] as string, options);
      case "generateText":
        return generateText(asked);
      case "streamText":
        return whole(streamText(asked));
      default: {
        const method = this.#model[step.call as keyof Model] as unknown as (...args: unknown[]) => unknown;
        return method.apply(this.#model, step.options ? [...args, options] : args);
      }
    }
  }

  async #replace(options: CommonLoadOptions): Promise<void> {
    const previous = this.#model;
    this.#model = await load(this.#platform, options);
    await previous.dispose();
  }

  /** With what was saved in the place of its names. */
  #known(value: unknown): unknown {
    if (typeof value === "string" && /^\$\w+(\.|$)/.test(value)) {
      const [name = "", ...path] = value.slice(1).split(".");
      return part_of(this.#saved.get(name), path.join("."));
    }
    if (Array.isArray(value)) return value.map((each) => this.#known(each));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, this.#known(each)]));
  }

  #hold(value: unknown, step: Step): void {
    if ("is" in step) equal(plain(value), plain(this.#known(step.is)), "what it gave");
    for (const [matcher, holds] of Object.entries(matchers)) {
      const wanted_at = (step as unknown as Record<string, object | undefined>)[matcher] ?? {};
      for (const [path, wanted] of Object.entries(wanted_at)) {
        const found = part_of(value, path);
        const expected = this.#known(wanted);
        const what = `${path || "it"}, ${JSON.stringify(plain(found))}, held to ${matcher} ${JSON.stringify(expected)}`;
        check(holds(found as never, expected as never), what);
      }
    }
  }
}

/** The result, which must be what the pieces are together. */
async function whole(stream: StreamedText): Promise<unknown> {
  let text = "";
  for await (const piece of stream) text += piece;
  const result = await stream.result;
  equal(result.text, text, "the text of the pieces");
  return result;
}

function part_of(value: unknown, path: string): unknown {
  const names = path === "" ? [] : path.split(/(?<!\\)\./).map((name) => name.replaceAll("\\.", "."));
  return names.reduce((part, name) => (part as Record<string, unknown>)[name], value);
}

/** Typed arrays as lists. */
function plain(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<number>);
  return Array.isArray(value) ? value.map(plain) : value;
}

/** Whatever the order of names. */
function same(a: unknown, b: unknown): boolean {
  const [one, other] = [plain(a), plain(b)];
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return one === other;
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].every((name) => same(one[name as keyof typeof one], other[name as keyof typeof other]));
}
