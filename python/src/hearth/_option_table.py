"""The engine's options of loading, generating and embedding: made from engine/options by options_test.cpp."""

# fmt: off
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypedDict

from ._option import AdapterChoice, Option, Schema


class LoadOptions(TypedDict, total=False):
    context_size: int
    """Positions of one conversation, 1 to 16777216; by default what the model was trained for, within 512 and 4096, or 2^20 where it takes no memory."""
    cache_positions: int
    """Positions of all conversations together, which share them as they need; by default as the context size, or for all that run where they take no memory."""
    max_sequences: int
    """Requests that run at once; more wait, 1 to 65536; by default 32."""
    max_batch_rows: int
    """Tokens computed together, 1 to 65536; by default chosen for the model."""
    threads: int
    """Threads that compute, 1 to 1024; by default one per physical core."""
    kv_type: Literal["f16", "f32", "q8_0", "q4_0"]
    """Type in which keys and values are kept: f16, f32, q8_0, q4_0; by default f16."""
    device: str
    """What computes: cpu, gpu, or auto, which is the one that is found to be faster; by default cpu."""
    gpu_memory: int
    """Bytes of a GPU's memory that may be used; by default what there is."""
    gpu_layers: int
    """Layers that a GPU computes, the last ones; the CPU computes those before them, 1 to 16777216; by default as many as fit its memory."""
    gpu_streaming: bool
    """Layers of the GPU's that do not fit its memory are copied to it in every step; without it, the CPU computes them."""
    instruction_set: str
    """Of the CPU: portable, avx2, avx512_vnni, neon_dot or neon_i8mm; by default the best there is."""
    memory_limit: int
    """Bytes of weights in memory at most; by default no limit."""
    draft: str
    """GGUF file of a smaller model of the same vocabulary, which drafts answers; by default none."""


