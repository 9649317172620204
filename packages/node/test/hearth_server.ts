/** The program `hearth serve` with models of a test, on a port that is free. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

export class HearthServer {
  readonly endpoint: string;
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess, endpoint: string) {
    this.#process = process;
    this.endpoint = endpoint;
  }

  /** `program` is build/hearth; on a port that is free, unless the arguments name a socket. */
  static async start(program: string, ...args: string[]): Promise<HearthServer> {
    const port = args.includes("--socket") ? [] : ["--port", "0"];
    const server = spawn(program, ["serve", ...port, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    let log = "";
    server.stderr.on("data", (piece) => {
      log = (log + piece).slice(-4096);
    });
    let said = "";
    for await (const piece of server.stdout) {
      said += piece;
      const [endpoint] = /(https?:\/\/|unix:)\S+/.exec(said) ?? [];
      if (endpoint !== undefined && said.endsWith("\n")) return new HearthServer(server, endpoint);
    }
    throw new Error(`${program} serve has ended before it was ready: ${log}`);
  }

  async stop(): Promise<void> {
    const ended = once(this.#process, "exit");
    this.#process.kill("SIGTERM");
    await ended;
  }
}
