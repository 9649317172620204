// Some of the checks of Hearth against llama.cpp, which run.js starts this with: node checks.js OPTIONS
// OPTIONS are JSON: { program, folder, device, filters, part, of }.
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { best, compareLogits, cosine } from "./compare.js";
import { Hearth } from "./hearth.js";
import { KINDS } from "./kinds.js";
import { embedders, models, RERANKERS, retyped, SCORE_DIFFERENCE, someModels } from "./models.js";
import { openPeer } from "./peer.js";
import { DOCUMENTS, JUMBLES, STRINGS } from "./strings.js";
import { TestVocabulary } from "./vocabulary.js";
import { cutWords, isSpace, WORD_RULES } from "./word_rules.js";

const { program, folder, device, filters, part, of } = JSON.parse(process.argv[2]);
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const testdata = process.env.HEARTH_TESTDATA ?? path.join(root, "../shared/testdata");
const hearth = new Hearth(program, folder, device);
const count = { passed: 0, failed: 0, skipped: 0 };
let wanted = 0;
const architectures = {};

/// Keeps the largest figures of an architecture.
function note(architecture, figures) {
  if (architecture === undefined) return;
  architectures[architecture] ??= {};
  const largest = architectures[architecture];
  for (const [name, value] of Object.entries(figures)) largest[name] = Math.max(largest[name] ?? 0, value);
}

/// Runs one check, if it is this part's: it returns a line of figures and throws what it finds wrong.
async function check(name, run) {
  if (filters.length > 0 && !filters.some((filter) => name.includes(filter))) return;
  if (wanted++ % of !== part) return;
  try {
    console.log(`ok    ${name}: ${await run()}`);
    count.passed++;
  } catch (error) {
    console.log(`FAIL  ${name}: ${error.stderr?.trim() || error.message}`);
    count.failed++;
  }
}

async function peerLogits(file, tokens, options) {
  const peer = await openPeer(file);
  try {
    return await peer.logits(tokens, options);
  } finally {
    await peer.close();
  }
}

const show = (figures) =>
  Object.entries(figures)
    .map(([name, value]) => `${name} ${value.toExponential(1)}`)
    .join(", ");

function checkLimits(figures, limits) {
  for (const [name, limit] of Object.entries(limits)) {
    if (!(figures[name] <= limit)) throw new Error(`${name} above ${limit}: ${show(figures)}`);
  }
}

/// The two agree: no figure is above its limit, and every clear best token is the same.
function checkAgreement(ours, theirs, figures, limits) {
  checkLimits(figures, limits);
  // Two logits can each be off by the largest difference before the best token may change.
  let clear = 0;
  theirs.forEach((row, position) => {
    const { token, margin } = best(row);
    if (margin <= 2 * figures.difference) return;
    clear++;
    if (best(ours[position]).token !== token)
      throw new Error(`position ${position}: best token is not ${token}; ${show(figures)}`);
  });
  if (clear === 0) throw new Error(`no position has a clear best token: ${show(figures)}`);
  return `${show(figures)}, best token equal at ${clear} of ${theirs.length}`;
}

/// What we chose one after the other is what they would have chosen of the same text, wherever their best two are
/// further apart than twice the largest difference.
function checkChoices(tokens, count, theirs, { difference }) {
  if (count === 0) return "";
  let nearTies = 0;
  for (let position = tokens.length - count; position < tokens.length; position++) {
    const { token, margin } = best(theirs[position - 1]);
    if (margin <= 2 * difference) nearTies++;
    else if (tokens[position] !== token)
      throw new Error(`greedy token ${position}: ours ${tokens[position]}, theirs ${token} by ${margin}`);
  }
  if (nearTies > count / 2) throw new Error(`${nearTies} of ${count} greedy tokens are near-ties`);
  return `, ${count} greedy tokens equal${nearTies > 0 ? ` but for ${nearTies} near-ties` : ""}`;
}

/// What sums of f32 in another order differ by: the least that an error is taken for. Where a processor multiplies
/// halves as they are (AVX-512 FP16), llama.cpp's F16 is its F32 to the bit, and its error 0.
const ROUNDING = 1e-6;