class SamplingOptions(TypedDict, total=False):
    max_tokens: int
    """Longest answer, in tokens; by default until the context is full."""
    temperature: float
    """How freely tokens are drawn, 0 to 100 (0: always the likeliest); by default 0.8."""
    top_k: int
    """Choose among the k likeliest (0: all); by default 40."""
    top_p: float
    """Choose among the likeliest that make up p of the probability, 0 to 1; by default 0.95."""
    min_p: float
    """Choose among those at least so probable, relative to the likeliest, 0 to 1; by default 0.05."""
    typical_p: float
    """Choose among those whose surprise is typical, until they make up p of the probability, 0 to 1 (1: all); by default 1."""
    top_n_sigma: float
    """Choose among logits at most n standard deviations below the highest, 0 to 100 (0: all); by default 0."""
    xtc_probability: float
    """How often all but the least of the likely tokens are excluded, 0 to 1; by default 0."""
    xtc_threshold: float
    """Probability from which on xtcProbability calls a token likely, 0 to 1; by default 0.1."""
    dynatemp_range: float
    """Vary the temperature by so much up and down, by how sure the model is, 0 to 100; by default 0."""
    dynatemp_exponent: float
    """How the temperature follows the entropy, 0 to 100; by default 1."""
    repetition_penalty: float
    """Divide the logits of recent tokens, 0.01 to 100 (1: none); by default 1."""
    frequency_penalty: float
    """Lower logits for each recent occurrence, -100 to 100; by default 0."""
    presence_penalty: float
    """Lower the logits of recent tokens once, -100 to 100; by default 0."""
    penalty_window: int
    """Tokens that penalties look back at (-1: all); by default 64."""
    dry_multiplier: float
    """Lower the logits of what would go on with a repetition, 0 to 100 (0: none); by default 0."""
    dry_base: float
    """Growth of dryMultiplier with each token that is repeated, 1 to 100; by default 1.75."""
    dry_allowed_length: int
    """Tokens that may be repeated freely; by default 2."""
    dry_penalty_window: int
    """Tokens in which repetitions are looked for; by default all."""
    dry_sequence_breakers: str | Sequence[str]
    """Texts that end a repetition; by default a line's end, colon, quote and asterisk."""
    mirostat: int
    """Version of mirostat, which chooses by a surprise that it keeps, in place of the samplers that leave fewer tokens, 0 to 2 (0: none); by default 0."""
    mirostat_tau: float
    """Surprise that mirostat keeps, in bits, 0 to 100; by default 5."""
    mirostat_eta: float
    """How fast mirostat follows, 0 to 1; by default 0.1."""
    samplers: Sequence[Literal["penalties", "dry", "topNSigma", "topK", "typicalP", "topP", "minP", "xtc", "temperature"]]
    """Which samplers there are, in the order in which they work; by default penalties, dry, topNSigma, topK, typicalP, topP, minP, xtc, temperature."""
    seed: int
    """The same seed gives the same text; by default a new one."""
    stop: str | Sequence[str]
    """End the answer before this text."""
    stop_tokens: Sequence[int]
    """End the answer at these tokens, too."""
    logit_bias: Mapping[int, float]
    """Added to the logits of tokens; minus infinity bans one."""
    grammar: str
    """The answer follows this GBNF grammar."""
    regex: str
    """The answer is matched by this regular expression."""
    choices: str | Sequence[str]
    """The answer is this text, or one of several."""
    json_schema: Schema
    """The answer is JSON that this JSON schema allows."""
    reasoning_budget: int
    """Tokens that a conversation's answer may think; then its reasoning is ended; by default as many as it likes."""
    keep_tokens: int
    """Where the context is full, go on without the older half of what follows so many tokens; by default the answer ends there."""
    priority: int
    """Requests of a higher one are served first, -1000 to 1000; by default 0."""
    cache_salt: str
    """What was read for the request is found again in the cache only by those with the same salt."""
    adapters: Sequence[AdapterChoice]
    """Adapters (LoRA) that are added to the model, by the ids that loading gave them."""
    logprobs: int
    """Tell how likely each token was to the model, before sampling, and so many of the likeliest in its place, 0 to 20; by default none are told."""
    speculation: Literal["auto", "off", "lookup", "draft"]
    """Draft ahead what then comes true or not, for the same text sooner: from the text itself (lookup), by the model's draft model (draft), not at all (off), or by a draft model where there is one (auto): auto, off, lookup, draft; by default auto."""
    draft_tokens: int
    """Tokens drafted ahead at most, 1 to 31; by default 16."""
    diffusion_steps: int
    """Steps in which a model that writes by diffusion writes the answer: fewer are sooner done, and worse (0: one for each token); by default 0."""
    diffusion_block_length: int
    """Tokens that such a model writes before those that follow them (0: as the model was published); by default 0."""
    diffusion_algorithm: Literal["auto", "confidence", "entropy", "margin", "random"]
    """Which tokens such a model writes first: those that it holds the likeliest (confidence), where it wavers least among all (entropy) or between the best two (margin), any (random), or as it was published (auto): auto, confidence, entropy, margin, random; by default auto."""
    ignore_end: bool
    """Go on past the model's own end tokens."""


class EmbeddingOptions(TypedDict, total=False):
    pooling: Literal["model", "mean", "cls", "last", "rank"]
    """What is made of the hidden states of a text's tokens: their mean, the first, the last, or what the classifier says of it; model: what the file asks for, or else the mean: model, mean, cls, last, rank; by default model."""
    normalize: bool
    """Scale vectors to length 1 (not scores)."""
    dimensions: int
    """Only the first so many, for models that were trained to be cut (Matryoshka); by default all."""


LOAD_OPTIONS: dict[str, Option] = {
    "context_size": Option("integer", least=1, most=16777216, special=0, meaning="what the model was trained for, within 512 and 4096, or 2^20 where it takes no memory"),
    "cache_positions": Option("integer", least=1, most=2147483647, special=0, meaning="as the context size, or for all that run where they take no memory"),
    "max_sequences": Option("integer", least=1, most=65536),
    "max_batch_rows": Option("integer", least=1, most=65536, special=0, meaning="chosen for the model"),
    "threads": Option("integer", least=1, most=1024, special=0, meaning="one per physical core"),
    "kv_type": Option("name", names=("f16", "f32", "q8_0", "q4_0",)),
    "device": Option("text"),
    "gpu_memory": Option("integer", least=1, most=9007199254740991, special=0, meaning="what there is"),
    "gpu_layers": Option("integer", least=1, most=16777216, special=-1, meaning="as many as fit its memory"),
    "gpu_streaming": Option("flag"),
    "instruction_set": Option("text"),
    "memory_limit": Option("integer", least=1, most=9007199254740991, special=0, meaning="no limit"),
    "draft": Option("text"),
}

