// Measures what a visitor of a page notices, with the model in the browser's cache from an earlier visit: the time from
// a click to the first token of a short prompt, the most memory that the page's process takes and how much of that the
// page took before the click, how long the longest task of its main thread takes, and how long the busiest computes (the
// rest of a task is waiting for a processor). Every visit is a fresh browser with the profile of the one before.
//
//   node bench/browser/visits.mjs [--models FOLDER] [--shape tinyllama-1.1b] [--types Q8_0,Q4_0,Q4_K_M]
//     [--engines hearth,wllama] [--threads 2] [--rounds 5] [--tokens 16]
import { rmSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { new_profile, spread, visit } from "./browser.mjs";
import { serve } from "./server.mjs";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const { values: options } = parseArgs({
  options: {
    models: { type: "string", default: join(repository, "build/bench-models") },
    shape: { type: "string", default: "tinyllama-1.1b" },
    types: { type: "string", default: "Q8_0,Q4_0,Q4_K_M" },
    engines: { type: "string", default: "hearth,wllama" },
    threads: { type: "string", default: "2" },
    rounds: { type: "string", default: "5" },
    tokens: { type: "string", default: "16" },
  },
});
const list = (text) => text.split(",").filter(Boolean);

const { url, server } = await serve({ repository, models: resolve(options.models) });
const engines = list(options.engines);
const profiles = Object.fromEntries(engines.map((engine) => [engine, new_profile()]));
try {
  for (const type of list(options.types)) {
    const file = `${options.shape}-${type}.gguf`;
    const size = statSync(join(options.models, file)).size;
    const address = (engine) =>
      `${url}/repository/bench/browser/visit.html?${new URLSearchParams({
        engine,
        url: `${url}/models/${file}`,
        threads: options.threads,
        tokens: options.tokens,
      })}`;
    const visits = Object.fromEntries(engines.map((engine) => [engine, []]));
    for (let round = 0; round <= Number(options.rounds); ++round) {
      for (const engine of engines) {
        const found = await visit(profiles[engine], address(engine));
        if (round > 0) visits[engine].push(found); // the first fills the cache
      }
    }
    for (const engine of engines) report(type, size, engine, visits[engine]);
  }
} finally {
  server.close();
  for (const profile of Object.values(profiles)) rmSync(profile, { recursive: true, force: true });
}

function report(type, size, engine, visits) {
  const of = (name, scale, digits) =>
    spread(
      visits.map((visit) => visit[name] / scale),
      digits,
    );
  console.log(
    `${options.shape} ${type}, ${engine}: click to first token ${of("first_token_ms", 1, 0)} ms; peak of the renderer ` +
      `${of("peak_bytes", size, 2)} times the file, before the click ${of("empty_bytes", size, 2)}; longest task ` +
      `${of("longest_task_ms", 1, 0)} ms, busiest ${of("busiest_task_ms", 1, 0)} ms`,
  );
}
