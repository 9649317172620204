// Which generated models are compared, on which tokens, and how far apart the two programs may be.

/// Both programs compute these in f32 and differ in the order of their sums and in how they approximate exp,
/// tanh and cosine: a few units of 1e-7 per operation, some hundred operations deep. The families with GELU round its
/// input and output to halves, as llama.cpp's table of it does: 2^-11 wherever an input falls to the other side.
const EXACT = { relative: 1e-4, divergence: 1e-6 };

/// Weights in blocks: both programs round the input of each product to 8 bits, each in its own way, so that they
/// differ from each other by more than either is wrong. Both are therefore compared with the truth: llama.cpp in
/// f32 on the values that the blocks stand for ('hearth convert --type F32'). Hearth may be as far from it as
/// llama.cpp is, and a quarter more for the luck of the draw over some thousand logits. A wrong scale, sign or
/// index in a single sub-block shows as ten times that.
const QUANTISED = { worseThanPeer: 1.25 };

/// Keys and values rounded to f16, once in each program, the same way: as exact as f32 but for values that the
/// two round to different neighbours, 2^-11 apart.
const HALF_CACHE = { relative: 1e-3, divergence: 1e-5 };

/// Ids all over the vocabulary, the same in every run; the first is the usual beginning.
function tokens(count, vocabulary = 512) {
  const ids = [1];
  for (let state = 1; ids.length < count; ) {
    state = (state * 1103515245 + 12345) % 2147483648;
    ids.push((state >> 8) % vocabulary);
  }
  return ids;
}

const plain = (shape, count = 96) => ({
  shape,
  type: "F32",
  tokens: tokens(count),
  contextSize: 256,
  limits: EXACT,
});

/// So many tokens follow the text, each chosen as the likeliest.
const GREEDY = 64;

/// Tokens beyond the context before scaling.
const COUNTS = { "tiny-linear": 160 };

/// Where llama.cpp does otherwise than the model's authors. It has Grove MoE's small experts read what the others gave, and
/// weighs them by the scores of experts of their own numbers; engine/model/blocks/experts_test.cpp holds them to the
/// published code. And where Chameleon's norms stand behind each part, it has the feed-forward network read what attention
/// gave, without the stream that this is added to; engine/model/families/dense_families_test.cpp holds these layers to
/// the form of OLMo 2's.
const NOT_AS_PUBLISHED = ["tiny-grovemoe", "tiny-chameleon-norms-behind"];

/// That write by diffusion. Of a text of any length but two the peer gives other logits than its own hidden states make,
/// so that these are compared; of two tokens the logits were compared by hand, too, and differ by 5e-6.
const BY_VECTORS = ["tiny-llada", "tiny-llada-moe", "tiny-dream", "tiny-rnd1"];

/// Compared by what they give instead (RERANKERS, EMBEDDERS), or in further ways; the last two before those where the peer
/// is no measure differ from others in their vocabularies alone.
const NOT_BY_LOGITS = [
  "tiny-qwen3-reranker",
  "tiny-qwen3-embedding",
  "tiny-longrope",
  "tiny-qwen2-coder",
  "tiny-codellama",
  ...BY_VECTORS,
  ...NOT_AS_PUBLISHED,
];

/// Which llama.cpp cannot run: GPT-J has a name in it and nothing else (engine/model/families/gptj_test.cpp has its
/// authors' code in plain loops), and an assertion of its own ends it where MPT's queries are normalised. T5's
/// node-llama-cpp cannot: it never calls llama_encode (engine/model/families/t5_test.cpp has its paper in plain loops, and
/// its encoder is that of tiny-t5encoder).
const ENCODER_DECODERS = ["tiny-t5", "tiny-t5-gated"];
const NOT_BY_PEER = ["tiny-gptj", "tiny-mpt-norms", ...ENCODER_DECODERS];

/// Tokens that a model never says, from the first to before the second. llama.cpp takes them out of the first row of a
/// batch alone; they are compared with nothing, and Hearth's must be as low as a float can be.
const UNSAID = { chameleon: [4, 8196] };

/// GELU's halves (see EXACT) in up to 25 layers and several streams of each: which of them fall to the other side
/// depends on the machine.
const ROUNDED_OFTEN = ["gemma3n", "gemma4"];
const OFTEN = { relative: 5e-4, divergence: 1e-5 };

