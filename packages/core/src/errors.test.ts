import { expect, test, vi } from "vitest";
import { HearthError } from "./errors.js";

test("errors of another copy of the package are HearthErrors, with their code", async () => {
  vi.resetModules();
  const other = (await import("./errors.js")).HearthError;
  expect(other).not.toBe(HearthError);
  const error = new other("NOT_FOUND", "gone");
  expect(error).toBeInstanceOf(HearthError);
  expect(HearthError.from(error)).toBe(error);
  expect(new Error("gone")).not.toBeInstanceOf(HearthError);
});
