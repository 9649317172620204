// A BERT with random weights as transformers.js wants it: a folder with the model in floats and in 8 bits, its tokenizer and
// what both say of themselves.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { bert_onnx } from "./bert_onnx.mjs";

const special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

/// Letters are tokens; what is not used fills the vocabulary up.
function tokenizer_of(vocabulary) {
  const letters = Array.from({ length: 26 }, (_, i) => String.fromCharCode(97 + i));
  const tokens = [...special, ...letters, ...letters.map((letter) => `##${letter}`)];
  while (tokens.length < vocabulary) tokens.push(`[unused${tokens.length}]`);
  const id = (token) => special.indexOf(token);
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  const special_token = (token) => ({ SpecialToken: { id: token, type_id: 0 } });
  const named = (token) => [token, { id: token, ids: [id(token)], tokens: [token] }];
  const text = { Sequence: { id: "A", type_id: 0 } };
  return {
    version: "1.0",
    added_tokens: special.map((content) => ({ id: id(content), content, ...flags })),
    normalizer: { type: "BertNormalizer", clean_text: true, lowercase: true },
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: {
      type: "TemplateProcessing",
      single: [special_token("[CLS]"), text, special_token("[SEP]")],
      special_tokens: Object.fromEntries([named("[CLS]"), named("[SEP]")]),
    },
    decoder: { type: "WordPiece", prefix: "##", cleanup: true },
    model: {
      type: "WordPiece",
      unk_token: "[UNK]",
      continuing_subword_prefix: "##",
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(tokens.map((token, i) => [token, i])),
    },
  };
}

/// Writes what is not there yet.
export function write_bert_folder(folder, shape) {
  const write = (name, content) => {
    const path = join(folder, name);
    if (!existsSync(path)) writeFileSync(path, content());
  };
  const json = (value) => JSON.stringify(value);
  mkdirSync(join(folder, "onnx"), { recursive: true });
  write("config.json", () => json({ architectures: ["BertModel"], model_type: "bert", hidden_size: shape.width }));
  write("tokenizer.json", () => json(tokenizer_of(shape.vocabulary)));
  write("tokenizer_config.json", () =>
    json({
      tokenizer_class: "BertTokenizer",
      model_max_length: 512,
      pad_token: "[PAD]",
      unk_token: "[UNK]",
      cls_token: "[CLS]",
      sep_token: "[SEP]",
      mask_token: "[MASK]",
    }),
  );
  write("onnx/model.onnx", () => bert_onnx({ ...shape, quantised: false }));
  write("onnx/model_quantized.onnx", () => bert_onnx({ ...shape, quantised: true }));
}
