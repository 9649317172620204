// `hearth serve` for the tests of a file: the program that HEARTH names, by default build/hearth.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = new URL("../../", import.meta.url);
export const program = process.env.HEARTH ?? fileURLToPath(new URL("build/hearth", root));

export const modelFile = fileURLToPath(new URL("models/hearth-spark.gguf", root));

/** A server of the bundled model on a free port: its address, and what ends it. */
export async function serve(...more) {
  const server = spawn(program, ["serve", modelFile, ...more, "--port", "0"], { stdio: ["ignore", "pipe", "inherit"] });
  const [address] = await once(createInterface(server.stdout), "line");
  const end = async () => {
    server.kill();
    await once(server, "exit");
  };
  return { address, end };
}

export const model = "hearth-spark";

/** The parameters of the tool that the tests offer. */
export const weatherParameters = {
  type: "object",
  properties: { city: { type: "string" } },
  required: ["city"],
};