/// Of which llama.cpp looks at all positions but where it computes attention in its other way, which rounds to halves.
const SPARSE_IN_FLASH = ["minimax-m3"];
const IN_FLASH = { relative: 1e-3, divergence: 1e-5 };

function limitsOf(architecture) {
  if (SPARSE_IN_FLASH.includes(architecture)) return IN_FLASH;
  return ROUNDED_OFTEN.includes(architecture) ? OFTEN : EXACT;
}

const decoder = ({ name, architecture }) => ({
  ...plain(name, COUNTS[name]),
  architecture,
  unsaid: UNSAID[architecture],
  flashAttention: SPARSE_IN_FLASH.includes(architecture),
  limits: limitsOf(architecture),
});

const byVectors = (shapes) => shapes.filter(({ name }) => BY_VECTORS.includes(name));

/// Every decoder of `shapes`, as 'hearth make-model --list --json' tells them.
const everyDecoder = (shapes) => [
  ...shapes
    .filter(
      ({ name, encoder }) => name.startsWith("tiny-") && !encoder && ![...NOT_BY_LOGITS, ...NOT_BY_PEER].includes(name),
    )
    .map((shape) => ({ ...decoder(shape), greedy: UNSAID[shape.architecture] === undefined ? GREEDY : 0 })),
  // The size of the context chooses between the short factors and, above 256, the long ones.
  { ...plain("tiny-longrope"), name: "tiny-longrope, short factors" },
  { ...plain("tiny-longrope", 300), name: "tiny-longrope, long factors", contextSize: 512 },
];

/// The first half of the tokens is what the encoder reads.
const encoderDecoders = ENCODER_DECODERS.map((shape) => ({ ...plain(shape), architecture: "t5", first: 48 }));

/// Which look at every position by itself or not at all: llama.cpp's logits move as far.
const BY_INDEXERS = ["deepseek32", "glm-dsa"];

/// The same decoders with other weights, and encoder-decoders, held to themselves in f32 on the values that their blocks
/// stand for: all but the types of the weights was compared with llama.cpp already. Where a router chooses another expert,
/// or an indexer other positions, blocks of four bits make more of a difference than their rounding.
export const retyped = (shapes) =>
  [...everyDecoder(shapes), ...byVectors(shapes).map(decoder), ...encoderDecoders]
    .filter(({ architecture }) => architecture !== undefined)
    .flatMap((model) => [
      { ...model, type: "F16", limits: { relative: 1e-4 } },
      { ...model, type: "Q4_K", limits: { relative: BY_INDEXERS.includes(model.architecture) ? 0.4 : 0.2 } },
    ]);

/// A text's vector points where llama.cpp's does: angles of a few thousandths come of keys and values, and of GELU,
/// that both round to halves.
const SAME_DIRECTION = { cosine: 0.99999 };

/// Weights in blocks: as for logits, both are compared with what the blocks stand for.
const QUANTISED_DIRECTION = { worseThanPeer: 1.5 };

/// A score is at most so far from llama.cpp's, of numbers from 0 to 1.
export const SCORE_DIFFERENCE = 2e-3;

const encoder = (shape, pooling, type = "F32") => ({
  shape,
  pooling,
  type,
  limits: type === "F32" ? SAME_DIRECTION : QUANTISED_DIRECTION,
});

const encoders = (shapes) => shapes.filter(({ name, encoder, ranks }) => name.startsWith("tiny-") && encoder && !ranks);

export const embedders = (shapes) => [
  ...[...encoders(shapes), ...byVectors(shapes), { name: "tiny-qwen3-embedding" }].flatMap(({ name, architecture }) =>
    ["mean", "cls", "last"].map((pooling) => ({ ...encoder(name, pooling), architecture })),
  ),
  ...["F16", "Q8_0", "Q4_K"].map((type) => encoder("tiny-bert", "mean", type)),
  encoder("tiny-nomic-bert-moe", "mean", "Q8_0"),
];

/// Of a query and a document node-llama-cpp makes one text in RoBERTa's way; Hearth does as the model was trained.
export const RERANKERS = [
  { shape: "tiny-bge-reranker", joinsAlike: true },
  { shape: "tiny-jina-reranker", joinsAlike: true },
  { shape: "tiny-modern-reranker" },
  { shape: "tiny-qwen3-reranker", isProbability: true },
];

