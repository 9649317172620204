"""What users pass in and get back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypedDict, Union

from ._option_table import EmbeddingOptions, SamplingOptions

Message = Mapping[str, Any]
"""As OpenAI's API has it: {"role": "user", "content": "Hello"}."""


class ConversationOptions(TypedDict, total=False):
    tools: Sequence[Mapping[str, Any]] | Mapping[str, Mapping[str, Any]]
    """What the model may call: tools of OpenAI's form, or by name {"weather": {"description", "parameters", "strict",
    "execute"}}. Those with "execute" are run with the arguments by name, and their results given back."""
    tool_choice: str
    """"auto" (default), "none", "required" (any of the tools), or the name of the one that must be called."""
    max_steps: int
    """How many answers may follow one another where each calls tools that are run. Default 1."""
    keep_reasoning: bool
    """Leaves what the model thinks in the text, with the marks around it."""
    template_variables: Mapping[str, Any]
    """Further names for the model's chat template, such as {"enable_thinking": False}."""
    when_full: Literal["drop", "error"]
    """What becomes of messages that leave less than a quarter of the context for the answer. "drop": the oldest turns
    are left out. "error": CONTEXT_OVERFLOW where they do not fit at all. Default "error", in a chat "drop"."""
    timeout: float
    """Seconds until TIMEOUT. Default: no limit."""


class TurnOptions(SamplingOptions, ConversationOptions, total=False):
    """Of one turn of a chat."""


class ChatOptions(TurnOptions, total=False):
    system: str
    """Goes before the messages."""
    messages: Sequence[Message]


class GenerateOptions(ChatOptions, total=False):
    raw: bool
    """The prompt is a text to go on from, without any template."""


TextOrTokens = Union[str, Sequence[int]]
"""A text, or its tokens, which are taken as they are."""


class EmbedOptions(EmbeddingOptions, total=False):
    on_progress: Callable[[int, int], None]
    """Told how many texts of how many are done, whenever it is some more."""
    timeout: float
    """Seconds until TIMEOUT, once the texts that are being computed are done. Default: no limit."""


@dataclass(frozen=True)
class LoadProgress:
    stage: str
    loaded: int
    """Bytes, or 0 and 1 where a stage counts none."""
    total: int
    message: str = ""
    """Which file of a repository is taken, and why; mostly empty."""


OnProgress = Callable[[LoadProgress], None]


@dataclass(frozen=True)
class TemplateCapabilities:
    """What a model's chat template can do, found by trying it when the model is loaded."""

    system: bool
    tools: bool
    parts: bool
    reasoning: bool
    parallel_calls: bool


@dataclass(frozen=True)
class VocabularyTokens:
    """Numbers of tokens with a part of their own; None for those that the vocabulary has not."""

    bos: int | None = None
    eos: int | None = None
    eot: int | None = None
    """Ends a turn of a conversation."""
    fim_prefix: int | None = None
    """Fill-in-the-middle: goes before what precedes the middle; a vocabulary has all of these three or none."""
    fim_suffix: int | None = None
    fim_middle: int | None = None
    fim_pad: int | None = None
    fim_repository: int | None = None
    """Goes before a repository's name."""
    fim_file_separator: int | None = None
    """Goes before another file of it."""


@dataclass(frozen=True)
class ModelInfo:
    name: str
    architecture: str
    quantization: str
    license: str
    """"" where the file does not say, as is `creator`."""
    creator: str
    file_name: str
    file_size: int
    left_in_file: int
    """Bytes of it that are never in memory as a whole: large tables of which rows are read when they are needed."""
    gguf_version: int
    parameter_count: int
    layer_count: int
    embedding_length: int
    head_count: int
    head_count_kv: int
    context_length: int
    """Positions that the model was trained for."""
    context_size: int
    """Positions of one conversation, as loaded."""
    max_sequences: int
    """Requests that run at once; more wait. Fewer than asked for where each takes a state of megabytes."""
    vocab_size: int
    rope_frequency_base: float
    rope_frequency_scale: float
    pooling: Literal["mean", "cls", "last", "rank"]
    """How texts become vectors where `embed` is not told otherwise."""
    tasks: list[Literal["generate", "embed", "rerank"]]
    """What it can be asked for; what it was made for comes first."""
    tokenizer: str
    tokens: VocabularyTokens
    has_chat_template: bool
    template_capabilities: TemplateCapabilities
    cache_bytes: int
    """Bytes that keys and values of all positions take."""
    draft_bytes: int
    device: str
    """What computes: "cpu (AVX2, 4 threads)". Another, where an answer has lost the one that there was."""
    device_reason: str
    """Why it is not the GPU that was asked for, or not for all layers; "": it is."""


