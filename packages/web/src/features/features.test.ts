import { check_need, choose_module, memory32_limit, open_in_module, wasm_features } from "@hearth/wasm/choice";
import { expect, test, vi } from "vitest";
import { say_what_is_missing } from "./capabilities.js";

test("the probes are valid modules where there is what they probe for", () => {
  // Node.js 24, which runs the tests, has all of it.
  expect(wasm_features()).toEqual({ simd: true, relaxedSimd: true, threads: true, memory64: true });
});

const all = { simd: true, relaxedSimd: true, threads: true, memory64: true, sharedMemory: true };

const weights = (bytes: number) => ({ weights: bytes, cache: 0, activations: 0 });

test("the smallest module that does is chosen", () => {
  expect(choose_module(all, weights(1e9))).toBe("threads");
  expect(choose_module(all, weights(memory32_limit + 1))).toBe("threads64");
  expect(choose_module({ ...all, sharedMemory: false }, weights(1e9))).toBe("simd128");
  expect(choose_module({ ...all, relaxedSimd: false }, weights(1e9))).toBe("simd128");
  expect(choose_module({ ...all, memory64: false }, weights(1e9))).toBe("threads");
});

test("keys, values and activations count as the weights do", () => {
  const almost = memory32_limit - 1e8;
  expect(choose_module(all, { weights: almost, cache: 5e7, activations: 5e7 })).toBe("threads");
  expect(choose_module(all, { weights: almost, cache: 1e8 + 1, activations: 0 })).toBe("threads64");
  expect(choose_module(all, { weights: almost, cache: 0, activations: 1e8 + 1 })).toBe("threads64");
});

test("keys and values lie in one piece, of which 32-bit addresses hold less than 2 GiB", () => {
  const need = { weights: 1e8, cache: 2 ** 31, activations: 0 };
  expect(choose_module(all, { ...need, cache: 2 ** 31 - 2 ** 16 })).toBe("threads");
  expect(choose_module(all, need)).toBe("threads64");
  expect(() => check_need("threads", need)).toThrow(/2.00 GiB of them for keys and values/);
  expect(() => check_need("threads64", need)).not.toThrow();
});

test("a model whose header asks for more than its size promised is opened in the larger module", async () => {
  const tried: string[] = [];
  const opening = (cache: number, features: object = {}) =>
    open_in_module({ ...all, ...features }, 3.7e9, async (module) => {
      tried.push(module);
      check_need(module, { weights: 3.7e9, cache, activations: 2e7 });
      return module;
    });
  expect(await opening(1e7)).toBe("threads");
  expect(await opening(2e9)).toBe("threads64");
  expect(tried).toEqual(["threads", "threads", "threads64"]);
  const details = { bytes: 5.72e9, limit: memory32_limit, weights: 3.7e9, cache: 2e9 };
  await expect(opening(2e9, { memory64: false })).rejects.toMatchObject({ code: "MODEL_TOO_LARGE", details });
  await expect(opening(20e9)).rejects.toMatchObject({ code: "MODEL_TOO_LARGE" });
  expect(tried).toEqual(["threads", "threads", "threads64", "threads", "threads"]);
});

test("what cannot be run is refused with what it needs and what would help", () => {
  const error = (features: object, bytes: number) => {
    try {
      return choose_module({ ...all, ...features }, { weights: bytes, cache: 2 ** 30, activations: 0 });
    } catch (error) {
      return error as Error;
    }
  };
  const too_large = (said: RegExp) => ({ code: "MODEL_TOO_LARGE", message: expect.stringMatching(said) });
  expect(error({ simd: false }, 1)).toMatchObject({ code: "UNSUPPORTED_MODEL" });
  expect(error({ sharedMemory: false }, 4 * 2 ** 30)).toMatchObject(
    too_large(/needs 5.00 GiB .*keys and values 1.00 GiB.* at most 3.75 GiB, .*shared memory.*contextSize/),
  );
  expect(error({ memory64: false }, 4 * 2 ** 30)).toMatchObject(too_large(/Memory64/));
  expect(error({}, 50e9)).toMatchObject(too_large(/at most 15.75 GiB: .*memoryLimit/));
});

test("what makes models slower is said once, with what would help", () => {
  const said = vi.spyOn(console, "info").mockImplementation(() => {});
  say_what_is_missing(); // Node.js has no cross-origin isolation, and everything else
  say_what_is_missing();
  expect(said.mock.calls).toEqual([
    [expect.stringMatching(/^Hearth:\none thread .* without cross-origin isolation: serve .*require-corp$/)],
  ]);
  said.mockRestore();
});