// Q8_1 and Q8_K are missing: llama.cpp multiplies with them only as the other side of a product.
const BLOCK_TYPES = [
  "F16",
  "BF16",
  "Q4_0",
  "Q4_1",
  "Q5_0",
  "Q5_1",
  "Q8_0",
  "Q2_K",
  "Q3_K",
  "Q4_K",
  "Q5_K",
  "Q6_K",
  "IQ1_S",
  "IQ1_M",
  "IQ2_XXS",
  "IQ2_XS",
  "IQ2_S",
  "IQ3_XXS",
  "IQ3_S",
  "IQ4_NL",
  "IQ4_XS",
  "TQ1_0",
  "TQ2_0",
  "MXFP4",
  "Q4_K_S",
  "Q4_K_M",
  "Q5_K_M",
];

const quantised = (shape, type) => ({ shape, type, tokens: tokens(32), contextSize: 256, limits: QUANTISED });

/// A model of each kind of cache: heads, heads in windows, those with sinks, latent ones, and heads beside states.
const CACHES = ["tiny-llama", "tiny-gemma3", "tiny-gpt-oss", "tiny-deepseek2", "tiny-granitehybrid", "tiny-qwen3next"];

/// A model with random adapters, each added with its scale.
const adapted = (model, ...scales) => ({
  ...model,
  scales,
  name: `${model.shape} ${model.type} with ${scales.length} adapter${scales.length === 1 ? "" : "s"}`,
});

const named = (model) => ({ ...model, name: model.name ?? `${model.shape} ${model.type}` });

export const models = (shapes) =>
  [
    ...everyDecoder(shapes),
    ...BLOCK_TYPES.map((type) => quantised("tiny-llama", type)),
    // Experts and fused matrices take paths of their own through the kernels.
    ...["Q8_0", "Q4_K", "IQ2_XS", "MXFP4"].map((type) => quantised("tiny-qwen3moe", type)),
    ...["Q4_0", "Q6_K"].map((type) => quantised("tiny-phi3", type)),
    { ...plain("tiny-llama"), name: "tiny-llama, f16 cache", kvType: "f16", limits: HALF_CACHE },
    { ...plain("tiny-gemma3"), name: "tiny-gemma3, f16 cache", kvType: "f16", limits: HALF_CACHE },
    ...CACHES.map((shape) => ({ ...plain(shape), name: `${shape}, q8_0 cache`, kvType: "q8_0", limits: QUANTISED })),
    adapted(plain("tiny-llama"), 0.7),
    adapted(plain("tiny-llama"), 0.5, -0.8),
    ...["tiny-qwen2", "tiny-gemma2", "tiny-phi2", "tiny-phi3", "tiny-mixtral", "tiny-qwen3moe"].map((shape) =>
      adapted(plain(shape), 0.7),
    ),
    adapted(plain("tiny-mixtral"), 0.5, -0.8),
    adapted(quantised("tiny-llama", "Q4_K"), 0.7),
    adapted(quantised("tiny-phi3", "Q6_K"), 0.5, 0.4),
    adapted(quantised("tiny-qwen3moe", "Q4_K"), 0.7),
  ].map(named);

/// Of all of them each kind of block, cache and product of matrices once: for a device that takes long to begin.
const SOME = [
  "tiny-llama F32",
  "tiny-llama F16",
  "tiny-llama Q4_0",
  "tiny-llama Q8_0",
  "tiny-llama Q4_K_M",
  "tiny-llama, q8_0 cache",
  "tiny-phi2 F32",
  "tiny-phi3 Q6_K",
  "tiny-gemma3 F32",
  "tiny-gemma3, f16 cache",
  "tiny-gpt-oss F32",
  "tiny-qwen3moe Q4_K",
  "tiny-deepseek2 F32",
  "tiny-granitehybrid F32",
  "tiny-qwen3next F32",
  "tiny-rwkv7 F32",
];

/// Fewer tokens follow there.
export const someModels = (shapes) =>
  models(shapes)
    .filter(({ name }) => SOME.includes(name))
    .map((model) => ({ ...model, greedy: Math.min(model.greedy ?? 0, 8) }));
