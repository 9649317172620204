/** Files and modules that the tests use. */

import { closeSync, existsSync, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ModuleName } from "@hearth/core";
import type { Source } from "../src/index.js";

export const modules = (process.env.HEARTH_MODULES?.split(",") ?? ["simd128", "threads", "threads64"]) as ModuleName[];

const root = fileURLToPath(new URL("../../../..", import.meta.url));
export const testdata = process.env.HEARTH_TESTDATA ?? join(root, "../shared/testdata");
export const needs_testdata = {
  skip: existsSync(testdata) ? false : `no reference data at ${testdata}; set HEARTH_TESTDATA to it`,
};

/** The program, for comparison with native; undefined where it is not built. */
export const program = [process.env.HEARTH_PROGRAM ?? join(root, "build/hearth")].find((path) => existsSync(path));

export const stories = join(testdata, "models/stories260K/stories260K.gguf");
export const demo_model = join(root, "models/hearth-spark.gguf");

/** A file read where the engine asks, and how much it asked for. */
export function file_source(path: string): Extract<Source, { size: number }> & { close(): void; bytesRead: number } {
  const file = openSync(path, "r");
  return {
    name: basename(path),
    size: fstatSync(file).size,
    bytesRead: 0,
    read(offset: number, into: Uint8Array) {
      const count = readSync(file, into, 0, into.length, offset);
      this.bytesRead += count;
      return count;
    },
    close: () => closeSync(file),
  };
}

export function floats_of(path: string): Float32Array {
  return new Float32Array(new Uint8Array(readFileSync(path)).buffer);
}
