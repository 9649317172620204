// Hearth through its program: the same questions as peer.js asks of llama.cpp.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";

export class Hearth {
  /// `folder` is for models and outputs; `device` is what the program computes with.
  constructor(program, folder, device = "cpu") {
    this.program = path.resolve(program);
    this.folder = folder;
    this.device = device;
  }

  run(args, input) {
    return execFileSync(this.program, args, {
      input,
      encoding: "utf8",
      stdio: ["pipe", "pipe", "pipe"],
      maxBuffer: 1 << 28,
    });
  }

  /// What there is to make models of: { name, architecture, encoder, ranks } of each shape.
  shapes() {
    return JSON.parse(this.run(["make-model", "--list", "--json"]));
  }

  /// Writes a model with random weights and returns its path.
  makeModel(shape, type, sizes = []) {
    const file = path.join(this.folder, `${shape}-${type}.gguf`);
    this.run(["make-model", shape, file, "--type", type, ...sizes]);
    return file;
  }

  /// Writes a random adapter of such a model and returns its path.
  makeAdapter(shape, rank, seed) {
    const file = path.join(this.folder, `${shape}-adapter-${seed}.gguf`);
    this.run(["make-model", shape, file, "--lora-rank", `${rank}`, "--seed", `${seed}`]);
    return file;
  }

  /// Writes the floats that a quantised model stands for as a model and returns its path.
  decode(model) {
    const file = `${model}-decoded.gguf`;
    this.run(["convert", model, file, "--type", "F32"]);
    return file;
  }

  /// One row of logits per token from `first` on.
  logits(model, tokens, options) {
    return this.continue(model, tokens, { ...options, greedy: 0 }).rows;
  }

  /// The tokens and `greedy` more, chosen greedily one at a time; and one row of logits for each of them all from `first`
  /// on.
  continue(model, tokens, { contextSize, first = 0, kvType = "f32", instructionSet = "", adapters = [], greedy }) {
    const out = path.join(this.folder, "logits.f32");
    const written = this.run([
      "logits",
      model,
      "--tokens",
      tokens.join(),
      "--first",
      `${first}`,
      "--greedy",
      `${greedy}`,
      "--json",
      "--out",
      out,
      "--kv-type",
      kvType,
      "--context",
      `${contextSize}`,
      "--instruction-set",
      instructionSet,
      "--device",
      this.device,
      ...adapters.flatMap(({ file, scale }) => ["--lora", `${file}=${scale}`]),
    ]);
    const bytes = readFileSync(out);
    const all = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
    const { tokens: continued, rows, columns } = JSON.parse(written);
    return {
      tokens: continued,
      rows: Array.from({ length: rows }, (_, row) => all.slice(row * columns, (row + 1) * columns)),
    };
  }

  /// A vector per text, as long as it comes.
  embed(model, texts) {
    const flags = ["--kv-type", "f32", "--device", this.device, "--no-normalize"];
    const lines = this.run(["embed", model, ...texts, ...flags])
      .trimEnd()
      .split("\n");
    return lines.map((line) => Float32Array.from(JSON.parse(line)));
  }

  /// The documents' scores, in their order.
  rerank(model, query, documents) {
    const flags = ["--kv-type", "f32", "--device", this.device, "--json"];
    const scores = [];
    for (const { index, score } of JSON.parse(this.run(["rerank", model, query, ...documents, ...flags]))) {
      scores[index] = score;
    }
    return scores;
  }

  /// Ids with the vocabulary's own beginning and end tokens.
  tokenizeWhole(model, text) {
    return JSON.parse(this.run(["tokenize", model, "-", "--json"], text)).tokens;
  }

  /// Ids without the vocabulary's own beginning and end tokens.
  tokenize(model, text, parseSpecial) {
    const flags = parseSpecial ? ["--parse-special"] : [];
    return JSON.parse(this.run(["tokenize", model, "-", "--json", "--no-special", ...flags], text)).tokens;
  }

  /// The text of ids.
  detokenize(model, ids) {
    return JSON.parse(this.run(["tokenize", model, "-", "--decode", "--json"], `${ids}`)).text;
  }
}
