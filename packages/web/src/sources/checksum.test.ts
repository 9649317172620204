/// <reference types="node" />

import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { checked, type Span } from "./checksum.js";

const bytes = Uint8Array.from({ length: 1000 }, (_, index) => index * 7);
const sha256 = (from: number, to: number) => createHash("sha256").update(bytes.subarray(from, to)).digest("hex");

async function pass(spans: Span[], have = 0): Promise<number> {
  async function* rest() {
    for (let at = have; at < bytes.length; at += 300) yield bytes.slice(at, at + 300);
  }
  let size = have;
  for await (const chunk of checked(rest(), spans, have, async () => new Blob([bytes]))) size += chunk.length;
  return size;
}

const chunks = [
  { url: "a", size: 400, sha256: sha256(0, 400) },
  { url: "b", size: 100 },
  { url: "c", size: 500, sha256: sha256(500, 1000) },
];

test("a whole file, and one of chunks, from the beginning and from where it was interrupted", async () => {
  for (const have of [0, 10, 400, 450, 700, 1000]) {
    expect(await pass([{ url: "x", size: 1000, sha256: sha256(0, 1000) }], have)).toBe(1000);
    expect(await pass([{ url: "x", size: Infinity, sha256: sha256(0, 1000).toUpperCase() }], have)).toBe(1000);
    expect(await pass(chunks, have)).toBe(1000);
    expect(await pass([{ url: "x", size: 1000 }], have)).toBe(1000);
  }
});

test("bytes that differ are found, also among those that were there before", async () => {
  const wrong = { url: "x", size: 1000, sha256: "0".repeat(64) };
  for (const have of [0, 700, 1000]) await expect(pass([wrong], have)).rejects.toMatchObject({ code: "INTEGRITY" });
  await expect(pass([...chunks.slice(0, 2), { url: "c", size: 500, sha256: sha256(0, 1) }], 600)).rejects.toMatchObject(
    {
      code: "INTEGRITY",
    },
  );
});
