"""The same as what the other files have for event loops, for threads that wait: without `await`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any, Literal, TypeVar, overload

from ._chat import AsyncChat
from ._engine_thread import Source
from ._hearth import AsyncHearth
from ._model import AsyncModel
from ._option import AdapterChoice
from ._option_table import LoadOptions
from ._stream import AsyncStreamedText
from ._types import (
    AnswerPart,
    ChatOptions,
    EmbedOptions,
    FinishPart,
    GenerateOptions,
    GenerateResult,
    Message,
    ModelEntry,
    ModelInfo,
    ModelStatistics,
    OnProgress,
    RankedDocument,
    ServerModel,
    StreamPart,
    TextOrTokens,
    TextPart,
    TurnOptions,
)
from ._waiting import Blocking, run

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Unpack

_Class = TypeVar("_Class", bound=type)


def _documented_by(other: type) -> Callable[[_Class], _Class]:
    """What the methods of a class do is said where they are written."""

    def document(decorated: _Class) -> _Class:
        for name, method in vars(decorated).items():
            twin = getattr(other, name, None)
            if callable(method) and not method.__doc__ and twin is not None:
                method.__doc__ = twin.__doc__
        return decorated

    return document


@_documented_by(AsyncStreamedText)
class StreamedText:
    """An answer while it is written. It may be read in several ways, and each sees it from the beginning:
    `for text in stream`, `text_stream`, `full_stream`, `response`. Whoever stops reading early, ends it; whoever reads
    slowly, is waited for.
    """

    def __init__(self, stream: AsyncStreamedText) -> None:
        self._stream = stream

    def __enter__(self) -> StreamedText:
        return self

    def __exit__(self, *_: object) -> None:
        self.abort()

    def __iter__(self) -> Iterator[str]:
        try:
            yield from self.text_stream
        finally:
            self.abort()

    @property
    def text_stream(self) -> Iterator[str]:
        return (part.text for part in self._read() if isinstance(part, TextPart) and part.text != "")

    @property
    def full_stream(self) -> Iterator[StreamPart]:
        """The pieces of all kinds, and a FinishPart."""
        yield from self._read()
        yield FinishPart(self.result)

    @property
    def response(self) -> str:
        """The whole text; of an aborted answer what was given out."""
        return self.result.text

    @property
    def result(self) -> GenerateResult:
        """The text with its finish_reason, usage and timings."""
        return run(self._stream._whole())

    def abort(self) -> None:
        self._stream.abort()

    def _read(self) -> Iterator[AnswerPart]:
        for index in count():
            part = run(self._stream._given(index))
            if part is None:
                return
            yield part


@_documented_by(AsyncModel)
class Model:
    """A loaded model. `Hearth.load_model` makes them; `dispose` gives its memory back."""

    def __init__(self, model: AsyncModel) -> None:
        self._model = model

    def __enter__(self) -> Model:
        return self

    def __exit__(self, *_: object) -> None:
        self.dispose()

    def __repr__(self) -> str:
        return repr(self._model)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Model) and other._model is self._model

    def __hash__(self) -> int:
        return hash(self._model)

    @property
    def id(self) -> str:
        return self._model.id

    @property
    def info(self) -> ModelInfo:
        return self._model.info

    @property
    def disposed(self) -> bool:
        return self._model.disposed

    def generate_text(
        self,
        prompt: str | None = None,
        *,
        n: int | None = None,
        **options: Unpack[GenerateOptions],
    ) -> GenerateResult:
        return run(self._model.generate_text(prompt, n=n, **options))

    def stream_text(
        self,
        prompt: str | None = None,
        **options: Unpack[GenerateOptions],
    ) -> StreamedText:
        return StreamedText(self._model.stream_text(prompt, **options))

    def metadata(self, most_elements: float = 8) -> dict[str, Any]:
        return run(self._model.metadata(most_elements))

    def statistics(self) -> ModelStatistics:
        return run(self._model.statistics())

    def tokenize(self, text: str, *, add_special: bool = False, parse_special: bool = False) -> list[int]:
        return run(self._model.tokenize(text, add_special=add_special, parse_special=parse_special))

    def detokenize(self, tokens: Sequence[int], *, with_special: bool = False) -> str:
        return run(self._model.detokenize(tokens, with_special=with_special))

    def count_tokens(self, text: str | Sequence[Message]) -> int:
        return run(self._model.count_tokens(text))

    def apply_chat_template(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[Mapping[str, Any]] | Mapping[str, Mapping[str, Any]] | None = None,
        template_variables: Mapping[str, Any] | None = None,
        add_generation_prompt: bool = True,
    ) -> str:
        shown = self._model.apply_chat_template(
            messages,
            tools=tools,
            template_variables=template_variables,
            add_generation_prompt=add_generation_prompt,
        )
        return run(shown)

    # A text is a sequence of texts, too, but comes first.
    @overload
    def embed(self, texts: str, **options: Unpack[EmbedOptions]) -> list[float]:  # type: ignore[misc]
        ...

    @overload
    def embed(self, texts: Sequence[TextOrTokens], **options: Unpack[EmbedOptions]) -> list[list[float]]:
        ...

    def embed(self, texts: Any, **options: Unpack[EmbedOptions]) -> Any:
        return run(self._model.embed(texts, **options))

    def embed_array(self, texts: Sequence[TextOrTokens], **options: Unpack[EmbedOptions]) -> Any:
        return run(self._model.embed_array(texts, **options))

    def rerank(self, query: str, documents: Sequence[str]) -> list[RankedDocument]:
        return run(self._model.rerank(query, documents))

    def create_chat(self, **options: Unpack[ChatOptions]) -> Chat:
        return Chat(self, self._model.create_chat(**options))

    def save_state(self) -> bytes:
        return run(self._model.save_state())

    def restore_state(self, state: bytes) -> None:
        run(self._model.restore_state(state))

    def load_adapter(self, source: str | os.PathLike[str] | bytes) -> int:
        return run(self._model.load_adapter(source))

    def unload_adapter(self, id: int) -> None:
        run(self._model.unload_adapter(id))

    def use_adapters(self, adapters: Sequence[AdapterChoice]) -> None:
        run(self._model.use_adapters(adapters))

    def dispose(self) -> None:
        run(self._model.dispose())


@_documented_by(AsyncChat)
class Chat:
    """A conversation. The engine keeps what it has read of it, so each turn costs only what is new."""

    def __init__(self, model: Model, chat: AsyncChat) -> None:
        self.model = model
        self._chat = chat

    @property
    def messages(self) -> list[Message]:
        """What was said so far; yours to change between turns."""
        return self._chat.messages

    @messages.setter
    def messages(self, messages: list[Message]) -> None:
        self._chat.messages = messages

    def stream(self, content: str, **options: Unpack[TurnOptions]) -> StreamedText:
        return StreamedText(self._chat.stream(content, **options))

    def send(self, content: str, **options: Unpack[TurnOptions]) -> str:
        return run(self._chat.send(content, **options))


@_documented_by(AsyncHearth)
class Hearth:
    """Models under their names. `mode="local"`: they run in this process. `mode="server"`: behind the `hearth serve` at
    `endpoint`.
    """

    def __init__(
        self,
        mode: Literal["local", "server"] = "local",
        *,
        endpoint: str | None = None,
        api_key: str | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        max_retries: int | None = None,
        default_model: str | None = None,
        memory_budget: int | None = None,
    ) -> None:
        self._hearth = AsyncHearth(
            mode,
            endpoint=endpoint,
            api_key=api_key,
            headers=headers,
            timeout=timeout,
            max_retries=max_retries,
            default_model=default_model,
            memory_budget=memory_budget,
            _waiting=Blocking(),
        )

    def __enter__(self) -> Hearth:
        return self

    def __exit__(self, *_: object) -> None:
        self.dispose()

    def load_model(
        self,
        source: Source,
        id: str | None = None,
        *,
        on_progress: OnProgress | None = None,
        timeout: float | None = None,
        **options: Unpack[LoadOptions],
    ) -> Model:
        loading = self._hearth.load_model(source, id, on_progress=on_progress, timeout=timeout, **options)
        return Model(run(loading))

    def unload_model(self, id: str) -> None:
        run(self._hearth.unload_model(id))

    def get_models(self) -> list[ModelEntry]:
        return self._hearth.get_models()

    def server_models(self) -> list[ServerModel]:
        return run(self._hearth.server_models())

    def use_model(self, id: str) -> None:
        self._hearth.use_model(id)

    def get_current_model(self) -> Model | None:
        current = self._hearth.get_current_model()
        return None if current is None else Model(current)

    def is_model_loaded(self, id: str) -> bool:
        return self._hearth.is_model_loaded(id)

    def generate(
        self,
        prompt: str | None = None,
        *,
        model: str | None = None,
        n: int | None = None,
        **options: Unpack[GenerateOptions],
    ) -> GenerateResult:
        return run(self._hearth.generate(prompt, model=model, n=n, **options))

    def stream(
        self,
        prompt: str | None = None,
        *,
        model: str | None = None,
        **options: Unpack[GenerateOptions],
    ) -> StreamedText:
        return StreamedText(self._hearth.stream(prompt, model=model, **options))

    def dispose(self) -> None:
        run(self._hearth.dispose())
