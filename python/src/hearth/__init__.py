"""Hearth: language models on your own machine, in this process or behind a server of yours. See docs/python.md."""

from ._chat import AsyncChat
from ._hearth import AsyncHearth
from ._model import AsyncModel
from ._option import AdapterChoice
from ._option_table import EmbeddingOptions, LoadOptions, SamplingOptions
from ._stream import AsyncStreamedText
from ._sync import Chat, Hearth, Model, StreamedText
from ._types import (
    ChosenLogprob,
    FinishPart,
    GenerateOptions,
    GenerateResult,
    LoadProgress,
    Message,
    ModelEntry,
    ModelInfo,
    ModelStatistics,
    RankedDocument,
    ReasoningPart,
    ServerModel,
    Step,
    StreamPart,
    TextPart,
    Timings,
    TokenLogprob,
    ToolCall,
    ToolCallDelta,
    ToolResult,
    Usage,
    VocabularyTokens,
    WarningPart,
)
from .errors import (
    HearthConnectionError,
    HearthError,
    HearthIOError,
    HearthMemoryError,
    HearthTimeoutError,
    InvalidArgumentError,
    NotFoundError,
)

from .socket import AsyncHearthSocket, AsyncSocketAnswer, HearthSocket, SocketAnswer

__all__ = [
    "AdapterChoice",
    "AsyncChat",
    "AsyncHearth",
    "AsyncHearthSocket",
    "AsyncModel",
    "AsyncSocketAnswer",
    "AsyncStreamedText",
    "Chat",
    "ChosenLogprob",
    "EmbeddingOptions",
    "FinishPart",
    "GenerateOptions",
    "GenerateResult",
    "Hearth",
    "HearthConnectionError",
    "HearthError",
    "HearthIOError",
    "HearthMemoryError",
    "HearthSocket",
    "HearthTimeoutError",
    "InvalidArgumentError",
    "LoadOptions",
    "LoadProgress",
    "Message",
    "Model",
    "ModelEntry",
    "ModelInfo",
    "ModelStatistics",
    "NotFoundError",
    "RankedDocument",
    "ReasoningPart",
    "SamplingOptions",
    "ServerModel",
    "SocketAnswer",
    "Step",
    "StreamPart",
    "StreamedText",
    "TextPart",
    "Timings",
    "TokenLogprob",
    "ToolCall",
    "ToolCallDelta",
    "ToolResult",
    "Usage",
    "VocabularyTokens",
    "WarningPart",
]