@dataclass(frozen=True)
class ModelStatistics:
    """How a model is doing; tokens, steps and bytes are those since loading."""

    layers_resident: int
    """Layers in memory: all, unless weights are streamed within a memory_limit."""
    bytes_read: int
    wait_ms: float
    running: int
    """Answers in the batch."""
    waiting: int
    """Those that wait for a place in it."""
    held: int
    """Those whose readers do not keep up."""
    cache_positions: int
    """Positions of keys and values in all."""
    cache_positions_used: int
    """Those in use by answers, or kept for later ones until they need room."""
    steps: int
    """Batches that were computed for answers."""
    prompt_tokens: int
    """Tokens of prompts that were computed, those of embeddings included."""
    cached_tokens: int
    """Tokens of prompts that were found in the cache instead."""
    completion_tokens: int


@dataclass(frozen=True)
class RankedDocument:
    index: int
    """Its place among those that were given."""
    score: float
    """How well it answers the query, from 0 to 1."""


@dataclass(frozen=True)
class TokenLogprob:
    """A token with the logarithm of its probability to the model, before anything that sampling changes."""

    id: int
    text: str
    bytes: list[int]
    logprob: float


@dataclass(frozen=True)
class ChosenLogprob(TokenLogprob):
    top_logprobs: list[TokenLogprob] = field(default_factory=list)
    """The likeliest in its place, best first: as many as `logprobs` asks for."""


@dataclass(frozen=True)
class TextPart:
    text: str
    """"" where a piece carries something else."""
    logprobs: list[ChosenLogprob] = field(default_factory=list)
    type: Literal["text"] = "text"


@dataclass(frozen=True)
class ReasoningPart:
    """Of what the model thinks before it answers."""

    text: str
    type: Literal["reasoning"] = "reasoning"


@dataclass(frozen=True)
class WarningPart:
    message: str
    type: Literal["warning"] = "warning"


@dataclass(frozen=True)
class ToolCallDelta:
    """By which a call grows."""

    index: int
    """Which call of the answer, from 0."""
    id: str | None = None
    name: str | None = None
    """With the first delta."""
    arguments: str = ""
    """JSON text that is added to the arguments."""
    whole: bool = False
    """True in the last one."""
    type: Literal["tool_call_delta"] = "tool_call_delta"


@dataclass(frozen=True)
class ToolCall:
    id: str
    name: str
    arguments: Any
    """A dict, as a rule; a string where the model wrote no JSON."""
    type: Literal["tool_call"] = "tool_call"


@dataclass(frozen=True)
class ToolResult:
    id: str
    name: str
    result: Any = None
    """What "execute" gave."""
    error: str | None = None
    """Or why it failed, which the model is told, too."""
    type: Literal["tool_result"] = "tool_result"


AnswerPart = Union[TextPart, ReasoningPart, WarningPart, ToolCallDelta, ToolCall, ToolResult]


@dataclass(frozen=True)
class Usage:
    prompt_tokens: int = 0
    cached_tokens: int = 0
    """Of the prompt, taken over from an earlier request."""
    completion_tokens: int = 0
    drafted_tokens: int = 0
    """By speculation, which makes an answer no other, only sooner."""
    accepted_tokens: int = 0


@dataclass(frozen=True)
class Timings:
    queued_ms: float = 0
    prefill_ms: float = 0
    decode_ms: float = 0


@dataclass(frozen=True)
class Step:
    """One answer of several that follow one another by way of tools."""

    text: str = ""
    reasoning: str = ""
    tool_calls: list[ToolCall] = field(default_factory=list)
    tool_results: list[ToolResult] = field(default_factory=list)


@dataclass(frozen=True)
class GenerateResult(Step):
    """The text, reasoning, calls and results are those of the last step."""

    value: Any = None
    """Where json_schema asks for JSON: what it says, an instance of the pydantic model where that was one. None where
    the answer was cut."""
    steps: list[Step] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    """What the answer adds to the conversation."""
    logprobs: list[ChosenLogprob] | None = None
    """Of the answer's tokens, where `logprobs` asks for them."""
    finish_reason: Literal["stop", "tool-calls", "length", "cancelled"] = "stop"
    usage: Usage = Usage()
    """Of all steps together, as are the timings."""
    timings: Timings = Timings()
    seed: int = -1
    """What its tokens were drawn with: the same again gives the same text. -1 where it was aborted before."""
    turns_left_out: int = 0
    """Of the conversation, to fit the context: see when_full."""
    warnings: list[str] = field(default_factory=list)
    """What is not kept as it was asked for: a tool's schema that holds nothing, since no grammar keeps it."""
    choices: list[GenerateResult] | None = None
    """Where `n` asks for several answers: all of them."""


@dataclass(frozen=True)
class FinishPart:
    """The last of a full_stream."""

    result: GenerateResult
    type: Literal["finish"] = "finish"


StreamPart = Union[AnswerPart, FinishPart]


@dataclass(frozen=True)
class ServerModel:
    """What a server can answer with."""

    id: str
    loaded: bool = False
    memory: int | None = None
    """Bytes, of one that is loaded."""
    active: int | None = None
    """Requests that it works on."""


@dataclass(frozen=True)
class ModelEntry:
    """Of a model that is loaded."""

    id: str
    info: ModelInfo
    memory: int
    """Bytes of weights, keys and values."""
    active: int
    """Requests that it works on."""
