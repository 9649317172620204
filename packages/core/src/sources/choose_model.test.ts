/// <reference types="node" />

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { choose_model, type Room } from "./choose_model.js";

interface Case {
  name: string;
  type?: string;
  files: [path: string, size: number | null][];
  here?: string[];
  room?: Room;
  path?: string;
  message?: string;
  error?: string;
  says?: string[];
}

const { cases } = JSON.parse(readFileSync(new URL("choose_model_cases.json", import.meta.url), "utf8")) as {
  cases: Case[];
};

test.for(cases)("$name", ({ type, files, here = [], room, path, message, error, says = [] }) => {
  const listed = files.map(([path, size]) => ({ path, size: size ?? undefined, here: here.includes(path) }));
  const choose = () => choose_model("hf:owner/model", type, listed, room);
  if (error !== undefined) {
    expect(choose).toThrowError(expect.objectContaining({ code: error }));
    for (const text of says) expect(choose).toThrowError(text);
  } else {
    const choice = choose();
    expect(choice.path).toBe(path);
    if (message !== undefined) expect(choice.message).toBe(message);
  }
});
