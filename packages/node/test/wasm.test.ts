/** Without a native addon: the engine as WebAssembly, in a worker. The same cases, and the same answers. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { generateText, loadModel } from "@hearth/node";
import { choose_module, wasm_features } from "@hearth/wasm/choice";

const path = fileURLToPath(new URL("../../../../models/hearth-spark.gguf", import.meta.url));
const name = choose_module({ ...wasm_features(), sharedMemory: true }, { weights: 0, cache: 0, activations: 0 });
const built = existsSync(new URL(`../../../wasm/modules/hearth-${name}.wasm`, import.meta.url));
const options = { skip: built ? false : `there is no WebAssembly module '${name}': run tools/build_wasm.sh` };
const env: NodeJS.ProcessEnv = { ...process.env, HEARTH_ADDON: "/no/such/hearth.node" };

/** What a program prints that runs without the addon. */
function without_addon(body: string): string {
  const program = `
    const { generateText, loadModel, streamText } = await import(${JSON.stringify(new URL("../src/index.js", import.meta.url).href)});
    const path = ${JSON.stringify(path)};
    ${body}`;
  return execFileSync(process.execPath, ["--input-type=module", "--eval", program], { env, encoding: "utf8" });
}

test("every case passes without the addon", options, () => {
  const cases = fileURLToPath(new URL("conformance.test.js", import.meta.url));
  const { NODE_TEST_CONTEXT: _, ...outside } = env; // the runner's own, which would swallow the output
  execFileSync(process.execPath, ["--test", cases], { env: outside, stdio: "pipe" });
});

test("the answers are those of the addon", options, async () => {
  const ask = { prompt: "What is 37 plus 48?", temperature: 0, maxTokens: 60 };
  const model = await loadModel(path, { threads: 1 });
  const { text } = await generateText({ model, ...ask });
  await model.dispose();
  const output = without_addon(`
    const model = await loadModel(path, { threads: 2 });
    const { text } = await generateText({ model, ...${JSON.stringify(ask)} });
    console.log(JSON.stringify({ text, device: model.info.device }));
    await model.dispose();`);
  const found = JSON.parse(output) as { text: string; device: string };
  assert.equal(found.text, text);
  assert.match(found.device, /wasm|simd/i);
});

test("a memoryLimit has layers read again, and changes nothing in the answers", options, () => {
  const output = without_addon(`
    const answers = [];
    for (const memoryLimit of [undefined, 2e6]) {
      const model = await loadModel(path, { memoryLimit });
      const { text } = await generateText({ model, prompt: "What is 37 plus 48?", temperature: 0 });
      answers.push({ text, ...(await model.statistics()) });
      await model.dispose();
    }
    console.log(JSON.stringify(answers));`);
  const [whole, part] = JSON.parse(output) as { text: string; layersResident: number; bytesRead: number }[];
  assert.ok(whole && part);
  assert.equal(part.text, whole.text);
  assert.ok(part.layersResident < whole.layersResident);
  assert.ok(part.bytesRead > whole.bytesRead);
});

test("a program ends by itself, also one that forgets to dispose or to read on", options, () => {
  without_addon("await loadModel(path);");
  without_addon(`
    const stream = streamText({ model: await loadModel(path), prompt: "Hello", maxTokens: -1, ignoreEnd: true });
    await stream.textStream.getReader().read();`);
});

test("with fallback: false it says what is missing", () => {
  const output = without_addon("await loadModel(path, { fallback: false }).catch(({ code }) => console.log(code));");
  assert.equal(output.trim(), "NOT_FOUND");
});