/// Ours are about as near the truth as theirs, or nearer.
function checkNearness(ours, theirs, truth, { worseThanPeer }) {
  const our = compareLogits(ours, truth).relative;
  const their = compareLogits(theirs, truth).relative;
  const summary = `relative error ${our.toExponential(1)}, llama.cpp's ${their.toExponential(1)}`;
  if (!(our <= worseThanPeer * their + ROUNDING))
    throw new Error(`more than ${worseThanPeer} times llama.cpp's: ${summary}`);
  return summary;
}

/// Without the tokens that the model never says.
const said = (rows, unsaid) =>
  unsaid === undefined
    ? rows
    : rows.map((row) => Float32Array.of(...row.subarray(0, unsaid[0]), ...row.subarray(unsaid[1])));

function ourLogits(file, tokens, options, unsaid) {
  const ours = hearth.continue(file, tokens, options);
  const lowest = -(2 ** 128 - 2 ** 104);
  const kept =
    unsaid !== undefined && ours.rows.some((row) => row.subarray(...unsaid).some((logit) => logit !== lowest));
  if (kept) throw new Error("a token that the model never says has a logit");
  return { tokens: ours.tokens, rows: said(ours.rows, unsaid) };
}

async function checkLogits(model) {
  const { architecture, shape, type, contextSize, kvType = "f32", scales = [], unsaid, limits, greedy = 0 } = model;
  const file = hearth.makeModel(shape, type);
  const adapters = scales.map((scale, index) => ({ file: hearth.makeAdapter(shape, 4 + index, index + 1), scale }));
  const options = { contextSize, kvType, adapters, greedy };
  const { rows: ours, tokens } = ourLogits(file, model.tokens, options, unsaid);
  const peerOptions = {
    contextSize,
    kvType: kvType.toUpperCase(),
    flashAttention: model.flashAttention,
    adapters,
  };
  const theirs = said(await peerLogits(file, tokens, peerOptions), unsaid);
  let verdict;
  if (limits.worseThanPeer === undefined) {
    const figures = compareLogits(ours, theirs);
    note(architecture, figures);
    verdict = checkAgreement(ours, theirs, figures, limits) + checkChoices(tokens, greedy, theirs, figures);
  } else {
    const decoded = hearth.decode(file);
    const truth = await peerLogits(decoded, tokens, { contextSize, kvType: "F32", adapters });
    rmSync(decoded);
    verdict = checkNearness(ours, theirs, truth, limits);
  }
  for (const written of [file, ...adapters.map((adapter) => adapter.file)]) rmSync(written);
  return verdict;
}

/// Weights of another type give what the values that they stand for give.
function checkRetyped({ shape, type, tokens, first, contextSize, unsaid, limits }) {
  const file = hearth.makeModel(shape, type);
  const decoded = hearth.decode(file);
  const [ours, truth] = [file, decoded].map(
    (model) => ourLogits(model, tokens, { contextSize, first, greedy: 0 }, unsaid).rows,
  );
  for (const written of [file, decoded]) rmSync(written);
  const figures = compareLogits(ours, truth);
  checkLimits(figures, limits);
  return show(figures);
}

const TEXTS = [
  "a cat",
  "the rain, it raineth every day",
  "there was an old road that led over the hills, and no one knew who had laid it, nor where it would end; ".repeat(2),
];

async function peerVectors(file) {
  const peer = await openPeer(file);
  try {
    const vectors = [];
    for (const text of TEXTS) vectors.push(await peer.embed(hearth.tokenizeWhole(file, text)));
    return vectors;
  } finally {
    await peer.close();
  }
}

/// The least cosine of two sets of vectors.
const leastCosine = (ours, theirs) => Math.min(...ours.map((vector, i) => cosine(vector, theirs[i])));

async function checkVectors({ architecture, shape, pooling, type, limits }) {
  const file = hearth.makeModel(shape, type, ["--pooling", pooling]);
  const ours = hearth.embed(file, TEXTS);
  const theirs = await peerVectors(file);
  const between = leastCosine(ours, theirs);
  note(architecture, { angle: Math.acos(Math.min(1, between)) });
  let summary = `cosine 1 - ${(1 - between).toExponential(1)}`;
  if (limits.cosine !== undefined && !(between >= limits.cosine)) throw new Error(`below ${limits.cosine}: ${summary}`);
  if (limits.worseThanPeer !== undefined) {
    const decoded = hearth.decode(file);
    const truth = await peerVectors(decoded);
    rmSync(decoded);
    const [our, their] = [ours, theirs].map((vectors) => 1 - leastCosine(vectors, truth));
    summary = `off the truth by 1 - ${our.toExponential(1)}, llama.cpp by 1 - ${their.toExponential(1)}`;
    if (!(our <= limits.worseThanPeer * their + ROUNDING)) throw new Error(`worse than llama.cpp: ${summary}`);
  }
  rmSync(file);
  return summary;
}

