// Eight answers written together: Hearth's tokens a second over node-llama-cpp's, in turns, of processor seconds and on
// the wall. Needs a build with -DHEARTH_BENCHMARKS=ON and `npm install --ignore-scripts` in this folder.
//
//   node bench/peers/batch.mjs MODEL... [--build build] [--rounds 3] [--under COMMAND]
//
// --under puts a command before each measured one: "chrt -r 1" on a machine that is shared.
import { execFileSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const here = dirname(fileURLToPath(import.meta.url));
const { values: options, positionals: models } = parseArgs({
  allowPositionals: true,
  options: {
    build: { type: "string", default: "build" },
    rounds: { type: "string", default: "3" },
    under: { type: "string", default: "" },
  },
});

const told = (...command) => {
  const [program, ...args] = [...options.under.split(" ").filter(Boolean), ...command];
  return JSON.parse(execFileSync(program, args, { stdio: ["ignore", "pipe", "inherit"] }));
};

for (const model of models) {
  const rounds = Array.from({ length: Number(options.rounds) }, () => {
    const ours = told(join(options.build, "hearth_sequences"), "batch", model).tokensPerSecond;
    const peer = told(process.execPath, join(here, "batch_peer.mjs"), model, "8", "24", "2");
    return { processor: ours.processor / peer.processor, wall: ours.wall / peer.wall };
  });
  for (const kind of ["processor", "wall"]) {
    const ratios = rounds.map((round) => round[kind]).sort((a, b) => a - b);
    const [least, middle, most] = [ratios[0], ratios[Math.floor(ratios.length / 2)], ratios.at(-1)];
    const shown = `${middle.toFixed(2)} (${least.toFixed(2)}-${most.toFixed(2)})`;
    console.log(`${model}, ${kind}: ${shown} times node-llama-cpp's tokens a second`);
  }
}
