/** Workflows mean the same here, with YAML read by npm's `yaml`, and on the command line, with yaml-cpp. */

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { described_workflows, name_of, text_of, type WorkflowCase } from "@hearth/core/conformance";
import { executeLlmYaml, HearthError, validateWorkflow, type WorkflowEvent } from "@hearth/node";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const program = join(root, "build/hearth");
const testdata = join(process.env.HEARTH_TESTDATA ?? join(root, "../shared/testdata"), "workflows");
const needs_testdata = { skip: existsSync(testdata) ? false : `no reference data at ${testdata}; set HEARTH_TESTDATA` };

/** Writes the files of a case, and gives the path of the first. */
function written({ yaml, files = {} }: Pick<WorkflowCase, "yaml" | "files">): string {
  const folder = mkdtempSync(join(tmpdir(), "hearth-workflow-"));
  for (const [name, lines] of Object.entries({ ...files, "workflow.yaml": yaml })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text_of(lines));
  }
  return join(folder, "workflow.yaml");
}

function events_of(...args: string[]): { events: WorkflowEvent[]; error: string } {
  const { stdout, stderr } = spawnSync(program, ["workflow", ...args, "--json"], { encoding: "utf8" });
  return {
    events: stdout
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line)),
    error: stderr,
  };
}

for (const described of described_workflows.filter(({ hosted }) => !hosted)) {
  test(`hearth workflow: ${described.name}`, () => {
    const file = written(described);
    const kept = join(dirname(file), "kept.json");
    const input = JSON.stringify(described.input ?? {});
    let told = events_of("run", file, "--input", input, "--checkpoint", kept);
    if (described.resume) told = events_of("resume", kept, "--state", JSON.stringify(described.resume));
    const { events, error } = told;
    const last = events.at(-1);
    if (described.error) {
      // What is wrong with the file is told without a code.
      assert.match(
        error,
        new RegExp(described.faults ? `\\[${described.faults[0]?.[2]}\\]` : `: ${described.error}: `),
      );
      for (const said of described.says ?? []) assert.ok(error.includes(said), `"${error}" says "${said}"`);
    } else {
      assert.equal(last?.event, "done", error);
    }
    if (last?.event === "done") {
      if ("output" in described) assert.deepEqual(last.output, described.output);
      if ("state" in described) assert.deepEqual(last.state, described.state);
    }
    if (described.events) {
      assert.deepEqual(events.filter(({ event }) => event !== "token").map(name_of), described.events);
    }
    if (described.faults) {
      const places = native_faults(file).map(({ line, column, rule }) => [line, column, rule]);
      assert.deepEqual(places, described.faults);
    }
  });
}

interface Fault {
  severity: string;
  rule: string;
  line: number;
  column: number;
  message: string;
  file: string;
}

function native_faults(file: string): Fault[] {
  const { stdout, stderr } = spawnSync(program, ["workflow", "validate", file, "--json"], { encoding: "utf8" });
  assert.ok(stdout, stderr);
  return JSON.parse(stdout).faults;
}

test("all files of The Edge Agent and Realm have the same faults", needs_testdata, async () => {
  const files = readdirSync(testdata, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".yaml"));
  assert.ok(files.length > 25);
  for (const name of files) {
    const file = join(testdata, name);
    assert.deepEqual(await validateWorkflow(pathToFileURL(file)), native_faults(file), name);
  }
});

/** Keys that nobody knows are told by their places, and what is in a state by its value. */
const nasty = {
  "characters of several bytes and units": '"é😀": 1\n😀x: {ü: 1, "z😀": [1]}\nnodes: [{"😀": 1, é: 2, name: a}]',
  "anchors and tags before keys and values":
    "&k key: &v value\nm: &m\n  a: 1\nn:\n  &i inner: 2\nnodes:\n  - &n {name: a, x: *v}\n  - !!map {name: b, y: *m}",
  "lists in lists, and maps in them": "nodes:\n- - name: a\n- name: b\n  x:\n  - y: 1\n    z: 2\n  -\n   - w",
  "explicit keys and maps of one pair": "? q\n: 1\nnodes: [{name: a, x: [b: c]}]\n? [r]\n: 2",
  blocks: "a: |2-\n    x\n\n\nb: >+\n  y\n  z\n\nnodes: [{name: a}]\nc: |\n  last",
  "ends of lines": "a: 1\r\nnodes:\r\n  - name: a\r\n    b: c\r\n",
  "directives and marks": "%YAML 1.2\n---\nnodes: [{name: a, x: y}]\n...\n",
  "several documents": "nodes: []\n---\nnodes: []\n",
  "a key twice": "nodes: [{name: a}]\nname: x\nname: y\n",
  "a tag that runs code": "nodes: !!python/object/apply:os.system [ls]\n",
  "a binary tag": "nodes: [{name: !!binary aGVsbG8=}]\n",
  "what is nothing": "# nothing\n",
};

