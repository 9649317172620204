import { expect, test } from "vitest";
import { part_sources, source_name } from "./source.js";

const base = "https://example.org/app/";
const urls = (source: Parameters<typeof part_sources>[0]) =>
  part_sources(source, base).map((part) => ("url" in part ? part.url : part));

test("addresses, relative to the page", () => {
  expect(urls("models/m.gguf")).toEqual(["https://example.org/app/models/m.gguf"]);
  expect(urls(new URL("https://host/m.gguf"))).toEqual(["https://host/m.gguf"]);
  expect(urls("hf:owner/repo/m.gguf")).toEqual(["https://huggingface.co/owner/repo/resolve/main/m.gguf"]);
});

test("names of repositories, which the worker looks up, and another endpoint", () => {
  expect(urls("hf:owner/repo:Q4_K_M")).toEqual(["hf:owner/repo:Q4_K_M"]);
  const [part] = part_sources("hf:owner/repo@v1/m.gguf", base, "https://mirror/");
  expect(part).toEqual({ url: "https://mirror/owner/repo/resolve/v1/m.gguf" });
});

test("a split model's parts, from the name of the first or as a list", () => {
  const parts = ["https://h/m-00001-of-00002.gguf", "https://h/m-00002-of-00002.gguf"];
  expect(urls(parts[0] as string)).toEqual(parts);
  expect(urls(parts)).toEqual(parts);
});

test("bytes become blobs, also from shared memory", async () => {
  const shared = new Uint8Array(new SharedArrayBuffer(3));
  shared.set([1, 2, 3]);
  for (const source of [
    new Blob([new Uint8Array([1, 2, 3])]),
    Uint8Array.of(1, 2, 3),
    Uint8Array.of(1, 2, 3).buffer,
    shared,
  ]) {
    const [part] = part_sources(source, base);
    if (!part || !("blob" in part)) throw new Error("no blob");
    expect([...new Uint8Array(await part.blob.arrayBuffer())]).toEqual([1, 2, 3]);
  }
});

test("what is no source", () => {
  for (const source of [[], 5, "ftp://host/m.gguf", "hf:owner", "http://[", null]) {
    expect(() => part_sources(source as never, base)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  }
});

test("names", () => {
  expect(source_name({ url: "https://h/a/my%20model.gguf?x=1" })).toBe("my model.gguf");
  expect(source_name({ url: "https://h/" })).toBe("model");
  expect(source_name({ url: "https://h/100%.gguf" })).toBe("100%.gguf");
  expect(source_name({ name: "f.gguf", blob: new Blob() })).toBe("f.gguf");
});
