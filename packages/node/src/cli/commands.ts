/** run, chat and inspect. */

import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import {
  HearthError,
  type LoadProgress,
  type Model,
  type PromptOptions,
  type SamplingOptions,
  streamText,
} from "@hearth/core";
import { generation_options, load_options } from "@hearth/core/platform";
import { type LoadOptions, loadModel } from "../load_model.js";
import { flags_of, values_of } from "./engine_flags.js";
import { escaped } from "./escaped.js";

const options = {
  ...flags_of(load_options),
  ...flags_of(generation_options),
  system: { type: "string" },
  "when-full": { type: "string" },
  reload: { type: "boolean" },
} as const;

interface Request {
  positionals: string[];
  system: string | undefined;
  whenFull: PromptOptions["whenFull"];
  load: LoadOptions;
  sampling: SamplingOptions;
}

function parse(args: string[], wanted: string[]): Request {
  const { positionals, values } = parseArgs({ args, options, allowPositionals: true });
  if (positionals.length !== wanted.length) throw new TypeError(`expected ${wanted.join(" and ")}`);
  const interrupt = new AbortController();
  process.once("SIGINT", () => interrupt.abort());
  return {
    positionals,
    system: values.system,
    whenFull: values["when-full"] as PromptOptions["whenFull"],
    load: {
      ...values_of(load_options, values),
      reload: values.reload,
      onProgress: show_progress,
      signal: interrupt.signal,
    },
    sampling: values_of(generation_options, values),
  };
}

function show_progress({ stage, loaded, total, message }: LoadProgress): void {
  if (message !== undefined) process.stderr.write(`hearth: ${escaped(message)}\n`);
  if (!process.stderr.isTTY || stage !== "download") return;
  const end = loaded === total ? "\n" : "";
  process.stderr.write(`\rdownload ${Math.floor((100 * loaded) / Math.max(1, total))} %${end}`);
}

/** What a model writes; as it is where no terminal reads it. */
function print(text: string): void {
  process.stdout.write(process.stdout.isTTY ? escaped(text, "\t\n") : text);
}

async function with_model(path: string, load: LoadOptions, work: (model: Model) => Promise<void>): Promise<void> {
  const model = await loadModel(path, load);
  try {
    await work(model);
  } finally {
    await model.dispose();
  }
}

export function run(args: string[]): Promise<void> {
  const { positionals, system, load, sampling } = parse(args, ["a MODEL", "a PROMPT"]);
  const [path = "", prompt = ""] = positionals;
  return with_model(path, load, async (model) => {
    const stream = streamText({ model, prompt, system, signal: load.signal, ...sampling });
    for await (const text of stream) print(text);
    process.stdout.write("\n");
    if (load.signal?.aborted) throw HearthError.aborted(load.signal);
  });
}

export function chat(args: string[]): Promise<void> {
  const { positionals, system, whenFull, load, sampling } = parse(args, ["a MODEL"]);
  return with_model(positionals[0] ?? "", load, async (model) => {
    const conversation = model.createChat({ system, whenFull, ...sampling });
    const lines = createInterface({ input: process.stdin, output: process.stderr, prompt: "> ", signal: load.signal });
    let is_open = true; // the input may end while an answer is written
    lines.once("close", () => (is_open = false));
    lines.prompt();
    for await (const line of lines) {
      for await (const text of conversation.stream(line, { signal: load.signal })) print(text);
      process.stdout.write("\n");
      if (is_open) lines.prompt();
    }
  });
}

export function inspect(args: string[]): Promise<void> {
  const { positionals, load } = parse(args, ["a MODEL"]);
  return with_model(positionals[0] ?? "", load, async (model) => {
    const report = { ...model.info, metadata: await model.metadata() };
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  });
}