GENERATION_OPTIONS: dict[str, Option] = {
    "max_tokens": Option("integer", least=1, most=2147483647, special=-1, meaning="until the context is full"),
    "temperature": Option("number", least=0, most=100, special=0, meaning="always the likeliest"),
    "top_k": Option("integer", least=0, most=2147483647, special=0, meaning="all"),
    "top_p": Option("number", least=0, most=1),
    "min_p": Option("number", least=0, most=1),
    "typical_p": Option("number", least=0, most=1, special=1, meaning="all"),
    "top_n_sigma": Option("number", least=0, most=100, special=0, meaning="all"),
    "xtc_probability": Option("number", least=0, most=1),
    "xtc_threshold": Option("number", least=0, most=1),
    "dynatemp_range": Option("number", least=0, most=100),
    "dynatemp_exponent": Option("number", least=0, most=100),
    "repetition_penalty": Option("number", least=0.01, most=100, special=1, meaning="none"),
    "frequency_penalty": Option("number", least=-100, most=100),
    "presence_penalty": Option("number", least=-100, most=100),
    "penalty_window": Option("integer", least=0, most=2147483647, special=-1, meaning="all"),
    "dry_multiplier": Option("number", least=0, most=100, special=0, meaning="none"),
    "dry_base": Option("number", least=1, most=100),
    "dry_allowed_length": Option("integer", least=1, most=2147483647),
    "dry_penalty_window": Option("integer", least=0, most=2147483647, special=-1, meaning="all"),
    "dry_sequence_breakers": Option("texts"),
    "mirostat": Option("integer", least=0, most=2, special=0, meaning="none"),
    "mirostat_tau": Option("number", least=0, most=100),
    "mirostat_eta": Option("number", least=0, most=1),
    "samplers": Option("names", names=("penalties", "dry", "topNSigma", "topK", "typicalP", "topP", "minP", "xtc", "temperature",)),
    "seed": Option("integer", least=0, most=9007199254740991, special=-1, meaning="a new one"),
    "stop": Option("texts"),
    "stop_tokens": Option("tokens"),
    "logit_bias": Option("biases"),
    "grammar": Option("some text"),
    "regex": Option("some text"),
    "choices": Option("texts"),
    "json_schema": Option("json"),
    "reasoning_budget": Option("integer", least=0, most=2147483647, special=-1, meaning="as many as it likes"),
    "keep_tokens": Option("integer", least=0, most=2147483647, special=-1, meaning="the answer ends there"),
    "priority": Option("integer", least=-1000, most=1000),
    "cache_salt": Option("text"),
    "adapters": Option("adapters"),
    "logprobs": Option("integer", least=0, most=20, special=-1, meaning="none are told"),
    "speculation": Option("name", names=("auto", "off", "lookup", "draft",)),
    "draft_tokens": Option("integer", least=1, most=31),
    "diffusion_steps": Option("integer", least=0, most=2147483647, special=0, meaning="one for each token"),
    "diffusion_block_length": Option("integer", least=0, most=2147483647, special=0, meaning="as the model was published"),
    "diffusion_algorithm": Option("name", names=("auto", "confidence", "entropy", "margin", "random",)),
    "ignore_end": Option("flag"),
}

EMBEDDING_OPTIONS: dict[str, Option] = {
    "pooling": Option("name", names=("model", "mean", "cls", "last", "rank",)),
    "normalize": Option("flag"),
    "dimensions": Option("integer", least=1, most=2147483647, special=0, meaning="all"),
}
