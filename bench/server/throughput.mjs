// Tokens a second of clients that stream from `hearth serve` at the same time: over those of the engine with the same
// batch, without a server (hearth_sequences batch), and over those of a small HTTP server around node-llama-cpp
// (peer.mjs). In turns, on the wall. Needs a build with -DHEARTH_BENCHMARKS=ON, and for the peer `npm install
// --ignore-scripts` in bench/peers.
//
//   node bench/server/throughput.mjs MODEL [--build build] [--clients 1,8,32] [--rounds 3] [--tokens 24] [--no-peer]
import { execFileSync, spawn } from "node:child_process";
import { request } from "node:http";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const here = dirname(fileURLToPath(import.meta.url));
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    build: { type: "string", default: "build" },
    clients: { type: "string", default: "1,8,32" },
    rounds: { type: "string", default: "3" },
    tokens: { type: "string", default: "24" },
    "no-peer": { type: "boolean", default: false },
  },
});
const [model] = positionals;
const tokens = Number(options.tokens);

/** A server in a process of its own, whose first line is its address. */
async function serve(command, ...args) {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface(child.stdout)) return { address: line.trim(), end: () => child.kill() };
  throw new Error(`${command} ended`);
}

/** One client's answer; calls `onToken` as each comes. */
function answer(address, body, onToken) {
  return new Promise((resolve, reject) => {
    const asked = request(address, { method: "POST", agent: false }, (response) => {
      response.setEncoding("utf8");
      let rest = "";
      response.on("data", (text) => {
        const events = (rest + text).split("\n\n");
        rest = events.pop();
        for (const event of events) {
          const { text: written, result } = JSON.parse(event.slice("data: ".length));
          if (written !== undefined && !result?.error) onToken();
          if (result?.error) reject(new Error(result.error.message));
        }
      });
      response.on("end", resolve);
    });
    asked.on("error", reject);
    asked.end(JSON.stringify(body));
  });
}

const prompt = (index) => Array.from({ length: 16 }, (_, i) => 3 + ((i * 37 + index * 11) % 250));

/** Tokens a second from the first tokens of all clients to the last ones. */
async function throughput({ address }, clients) {
  let begun = 0;
  let begin = 0;
  let counted = 0;
  const one = async (index) => {
    let count = 0;
    const generating = { maxTokens: tokens, temperature: 0, ignoreEnd: true };
    const body = { tokens: prompt(index), options: generating };
    await answer(`${address}/v1/hearth/generate`, body, () => {
      count += 1;
      if (begin) counted += 1;
      if (count === 1 && ++begun === clients) begin = performance.now();
    });
  };
  await Promise.all(Array.from({ length: clients }, (_, index) => one(index)));
  return (counted / (performance.now() - begin)) * 1e3;
}

function alone(sequences) {
  const told = execFileSync(join(options.build, "hearth_sequences"), ["batch", model, String(sequences)]);
  return JSON.parse(told).tokensPerSecond.wall;
}

const shown = (ratios) => {
  const sorted = [...ratios].sort((a, b) => a - b);
  return `${sorted[Math.floor(sorted.length / 2)].toFixed(2)} (${sorted[0].toFixed(2)}-${sorted.at(-1).toFixed(2)})`;
};

for (const clients of options.clients.split(",").map(Number)) {
  const over_engine = [];
  const over_peer = [];
  for (let round = 0; round < Number(options.rounds); ++round) {
    const ours = await serve(join(options.build, "hearth"), "serve", model, "--port", "0");
    await throughput(ours, clients);
    const served = await throughput(ours, clients);
    ours.end();
    over_engine.push(served / alone(clients));
    if (options["no-peer"]) continue;
    const peer = await serve(process.execPath, join(here, "peer.mjs"), model, String(clients));
    await throughput(peer, clients);
    over_peer.push(served / (await throughput(peer, clients)));
    peer.end();
  }
  console.log(`${clients} clients: ${shown(over_engine)} of the engine's tokens a second without a server`);
  if (over_peer.length > 0) console.log(`${clients} clients: ${shown(over_peer)} times node-llama-cpp's behind HTTP`);
}
