// How long it takes from starting a process to the first token that answers a prompt of 128, the file being in the
// system's cache: Hearth's program against node-llama-cpp in Node.js, in turns. The processes end with that token. Needs a
// build and `npm install --ignore-scripts` in this folder.
//
//   node bench/peers/first_token.mjs MODEL... [--build build] [--prompt 128] [--threads 2] [--rounds 5] [--under COMMAND]
import { execFileSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const here = dirname(fileURLToPath(import.meta.url));
const { values: options, positionals: models } = parseArgs({
  allowPositionals: true,
  options: {
    build: { type: "string", default: "build" },
    prompt: { type: "string", default: "128" },
    threads: { type: "string", default: "2" },
    rounds: { type: "string", default: "5" },
    under: { type: "string", default: "" },
  },
});
const hearth = join(options.build, "hearth");

/// Words that are as many tokens as asked for, beginning token included.
function prompt_for(model) {
  const count = (text) =>
    JSON.parse(execFileSync(hearth, ["tokenize", model, "-", "--json"], { input: text })).tokens.length;
  let text = "The";
  while (count(`${text} and`) <= Number(options.prompt)) text += " and";
  return text;
}

function seconds(command, args) {
  const [program, ...all] = [...options.under.split(" ").filter(Boolean), command, ...args];
  const begin = performance.now();
  execFileSync(program, all, { stdio: ["ignore", "ignore", "inherit"] });
  return (performance.now() - begin) / 1000;
}

const show = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const [least, middle, most] = [sorted[0], sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
  return `${middle.toPrecision(2)} (${least.toPrecision(2)}-${most.toPrecision(2)})`;
};

for (const model of models) {
  const prompt = prompt_for(model);
  const rounds = Array.from({ length: Number(options.rounds) }, () => ({
    hearth: seconds(hearth, ["run", model, prompt, "--raw", "-n", "1", "--temperature", "0", "-t", options.threads]),
    peer: seconds("node", [join(here, "first_token_peer.mjs"), model, prompt, options.threads]),
  }));
  console.log(
    `${model}: ${show(rounds.map((round) => round.hearth))} s, ` +
      `${show(rounds.map((round) => round.hearth / round.peer))} times node-llama-cpp's`,
  );
}