for (const [what, yaml] of Object.entries(nasty)) {
  test(`YAML is read at the same places: ${what}`, async () => {
    const file = written({ yaml: yaml.split("\n") });
    const { stdout, stderr } = spawnSync(program, ["workflow", "validate", file, "--json"], { encoding: "utf8" });
    const found = await validateWorkflow(pathToFileURL(file));
    const faults: Fault[] = JSON.parse(stdout || '{"faults": []}').faults;
    if (!stderr) return assert.deepEqual(found, faults);
    // What is no document at all.
    const [fault] = found;
    const message = `hearth: INVALID_ARGUMENT: ${file}:${fault?.line}:${fault?.column}: ${fault?.message}`;
    assert.equal(message, stderr.trim());
  });
}

const values = `
initial_state:
  plain: [a b, 1, -2, +3, 0o17, 0x1f, 1.5, .5, 5., 1e3, -1E-2, .inf, .nan, 1_000, 0b1, 12:30, 2001-01-01, 9007199254740992]
  words: [true, True, TRUE, tRUE, yes, on, n, null, Null, ~, NULL, nULL]
  quoted: ["1", 'true', "\\x41\\u00e9\\U0001F600\\n\\t\\0", 'it''s', "a
    b

    c"]
  tagged: [!!str 1, !!int "2", !!float "3", !!bool "true", !!null "", ! 4]
  literal: |
    a
      b

    c
  folded: >
    a
    b

      c
    d
  stripped: |-
    x
  kept: |+
    x

  indented: |1
     x
  empty: ["", '', ]
  url: http://example.org/#a
  colons: a:b:c
  hash: a#b
  base: &base {a: 1, b: [x]}
  merged: {<<: *base, b: 2}
  merged_list: {<<: [{p: 1}, *base], p: 2}
  quoted_merge: {"<<": 1}
  alias: *base
  1: number
  true: truth
  null: nothing
nodes: [{name: end, uses: passthrough}]
`;

test("YAML's values are the same", async () => {
  const file = written({ yaml: values.trim().split("\n") });
  const told = execFileSync(program, ["workflow", "run", file, "--json"], { encoding: "utf8" });
  const done = JSON.parse(told.trim().split("\n").at(-1) as string);
  const { state } = await executeLlmYaml(pathToFileURL(file));
  assert.deepEqual(state, done.state);
  assert.equal(Object.keys(state).length, 21);
});

test("YAML that is made to be slow or to end the program is refused", async () => {
  const texts = {
    brackets: "[".repeat(1_000_000),
    closed: `${"[".repeat(50_000)}${"]".repeat(50_000)}`,
    maps: "{a: ".repeat(50_000),
    items: "- ".repeat(50_000),
    laughs: Array.from({ length: 10 }, (_, n) => `l${n}: &l${n} [${`*l${n - 1},`.repeat(n ? 10 : 0)}]`).join("\n"),
  };
  for (const [name, text] of Object.entries(texts)) {
    await assert.rejects(executeLlmYaml(text), (error: HearthError) => {
      assert.ok(error instanceof HearthError, name);
      assert.equal(error.code, "INVALID_ARGUMENT");
      return /^workflow\.yaml:\d+:\d+: /.test(error.message);
    });
  }
});

test("a file is read as text, whatever begins it", async () => {
  const file = written({ yaml: ["nodes: [{name: a, uses: passthrough}]"] });
  writeFileSync(file, `\ufeff${readFileSync(file, "utf8")}`);
  assert.deepEqual(await validateWorkflow(pathToFileURL(file)), []);
});
