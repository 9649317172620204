/** The engine's side, with the worker's in the same thread: what is asked for is there after a turn of the event loop. */

import { expect, test } from "vitest";
import type { ByteReader } from "./byte_reader.js";
import { ReadAhead, serve_requests } from "./read_ahead.js";

const bytes = Uint8Array.from({ length: 1000 }, (_, index) => index % 251);

/** In pieces, as readers may. */
function reader(): ByteReader & { asked: number[] } {
  const asked: number[] = [];
  return {
    name: "x",
    size: bytes.length,
    asked,
    read: (offset, into) => {
      asked.push(offset);
      const found = bytes.subarray(offset, offset + Math.min(into.length, 64));
      into.set(found);
      return found.length;
    },
    close: () => {},
  };
}

async function open() {
  const { port1, port2 } = new MessageChannel();
  const [here, there] = [reader(), reader()];
  serve_requests(port2, async () => there);
  const ahead = await ReadAhead.open(port1, [{ name: "x", blob: new Blob([bytes]) }]);
  if (!ahead) throw new Error("the parts cannot be had");
  const { read, readAhead } = ahead.source(here, 0);
  const close = () => port1.close();
  return { here, there, read, readAhead, close };
}

const view = (address: number, size: number) => new Uint8Array(new SharedArrayBuffer(1000), address, size);
const turn = () => new Promise((resolve) => setTimeout(resolve, 10));

test("what was asked for ahead is not read again", async () => {
  const { here, there, read, readAhead, close } = await open();
  const into = view(100, 300);
  readAhead(500, into);
  await turn();
  expect(there.asked.length).toBeGreaterThan(1);
  expect(read(500, into)).toBe(300);
  expect(into).toEqual(bytes.subarray(500, 800));
  expect(here.asked).toEqual([]);
  expect(read(0, into)).toBe(64); // asked for once
  expect(here.asked).toEqual([0]);
  close();
});

test("what could not be read ahead, and all that follows, the engine's thread reads", async () => {
  const { here, read, readAhead, close } = await open();
  const [beyond, within] = [view(0, 100), view(200, 100)];
  readAhead(950, beyond);
  readAhead(0, within);
  await turn();
  expect(read(950, beyond)).toBe(50);
  expect(read(0, within)).toBe(64);
  expect(here.asked).toEqual([950, 0]);
  close();
});
