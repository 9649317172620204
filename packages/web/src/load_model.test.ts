import { expect, test } from "vitest";
import { type LoadOptions, loadModel } from "./load_model.js";

const refused = (options: object, why: RegExp) =>
  expect(loadModel("https://example.org/m.gguf", options as LoadOptions)).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
    message: expect.stringMatching(why),
  });

test("options that make no sense are refused by their names, before anything is loaded", async () => {
  await refused({ contextSize: NaN }, /contextSize .*not NaN/);
  await refused({ threads: -1 }, /threads .*not -1/);
  await refused({ memoryLimit: "1GB" }, /memoryLimit .*not '1GB'/);
  await refused({ useworker: false }, /'useworker'.*nearest is 'useWorker'/);
  await refused({ workerOptions: { timeOut: 5 } }, /'timeOut'.*nearest is 'timeout'/);
  await refused({ workerOptions: { timeout: -5 } }, /timeout .*not -5/);
  await refused({ integrity: "abc" }, /integrity .*64 hex digits.*'abc'/);
});
