/** A program's engine and a worker's session, joined by a channel; the engine is one that counts. */

import { expect, test, vi } from "vitest";
import type { Cancel, EngineModel, EngineResult } from "../engine.js";
import { HearthError } from "../errors.js";
import type { ChosenLogprob, ModelInfo } from "../types.js";
import { type Channel, Connection } from "./connection.js";
import { load_over } from "./load_over.js";
import type { Answer, Request } from "./protocol.js";
import { type Opened, RemoteEngine } from "./remote_engine.js";
import { Hosted, type OpenedModel, Session } from "./session.js";

const result: EngineResult = {
  finishReason: "stop",
  promptTokens: 1,
  cachedTokens: 0,
  completionTokens: 3,
  queuedMs: 0,
  prefillMs: 0,
  decodeMs: 0,
  seed: 7,
};

function logprob_of(id: number) {
  return { id, text: `${id} `, bytes: [], logprob: -1, topLogprobs: [] };
}

/** Writes 0, 1, 2, ... as fast as timers go, without end unless `maxTokens` says so. */
function counting_engine() {
  const state = { disposed: 0, running: 0, held: false };
  const engine = {
    info: { name: "counter" } as ModelInfo,
    tokenize: async (text: string) => Int32Array.from(text, (character) => character.charCodeAt(0)),
    statistics: () => Promise.reject(new HearthError("IO", "no statistics today", { place: "here" })),
    generate: (_tokens, { maxTokens = Infinity }, onEvent) => {
      state.running += 1;
      let count = 0;
      const end = (finishReason: EngineResult["finishReason"]) => {
        clearInterval(timer);
        state.running -= 1;
        onEvent("", { ...result, finishReason });
      };
      const timer = setInterval(() => {
        if (count === maxTokens) return end("stop");
        onEvent(`${count} `, undefined, { logprobs: [logprob_of(count)] });
        count += 1;
      }, 1);
      const hold = (held: boolean) => {
        state.held = held;
      };
      return Object.assign(() => end("cancelled"), { hold });
    },
    dispose: async () => {
      state.disposed += 1;
    },
  } as Partial<EngineModel> as EngineModel;
  return { engine, state };
}

/** A worker in the same thread. */
async function start(
  open: () => Promise<OpenedModel>,
  options: { timeout?: number; onIdle?: () => void } = {},
): Promise<Opened & { answers: Answer[]; session: Session }> {
  const { port1, port2 } = new MessageChannel();
  const session = new Session(port2 as never, new Hosted(open));
  port2.onmessage = ({ data }: MessageEvent<Request>) => session.receive(data);
  const answers: Answer[] = [];
  port1.addEventListener("message", ({ data }) => answers.push(data as Answer));
  port1.start();
  const connection = new Connection(port1 as Channel, options);
  const close = async () => {
    port1.close();
    await session.end();
  };
  const { info, name } = await load_over(connection, {}, { patience: 0 });
  return { connection, info, name, close, answers, session };
}

function events(engine: EngineModel, options = {}) {
  let cancel: Cancel = () => {};
  let written = "";
  const logprobs: ChosenLogprob[] = [];
  const last = new Promise<EngineResult>((resolve) => {
    cancel = engine.generate(Int32Array.of(1), options, (text, end, extras) => {
      written += text;
      logprobs.push(...(extras?.logprobs ?? []));
      if (end) resolve(end);
    });
  });
  return { cancel, last, text: () => written, logprobs };
}

test("calls and their errors cross, several at once", async () => {
  const { engine, state } = counting_engine();
  const { engine: remote } = await RemoteEngine.open(
    (onIdle) => start(async () => ({ engine, name: "n" }), { onIdle }),
    {},
  );
  const [tokens, more] = await Promise.all([remote.tokenize("ab", false, false), remote.tokenize("c", false, false)]);
  expect([[...tokens], [...more]]).toEqual([[97, 98], [99]]);
  await expect(remote.statistics()).rejects.toMatchObject({
    code: "IO",
    message: "no statistics today",
    details: { place: "here" },
  });
  await remote.dispose();
  expect(state.disposed).toBe(1);
  await expect(remote.tokenize("x", false, false)).rejects.toMatchObject({ code: "DISPOSED" });
});