const sigmoid = (x) => 1 / (1 + Math.exp(-x));

async function checkScores({ shape, isProbability, joinsAlike }) {
  const file = hearth.makeModel(shape, "F32");
  const query = "who sat there?";
  const ours = hearth.embed(file, TEXTS).map(([score]) => (isProbability ? score : sigmoid(score)));
  const ofPairs = hearth.rerank(file, query, TEXTS);
  const differences = [];
  const peer = await openPeer(file);
  try {
    for (const [i, text] of TEXTS.entries()) {
      differences.push(ours[i] - (await peer.score(hearth.tokenizeWhole(file, text))));
      if (!joinsAlike) continue;
      const [asked, read] = [query, text].map((each) => hearth.tokenize(file, each, false));
      differences.push(ofPairs[i] - (await peer.rank(asked, read)));
    }
  } finally {
    await peer.close();
  }
  rmSync(file);
  const largest = Math.max(...differences.map(Math.abs));
  if (!(largest <= SCORE_DIFFERENCE)) throw new Error(`scores differ by ${largest}`);
  return `${differences.length} scores differ by at most ${largest.toExponential(1)}`;
}

function firstDifference(ours, theirs) {
  const at = ours.findIndex((token, i) => token !== theirs[i]);
  const place = at < 0 ? Math.min(ours.length, theirs.length) : at;
  return `token ${place}: ours ${ours.slice(place, place + 6)}, theirs ${theirs.slice(place, place + 6)}`;
}

/// Where Hearth does as BERT's own tokenizer does and llama.cpp doesn't. Of a Hangul syllable llama.cpp keeps only the
/// first letter where a vocabulary wants accents stripped; Hearth takes the syllable apart. Some control characters
/// llama.cpp takes for white space; Hearth drops them.
const forBert = (documents) => documents.map((text) => text.replace(/[\uac00-\ud7a3\v\f\u0085]/g, ""));

/// Their own tokenizers compose texts first, and so does Hearth; llama.cpp doesn't and is given them composed.
const COMPOSED = ["qwen3-0.6b", "tiny-modern-bert", "ggml-vocab-gpt-neox.gguf", "ggml-vocab-mpt.gguf"];

