import { expect, test } from "vitest";
import { event_data } from "./event_stream.js";

async function* cut(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  for (let begin = 0; begin < bytes.length; begin += size) yield bytes.subarray(begin, begin + size);
}

async function read(text: string, size = 1 << 20): Promise<string[]> {
  const events: string[] = [];
  for await (const data of event_data(cut(text, size))) events.push(data);
  return events;
}

test("events are whole wherever their bytes are cut, and no character is split", async () => {
  const text = 'data: {"text":"süß 東京 🙂"}\n\ndata: two\r\n\r\ndata: three\n\n';
  for (let size = 1; size < 20; ++size) {
    expect(await read(text, size), `cut every ${size} bytes`).toEqual(['{"text":"süß 東京 🙂"}', "two", "three"]);
  }
});

test("lines of data are joined, and what else a server may send is passed over", async () => {
  const text =
    "\ufeff: hello\n\nevent: piece\nid: 5\ndata: one\ndata:two\ndata:  three\nretry: 9\n\ndatabase: no\n\ndata\n\n";
  expect(await read(text)).toEqual(["one\ntwo\n three", ""]);
  expect(await read(text, 1)).toEqual(["one\ntwo\n three", ""]);
});

test("an event that the end cuts off is none", async () => {
  expect(await read("data: whole\n\ndata: cut off")).toEqual(["whole"]);
  expect(await read("data: whole\n\ndata: cut off\n")).toEqual(["whole"]);
  expect(await read("")).toEqual([]);
  expect(await read("data: one\r\rdata: two\r\r")).toEqual(["one", "two"]);
});

test("a line without an end is refused before it fills the memory", async () => {
  async function* endless() {
    for (;;) yield new Uint8Array(1 << 22).fill(0x61);
  }
  await expect(event_data(endless()).next()).rejects.toMatchObject({ code: "SERVER" });
});