test("answers come side by side, and each can be ended", async () => {
  const { engine, state } = counting_engine();
  const { engine: remote } = await RemoteEngine.open(
    (onIdle) => start(async () => ({ engine, name: "n" }), { onIdle }),
    {},
  );
  const short = events(remote, { maxTokens: 3 });
  const long = events(remote);
  expect(await short.last).toEqual(result);
  expect(short.text()).toBe("0 1 2 ");
  long.cancel();
  expect((await long.last).finishReason).toBe("cancelled");
  expect(state.running).toBe(0);
  const at_once = events(remote);
  at_once.cancel();
  expect((await at_once.last).finishReason).toBe("cancelled");
  const left = events(remote);
  await vi.waitFor(() => expect(left.text()).not.toBe(""));
  await remote.dispose();
  expect(await left.last).toMatchObject({ finishReason: "error", error: { code: "DISPOSED" } });
});

test("what a piece carries besides its text crosses, in a whole answer and in a stream", async () => {
  const { engine } = counting_engine();
  const { engine: remote } = await RemoteEngine.open(
    (onIdle) => start(async () => ({ engine, name: "n" }), { onIdle }),
    {},
  );
  for (const whole of [true, false]) {
    const answer = events(remote, { maxTokens: 3, whole });
    await answer.last;
    expect(answer.logprobs).toEqual([0, 1, 2].map(logprob_of));
  }
  await remote.dispose();
});

test("a stream is held while its reader is behind", async () => {
  const { engine, state } = counting_engine();
  const { engine: remote } = await RemoteEngine.open(
    (onIdle) => start(async () => ({ engine, name: "n" }), { onIdle }),
    {},
  );
  const held = events(remote);
  await vi.waitFor(() => expect(held.text()).not.toBe(""));
  held.cancel.hold?.(true);
  await vi.waitFor(() => expect(state.held).toBe(true));
  held.cancel.hold?.(false);
  await vi.waitFor(() => expect(state.held).toBe(false));
  await remote.dispose();
});

test("generate answers once, with the whole text", async () => {
  const { engine } = counting_engine();
  const { connection, answers, close } = await start(async () => ({ engine, name: "n" }));
  await new Promise<void>((resolve, reject) => {
    const listener = () => {
      resolve();
      return true;
    };
    connection.send({ type: "generate", tokens: Int32Array.of(1), options: { maxTokens: 3 } }, listener, reject);
  });
  expect(answers.slice(1)).toMatchObject([{ type: "generated", text: "0 1 2 ", result: { finishReason: "stop" } }]);
  await close();
});

test("what is pending fails with the connection, and everything after it", async () => {
  const { engine } = counting_engine();
  let connection: Connection | undefined;
  const { engine: remote } = await RemoteEngine.open(async (onIdle) => {
    const opened = await start(async () => ({ engine, name: "n" }), { onIdle });
    connection = opened.connection;
    return opened;
  }, {});
  const running = events(remote);
  await vi.waitFor(() => expect(running.text()).not.toBe(""));
  connection?.fail(new HearthError("INTERNAL", "the worker has crashed"));
  expect(await running.last).toMatchObject({ error: { code: "INTERNAL" } });
  await expect(remote.tokenize("x", false, false)).rejects.toMatchObject({ code: "INTERNAL" });
  await remote.dispose();
});

test("a worker that owes an answer may be silent for as long as the timeout, no longer", async () => {
  const { engine } = counting_engine();
  engine.embed = () => new Promise(() => {});
  const { connection, close } = await start(async () => ({ engine, name: "n" }), { timeout: 40 });
  await new Promise((resolve) => setTimeout(resolve, 80)); // it owes nothing
  expect(connection.failure).toBeUndefined();
  const error = await new Promise((resolve) => {
    connection.send({ type: "call", method: "embed", args: [] }, () => false, resolve);
  });
  expect(error).toMatchObject({ code: "TIMEOUT" });
  await close();
});

test("an idle worker ends, and comes back when it is needed", async () => {
  const { engine, state } = counting_engine();
  const open = vi.fn(async () => ({ engine, name: "n" }));
  const { engine: remote } = await RemoteEngine.open((onIdle) => start(open, { onIdle }), { terminateOnIdle: 30 });
  const busy = events(remote, { maxTokens: 60 });
  await busy.last;
  expect(open).toHaveBeenCalledTimes(1); // working is not idling
  await vi.waitFor(() => expect(state.disposed).toBe(1));
  await remote.tokenize("x", false, false);
  expect(open).toHaveBeenCalledTimes(2);
  await remote.dispose();
});
