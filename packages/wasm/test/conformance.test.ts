/** What the modules compute: text and logits of the reference models, as llama.cpp and the native engine have them. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { ModuleName } from "@hearth/core";
import { WasmEngine } from "../src/index.js";
import { file_source, floats_of, modules, needs_testdata, program, stories, testdata } from "./modules.js";

async function load(module: ModuleName, path: string) {
  const source = file_source(path);
  const engine = await WasmEngine.load(module, [source], { threads: 2, kvType: "f32" });
  source.close();
  return engine;
}

function answer(engine: WasmEngine, tokens: Int32Array, maxTokens: number): string {
  const generation = engine.generate(tokens, { temperature: 0, maxTokens });
  let text = "";
  for (let busy = true; busy; ) {
    busy = engine.step();
    for (let event = engine.next(generation); event; event = engine.next(generation)) text += event.text;
  }
  engine.end(generation);
  return text;
}

// Not deepEqual, which writes out how two arrays differ: hours and gigabytes for those of logits.
function largest_difference(a: Float32Array, b: Float32Array): number {
  assert.equal(a.length, b.length);
  return a.reduce((most, value, index) => Math.max(most, Math.abs(value - (b[index] ?? NaN))), 0);
}

const folder = mkdtempSync(join(tmpdir(), "hearth-wasm-"));

function native_logits(path: string, tokens: number[], first = 0): Float32Array {
  const out = join(folder, "logits.f32");
  const place = ["--tokens", tokens.join(), "--first", `${first}`, "--out", out];
  execFileSync(program ?? "hearth", ["logits", path, ...place, "--kv-type", "f32"]);
  return floats_of(out);
}

// simd128 rounds twice where the others round once. Where that changes a last bit, a quantised activation may round to
// the neighbouring number, and the logits move with it: by up to 0.1 here. Else they agree to 1e-5.
const one_rounding = 0.1;

const references = [
  "models/stories260K/stories260K-f32",
  "reference/llama-gqa",
  "reference/llama3-ropefactors",
  "reference/qwen2-bias",
  "reference/gemma2-softcap-swa8",
  "reference/phi2-partial-rotary",
  "reference/phi3-fused",
  "reference/llama-256-Q8_0",
  "reference/llama-256-Q4_0",
  "reference/llama-256-Q2_K",
  "reference/llama-256-Q4_K_M",
  "reference/llama-256-Q6_K",
];

for (const module of modules) {
  test(`${module}: the greedy story is the reference's, byte for byte`, needs_testdata, async () => {
    const engine = await load(module, stories);
    const tokens = engine.call("tokenize", "", true, false) as Int32Array;
    const expected = readFileSync(join(testdata, "models/stories260K/expected_greedy_200.txt"), "utf8");
    assert.equal(answer(engine, tokens, 200), expected);
    engine.unload();
  });

  test(
    `${module}: one thread and two, whole prompts and single tokens give the same bits`,
    needs_testdata,
    async () => {
      const path = join(testdata, "reference/gguf/llama-256-Q4_K_M.gguf");
      const two = await load(module, path);
      const tokens = Int32Array.from({ length: 70 }, (_, index) => 3 + ((index * 37) % 250));
      const whole = two.logits(tokens, 0);
      const source = file_source(path);
      const one = await WasmEngine.load(module, [source], { threads: 1, kvType: "f32", maxBatchRows: 1 });
      assert.equal(largest_difference(one.logits(tokens, 0), whole), 0);
      source.close();
      one.unload();
      two.unload();
    },
  );

  test(`${module}: whatever the machine has for dot products, the same bits`, needs_testdata, async () => {
    if (module === "simd128") return;
    const tokens = Int32Array.from({ length: 70 }, (_, index) => 3 + ((index * 37) % 250));
    const logits_with = async (instructionSet: string | undefined, type: string, count: number) => {
      const source = file_source(join(testdata, `reference/gguf/llama-256-${type}.gguf`));
      const engine = await WasmEngine.load(module, [source], { instructionSet });
      const logits = engine.logits(tokens.subarray(0, count), 0);
      source.close();
      engine.unload();
      return logits;
    };
    for (const type of ["Q8_0", "Q4_0", "Q2_K", "Q4_K_M", "Q6_K"]) {
      for (const count of [1, tokens.length]) {
        const best = await logits_with(undefined, type, count);
        const by_pairs = await logits_with("wasm_relaxed_pairs", type, count);
        assert.equal(largest_difference(best, by_pairs), 0, `${type}, ${count} tokens`);
      }
    }
  });

  for (const name of references) {
    test(`${module}: logits of ${name}`, needs_testdata, async () => {
      const reference = JSON.parse(readFileSync(join(testdata, `${name}.json`), "utf8"));
      const path = name.startsWith("reference/") ? join(testdata, `${name.replace("/", "/gguf/")}.gguf`) : stories;
      const engine = await load(module, path);
      const expected = floats_of(join(testdata, `${name}.logits.f32`));
      const is_float = !name.includes("-256-");
      for (const { prompt_ids, greedy_ids, logits_rows, logits_offset_floats } of reference.cases) {
        const tokens: number[] = [...prompt_ids, ...greedy_ids.slice(0, logits_rows - prompt_ids.length)];
        const logits = engine.logits(Int32Array.from(tokens), 0);
        const wanted = expected.slice(logits_offset_floats, logits_offset_floats + logits.length);
        const off = largest_difference(logits, wanted);
        assert.ok(off < (is_float ? 1e-3 : 0.5), `off by ${off} from llama.cpp`);
        if (program === undefined) continue;
        const from_native = largest_difference(logits, native_logits(path, tokens));
        const most = module === "simd128" && !is_float ? one_rounding : 1e-3;
        assert.ok(from_native < most, `off by ${from_native} from native`);
      }
      engine.unload();
    });
  }
}

/** Every decoder that `hearth make-model` has a tiny shape of. */
function tiny_decoders(hearth: string): string[] {
  const shapes = JSON.parse(execFileSync(hearth, ["make-model", "--list", "--json"], { encoding: "utf8" })) as {
    name: string;
    encoder: boolean;
    ranks: boolean;
  }[];
  return shapes
    .filter(({ name, encoder, ranks }) => name.startsWith("tiny-") && !encoder && !ranks)
    .map(({ name }) => name);
}

// Both sum alike but for the width of their registers; where GELU rounds to halves, a value may fall to the other side,
// 2^-11 of it away.
const relative_limit = 2e-3;

test("every family's logits are the native engine's", {
  skip: program === undefined && "no build/hearth",
}, async () => {
  const tokens = Int32Array.from({ length: 48 }, (_, index) => (index === 0 ? 1 : 3 + ((index * 37) % 500)));
  const module = modules.at(-1) as ModuleName;
  for (const shape of tiny_decoders(program as string)) {
    const path = join(folder, `${shape}.gguf`);
    execFileSync(program as string, ["make-model", shape, path, "--type", "F32"]);
    const source = file_source(path); // which some read from while they run
    const engine = await WasmEngine.load(module, [source], { threads: 2, kvType: "f32" });
    const first = shape.startsWith("tiny-t5") ? 16 : 0; // what their encoder reads has none
    const logits = engine.logits(tokens, first);
    engine.unload();
    source.close();
    const wanted = native_logits(path, [...tokens], first);
    rmSync(path);
    const largest = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const off = largest_difference(logits, wanted) / largest;
    assert.ok(off < relative_limit, `${shape}: off by ${off} of the largest logit`);
  }
});
