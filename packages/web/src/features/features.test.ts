import { choose_module, memory32_limit, wasm_features } from "@hearth/core/wasm";
import { expect, test, vi } from "vitest";
import { say_what_is_missing } from "./capabilities.js";

test("the probes are valid modules where there is what they probe for", () => {
  // Node.js 24, which runs the tests, has all of it.
  expect(wasm_features()).toEqual({ simd: true, relaxedSimd: true, threads: true, memory64: true });
});

const all = { simd: true, relaxedSimd: true, threads: true, memory64: true, sharedMemory: true };

test("the smallest module that does is chosen", () => {
  expect(choose_module(all, 1e9)).toBe("threads");
  expect(choose_module(all, memory32_limit + 1)).toBe("threads64");
  expect(choose_module({ ...all, sharedMemory: false }, 1e9)).toBe("simd128");
  expect(choose_module({ ...all, relaxedSimd: false }, 1e9)).toBe("simd128");
  expect(choose_module({ ...all, memory64: false }, 1e9)).toBe("threads");
});

test("what cannot be run is refused with what would help", () => {
  const code = (features: object, bytes: number) => {
    try {
      return choose_module({ ...all, ...features }, bytes);
    } catch (error) {
      return error as Error;
    }
  };
  expect(code({ simd: false }, 1)).toMatchObject({ code: "UNSUPPORTED_MODEL" });
  expect(code({ sharedMemory: false }, 5e9)).toMatchObject({
    code: "MODEL_TOO_LARGE",
    message: expect.stringContaining("isolated"),
  });
  expect(code({ memory64: false }, 5e9)).toMatchObject({
    code: "MODEL_TOO_LARGE",
    message: expect.stringContaining("Memory64"),
  });
  expect(code({}, 50e9)).toMatchObject({ code: "MODEL_TOO_LARGE", message: expect.stringContaining("memoryLimit") });
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
