// A model of 5 GiB in Chromium, both ways: in a heap with 64-bit addresses, and streamed into a memoryLimit of 1 GiB,
// reading ahead and not. Prints how long each takes and the most memory that the page's process takes; fails unless all
// write what the native program does.
// Needs 16 GB of disk for the model, which it makes and removes, and the browser's copy, and 8 GB of memory.
//
//   node bench/browser/large.mjs [--program build/hearth] [--tokens 4] [--threads 2] [--model FILE]
import { execFileSync } from "node:child_process";
import { rmSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { new_profile, visit } from "./browser.mjs";
import { prompt } from "./prompt.js";
import { serve } from "./server.mjs";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const { values: options } = parseArgs({
  options: {
    program: { type: "string", default: join(repository, "build/hearth") },
    tokens: { type: "string", default: "4" },
    threads: { type: "string", default: "2" },
    model: { type: "string" },
  },
});

const GiB = 2 ** 30;
const ways = {
  "64-bit heap": {},
  "streamed into 1 GiB": { memoryLimit: GiB },
  "streamed into 1 GiB, not read ahead": { memoryLimit: GiB, readAhead: "no" },
};

function answer_of_native() {
  const choices = ["--raw", "--json", "--temperature", "0", "-n", options.tokens, "-t", options.threads];
  return JSON.parse(execFileSync(options.program, ["run", model, prompt, ...choices], { encoding: "utf8" })).text;
}

const folder = new_profile();
const profile = new_profile();
const model = options.model ? resolve(options.model) : join(folder, "llama2-7b-Q6_K.gguf");
if (!options.model) execFileSync(options.program, ["make-model", "llama2-7b", model, "--type", "Q6_K"]);
const { url, server } = await serve({ repository, models: dirname(model) });
try {
  console.log(`${basename(model)}: ${(statSync(model).size / GiB).toFixed(2)} GiB`);
  const native = answer_of_native();
  console.log(`native: ${JSON.stringify(native)}`);
  for (const [way, how] of Object.entries(ways)) {
    const request = { engine: "hearth", url: `${url}/models/${basename(model)}`, ...how };
    const query = new URLSearchParams({ ...request, tokens: options.tokens, threads: options.threads });
    const found = await visit(profile, `${url}/repository/bench/browser/visit.html?${query}`);
    const { device, text, timings, statistics, first_token_ms } = found;
    console.log(
      `${way} (${device}): peak of the renderer ${(found.peak_bytes / GiB).toFixed(2)} GiB, before the click ` +
        `${(found.empty_bytes / GiB).toFixed(2)}; click to first token ${(first_token_ms / 1000).toFixed(1)} s; longest ` +
        `task ${found.longest_task_ms.toFixed(0)} ms, busiest ${found.busiest_task_ms.toFixed(0)} ms; ` +
        `${JSON.stringify(timings)} ${JSON.stringify(statistics)}`,
    );
    if (text !== native) throw new Error(`this is not what the native program writes: ${JSON.stringify(text)}`);
  }
} finally {
  server.close();
  for (const path of [folder, profile]) rmSync(path, { recursive: true, force: true });
}
