/** The stores, on a real model. What pages see of them is in tests/browser. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { type HearthError, loadModel, type Model } from "@hearth/node";
import { ChatStore, CompletionStore, loading_of, ModelStore } from "@hearth/stores";

const path = fileURLToPath(new URL("../../../../models/hearth-spark.gguf", import.meta.url));
/** Options of an answer that ends only when it is made to. */
const endless = { temperature: 0, ignoreEnd: true, keepTokens: 0 };

let model: Model;

before(async () => {
  model = await loadModel(path, { threads: 1 });
});
after(() => model.dispose());

const task = () => new Promise((resolve) => setTimeout(resolve));

test("a model is loaded for the first who wants it, and given back after the last, but not between", async () => {
  const unloaded: Model[] = [];
  const options = { threads: 1, unload: (model: Model) => void unloaded.push(model) };
  const store = new ModelStore(loading_of(path, () => options, loadModel));
  const seen: string[] = [];
  store.subscribe(() => seen.push(store.getSnapshot().status));
  const [first, second] = [store.retain(), store.retain()];
  while (store.getSnapshot().status === "loading") await task();
  assert.deepEqual([...new Set(seen)], ["loading", "ready"]);
  assert.equal(store.getSnapshot().progress?.stage, "ready");
  first();
  first();
  await task();
  assert.equal(store.getSnapshot().status, "ready", "the other still wants it");
  second();
  const again = store.retain();
  await task();
  assert.equal(store.getSnapshot().status, "ready", "somebody came back at once");
  const loaded = store.getSnapshot().model;
  again();
  await task();
  assert.equal(store.getSnapshot().status, "idle");
  assert.deepEqual(unloaded, [loaded]);
  await loaded?.dispose();
});

test("a model that comes after nobody wants it any more is given back", async () => {
  let finish = (_: Model) => {};
  const unloaded: Model[] = [];
  const load = () => new Promise<Model>((resolve) => (finish = resolve));
  const options = { unload: (model: Model) => void unloaded.push(model) };
  const store = new ModelStore(loading_of(path, () => options, load));
  store.retain()();
  await task();
  finish(model);
  await task();
  assert.deepEqual([store.getSnapshot().status, unloaded], ["idle", [model]]);
});

test("what is said before the model is there waits, and can be taken back", async () => {
  const chat = new ChatStore({ temperature: 0 });
  const first = chat.sendMessage("What is 2+2?");
  await task();
  assert.equal(chat.getSnapshot().status, "submitted");
  chat.stop();
  await first;
  assert.equal(chat.getSnapshot().status, "ready");
  const second = chat.regenerate();
  chat.configure({ model, temperature: 0 });
  await second;
  assert.deepEqual(
    chat.getSnapshot().messages.map(({ content }) => content),
    ["What is 2+2?", "2 + 2 = 4."],
  );
});

test("a snapshot never changes, and is the same until something does", async () => {
  const chat = new ChatStore({ model, temperature: 0 });
  const snapshots = new Map<object, string>();
  chat.subscribe(() => {
    assert.equal(chat.getSnapshot(), chat.getSnapshot());
    snapshots.set(chat.getSnapshot(), JSON.stringify(chat.getSnapshot()));
  });
  await chat.sendMessage("What is Hearth?");
  assert.ok(snapshots.size > 3);
  for (const [snapshot, text] of snapshots) assert.equal(JSON.stringify(snapshot), text);
});

test("the chat remembers: the next question comes with what was said", async () => {
  const results: number[] = [];
  const chat = new ChatStore({ model, temperature: 0, onFinish: ({ usage }) => results.push(usage.promptTokens) });
  await chat.sendMessage("What is 1+1?");
  await chat.sendMessage("What is 2+2?");
  const sent = chat
    .getSnapshot()
    .messages.slice(0, 3)
    .map(({ role, content }) => ({ role, content }));
  assert.equal(results[1], await model.countTokens(sent));
});

test("an answer that fails is an error, told once; regenerate tries again", async () => {
  const errors: HearthError[] = [];
  const onError = (error: HearthError) => errors.push(error);
  const chat = new ChatStore({ model, maxTokens: -5, onError });
  await chat.sendMessage("What is 2+2?");
  const { status, error } = chat.getSnapshot();
  assert.deepEqual([status, error?.code, errors.length], ["error", "INVALID_ARGUMENT", 1]);
  assert.equal(errors[0], error);
  chat.configure({ model, temperature: 0 });
  await chat.regenerate();
  assert.deepEqual([chat.getSnapshot().status, chat.getSnapshot().error], ["ready", undefined]);
  assert.equal(chat.getSnapshot().messages.length, 2);
});

test("what a user's own callback throws is the user's to see", async () => {
  const onFinish = () => {
    throw new Error("mine");
  };
  await assert.rejects(new ChatStore({ model, temperature: 0, onFinish }).sendMessage("What is 2+2?"), /mine/);
});

test("a stopped completion keeps its text, and the next one begins anew", async () => {
  const store = new CompletionStore({ model, ...endless });
  store.subscribe(() => store.getSnapshot().completion !== "" && store.stop());
  assert.equal(await store.complete("Tell me a story"), undefined);
  const { completion, status } = store.getSnapshot();
  assert.notEqual(completion, "");
  assert.equal(status, "ready");
  const other = new CompletionStore({ model, temperature: 0 });
  assert.equal(await other.complete("What is 2+2?"), "2 + 2 = 4.");
  assert.equal(await other.complete("What is 1+1?"), other.getSnapshot().completion);
});