async function checkTokens(file, documents, composed) {
  const peer = await openPeer(file, { vocabularyOnly: true });
  let total = 0;
  try {
    for (const text of documents) {
      for (const parseSpecial of [false, true]) {
        const theirs = peer.tokenize(composed ? text.normalize("NFC") : text, parseSpecial);
        const ours = hearth.tokenize(file, text, parseSpecial);
        if (ours.join() !== theirs.join()) {
          const shown = JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}...` : text);
          throw new Error(`${shown}, special ${parseSpecial}: ${firstDifference(ours, theirs)}`);
        }
        total += ours.length;
      }
    }
  } finally {
    await peer.close();
  }
  return `${STRINGS.length} strings in ${documents.length} documents, special tokens on and off, ${total} tokens equal`;
}

/// The tokens of JUMBLES by the expressions of the models' own tokenizers, and by llama.cpp where it has the same. Of names
/// for rules that have been looked at, one text shows whether llama.cpp means the same.
async function checkWordRules(rules, pre, vocabulary) {
  const file = path.join(folder, "word-rules.gguf");
  writeFileSync(file, vocabulary.toGguf(rules.model ?? "gpt2", pre));
  const peer = await openPeer(file, { vocabularyOnly: true });
  let total = 0;
  const compare = (who, ours, theirs) => {
    if (ours.join() === theirs.join()) return;
    const at = ours.findIndex((token, i) => token !== theirs[i]);
    const names = (tokens) => JSON.stringify(tokens.slice(at, at + 6).map((token) => vocabulary.tokens[token]));
    const before = ours.slice(Math.max(at - 3, 0), at).map((token) => vocabulary.tokens[token]);
    throw new Error(`behind ${JSON.stringify(before)}: ours ${names(ours)}, ${who} ${names(theirs)}`);
  };
  try {
    for (const text of pre === rules.names[0] ? JUMBLES : JUMBLES.slice(0, 1)) {
      const ours = hearth.tokenize(file, text, false);
      const composed = rules.composes ? text.normalize("NFC") : text;
      const words = cutWords(composed, rules.expressions).filter(
        (word) => !(rules.model === "whitespace" && isSpace(word)),
      );
      const expected = words.flatMap((word) => vocabulary.encode(word, rules));
      compare("by the expressions", ours, expected);
      // What drops white space cannot give it back.
      if (rules.model !== "whitespace" && hearth.detokenize(file, ours) !== composed) throw new Error("lost text");
      total += ours.length;
      const alike = rules.alike?.(composed) ?? composed;
      compare("llama.cpp", alike === text ? ours : hearth.tokenize(file, alike, false), peer.tokenize(alike, false));
    }
  } finally {
    await peer.close();
    rmSync(file);
  }
  return `${total} tokens equal`;
}

/// Of shapes whose vocabularies differ.
const VOCABULARIES = [
  "tinyllama-1.1b",
  "llama3.2-1b",
  "qwen3-0.6b",
  "smollm2-135m",
  "gemma3-1b",
  "phi2",
  "phi3-mini",
  "phi4-mini",
  "bge-small",
  "tiny-xlm-roberta",
  "tiny-modern-bert",
  "tiny-jina-code",
];

/// Every model's numbers.
async function checkModels(shapes) {
  for (const model of models(shapes)) await check(`logits of ${model.name}`, () => checkLogits(model));
  for (const model of retyped(shapes)) await check(`types of ${model.shape} ${model.type}`, () => checkRetyped(model));
  for (const model of embedders(shapes))
    await check(`vectors of ${model.shape} ${model.type}, ${model.pooling}`, () => checkVectors(model));
  for (const model of RERANKERS) await check(`scores of ${model.shape}`, () => checkScores(model));
}

/// What becomes of texts, which no device has a part in.
async function checkTexts() {
  for (const shape of VOCABULARIES) {
    await check(`tokens of ${shape}`, async () => {
      const file = hearth.makeModel(shape, "Q4_0", ["--layers", "1", "--embedding", "32", "--feed-forward", "32"]);
      const documents = shape === "bge-small" ? forBert(DOCUMENTS) : DOCUMENTS;
      const result = await checkTokens(file, documents, COMPOSED.includes(shape));
      rmSync(file);
      return result;
    });
  }

  const jumbled = {};
  for (const rules of WORD_RULES) {
    for (const pre of rules.names) {
      await check(`words of ${pre}`, () => {
        jumbled[!!rules.pieces] ??= new TestVocabulary(JUMBLES, !!rules.pieces);
        return checkWordRules(rules, pre, jumbled[!!rules.pieces]);
      });
    }
  }

  for (const { name, write, alter = (text) => text, givesBack = false } of KINDS) {
    await check(`tokens of the kind ${name}`, async () => {
      const file = path.join(folder, "kind.gguf");
      writeFileSync(file, write(JUMBLES));
      const texts = JUMBLES.map(alter);
      const result = await checkTokens(file, texts);
      for (const text of givesBack ? texts : []) {
        if (hearth.detokenize(file, hearth.tokenize(file, text, false)) !== text) throw new Error("lost text");
      }
      rmSync(file);
      return result;
    });
  }

  const vocabularies = path.join(testdata, "tokenizers");
  if (existsSync(vocabularies)) {
    for (const name of readdirSync(vocabularies).filter((file) => file.endsWith(".gguf"))) {
      const documents = name.includes("bert") ? forBert(DOCUMENTS) : DOCUMENTS;
      const file = path.join(vocabularies, name);
      await check(`tokens of ${name}`, () => checkTokens(file, documents, COMPOSED.includes(name)));
    }
  } else if (part === 0) {
    console.log(`skip  shared vocabularies: no ${vocabularies}; set HEARTH_TESTDATA`);
    count.skipped++;
  }
}

mkdirSync(folder, { recursive: true });
const shapes = hearth.shapes();
if (device === "gpu") {
  for (const model of someModels(shapes)) await check(`logits of ${model.name}`, () => checkLogits(model));
} else {
  await checkModels(shapes);
  await checkTexts();
}
// The peer's native threads would keep the process alive.
process.send({ count, architectures }, () => process.exit());
