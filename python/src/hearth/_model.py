"""A loaded model: what it can be asked, as coroutines."""

from __future__ import annotations

import importlib
import math
import os
import time
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, overload

from ._chat import AsyncChat
from ._engine import Engine, chat_json
from ._json import engine_options, from_json, whole_characters
from ._option import CONVERSATION_OPTIONS, FLAG, FUNCTION, LIST, SECONDS, TEXT, AdapterChoice, Option
from ._option import check_options, check_value
from ._option_table import EMBEDDING_OPTIONS, GENERATION_OPTIONS
from ._stream import AsyncStreamedText, Request
from ._tools import described, tool_list
from ._types import (
    ChatOptions,
    EmbedOptions,
    GenerateOptions,
    GenerateResult,
    Message,
    ModelInfo,
    ModelStatistics,
    RankedDocument,
    TemplateCapabilities,
    TextOrTokens,
    VocabularyTokens,
)
from ._waiting import Asyncio, Waiting
from .errors import HearthError, error_of, invalid

if TYPE_CHECKING:
    from typing_extensions import Unpack

CHARACTERS_AT_ONCE = 16384
"""That the engine gets to embed, or one text: some thousand tokens, several full batches."""
CHARACTERS_OF_TOKEN = 4
"""About as many as a token has."""

TOKENS = Option("tokens")
N = Option("integer", least=1, most=1024)


class AsyncModel:
    """A loaded model. `AsyncHearth.load_model` makes them; `dispose` gives its memory back."""

    def __init__(self, engine: Engine, id: str, waiting: Waiting | None = None) -> None:
        self.id = id
        self._engine = engine
        self._waiting: Waiting = waiting or Asyncio()
        self._disposed = False
        self.on_dispose: Callable[[], None] = lambda: None
        """Whoever keeps it by name forgets it."""

    async def __aenter__(self) -> AsyncModel:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.dispose()

    def __repr__(self) -> str:
        return f"<hearth model {self.id!r}{', disposed' if self._disposed else ''}>"

    @property
    def info(self) -> ModelInfo:
        """What it is, and what computes it now."""
        return _info_of(self._engine.info)

    @property
    def disposed(self) -> bool:
        return self._disposed

    async def generate_text(
        self,
        prompt: str | None = None,
        *,
        n: int | None = None,
        **options: Unpack[GenerateOptions],
    ) -> GenerateResult:
        """One answer, whole, to a prompt or to `messages`. With `n`, so many answers to the one prompt, which is read
        once: the result is the first, and all are its `choices`. Each draws with a seed of its own: `seed`, `seed` + 1
        and so on, where it is given. `json_schema` holds the answer to a schema and gives what it says as `value`.
        """
        request = self._request(prompt, {**options}, whole=True)
        if n is None:
            return await self._whole(self._start(request))
        check_value("n", N, n)
        answers = [self._start(_seeded(request, index)) for index in range(n)]
        try:
            choices = [await self._whole(answer) for answer in answers]
        finally:
            for answer in answers:
                answer.abort()
        return replace(choices[0], choices=choices)

    def stream_text(
        self,
        prompt: str | None = None,
        **options: Unpack[GenerateOptions],
    ) -> AsyncStreamedText:
        """One answer as it is written. An aborted stream ends where it is, and its `response` is what was given out; any
        other failure is raised to who reads it."""
        return self._start(self._request(prompt, {**options}))

    def _start(self, request: Request) -> AsyncStreamedText:
        self._require_open()
        return AsyncStreamedText(self._waiting, self._engine, request)

    @staticmethod
    async def _whole(stream: AsyncStreamedText) -> GenerateResult:
        result = await stream.result
        if result.finish_reason == "cancelled":
            raise error_of("ABORTED", "aborted by the caller")
        return result

    def _request(self, prompt: str | None, given: dict[str, Any], whole: bool = False) -> Request:
        self._require_open()
        asked = {"prompt": prompt, **given}
        check_options(asked, GENERATION_OPTIONS, CONVERSATION_OPTIONS)
        raw, messages, system = given.get("raw"), given.get("messages"), given.get("system")
        if (prompt is None) == (messages is None):
            raise invalid("give either a prompt or messages")
        if raw and messages is not None:
            raise invalid("raw goes with a prompt, not with messages")
        if raw and system is not None:
            raise invalid("a raw prompt takes no system message: put it into the text")
        spoken = [{"role": "user", "content": prompt}] if messages is None else list(messages)
        chosen = engine_options({name: value for name, value in asked.items() if name in GENERATION_OPTIONS})
        return Request(
            options={**chosen, "continuesText": bool(raw and prompt)},
            raw=whole_characters(prompt or "") if raw else None,
            messages=spoken if system is None else [{"role": "system", "content": system}, *spoken],
            tools=tool_list(given.get("tools")),
            tool_choice=given.get("tool_choice"),
            keep_reasoning=given.get("keep_reasoning"),
            template_variables=given.get("template_variables"),
            when_full=given.get("when_full"),
            max_steps=given.get("max_steps") or 1,
            timeout=given.get("timeout"),
            whole=whole,
            schema=given.get("json_schema"),
        )

    async def _call(
        self, name: str, *arguments: Any, data: bytes = b"", deadline: float | None = None
    ) -> Any:
        self._require_open()
        return await self._waiting.result(self._engine.call(name, arguments, data), deadline)

    async def metadata(self, most_elements: float = 8) -> dict[str, Any]:
        """Every key of the file's metadata; arrays are cut after `most_elements`, which may be math.inf: {"arrayOf",
        "count", "first"}."""
        self._require_open()
        check_value("most_elements", Option("number", least=0, most=math.inf), most_elements)
        told: dict[str, Any] = await self._call("metadata", int(min(most_elements, 2**31 - 1)))
        return told

    async def statistics(self) -> ModelStatistics:
        """How the streaming of its weights goes."""
        return from_json(ModelStatistics, await self._call("statistics"))

    async def tokenize(
        self, text: str, *, add_special: bool = False, parse_special: bool = False
    ) -> list[int]:
        """With `add_special`, the beginning and end tokens that the vocabulary asks for are added. With `parse_special`,
        names of control tokens in the text become those tokens: never set it for text that a user wrote."""
        self._require_open()
        check_value("text", TEXT, text)
        check_value("add_special", FLAG, add_special)
        check_value("parse_special", FLAG, parse_special)
        return list(await self._call("tokenize", text, add_special, parse_special))

    async def detokenize(self, tokens: Sequence[int], *, with_special: bool = False) -> str:
        """With `with_special`, control tokens are shown by name, and otherwise as nothing."""
        self._require_open()
        check_value("tokens", Option("tokens"), tokens)
        check_value("with_special", FLAG, with_special)
        return str(await self._call("detokenize", with_special, data=array("i", tokens).tobytes()))

    async def count_tokens(self, text: str | Sequence[Message]) -> int:
        """Tokens of a text, or of a conversation as the model would get it."""
        if isinstance(text, str):
            return len(await self._call("tokenize", text, False, False))
        return len(await self._call("chatTokens", chat_json(messages=list(text))))

    async def apply_chat_template(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[Mapping[str, Any]] | Mapping[str, Mapping[str, Any]] | None = None,
        template_variables: Mapping[str, Any] | None = None,
        add_generation_prompt: bool = True,
    ) -> str:
        """The prompt that a conversation becomes, as text to look at."""
        self._require_open()
        check_value("messages", LIST, messages)
        check_options({"tools": tools, "template_variables": template_variables}, CONVERSATION_OPTIONS)
        chat = chat_json(
            messages=list(messages),
            tools=described(tool_list(tools)),
            variables=template_variables,
            addGenerationPrompt=add_generation_prompt,
        )
        return str(await self._call("applyChatTemplate", chat))

    # A text is a sequence of texts, too, but comes first.
    @overload
    async def embed(self, texts: str, **options: Unpack[EmbedOptions]) -> list[float]:  # type: ignore[misc]
        ...

    @overload
    async def embed(
        self, texts: Sequence[TextOrTokens], **options: Unpack[EmbedOptions]
    ) -> list[list[float]]:
        ...

    async def embed(self, texts: Any, **options: Unpack[EmbedOptions]) -> Any:
        """One vector per text, of length 1 unless `normalize` is False. In a list, texts may also be their tokens, which
        are taken as they are. Many texts at once take far less time than one by one."""
        values, size = await self._vectors([texts] if isinstance(texts, str) else texts, options)
        vectors = [list(values[at : at + size]) for at in range(0, len(values), size or 1)]
        return vectors[0] if isinstance(texts, str) else vectors

    async def embed_array(self, texts: Sequence[TextOrTokens], **options: Unpack[EmbedOptions]) -> Any:
        """The same as an array of numpy: float32, with a row for each text."""
        numpy = _numpy()
        values, size = await self._vectors(texts, options)
        return numpy.frombuffer(values, dtype="float32").reshape(len(texts), size)

    async def _vectors(self, texts: Sequence[TextOrTokens], given: EmbedOptions) -> tuple[array[float], int]:
        """Values text after text, and how many there are of each. Between parts, answers of the same model go on."""
        self._require_open()
        check_options(given, EMBEDDING_OPTIONS, _EMBEDDING)
        check_value("texts", LIST, texts)
        for text in texts:
            is_tokens = isinstance(text, Sequence) and not isinstance(text, (str, bytes))
            check_value("text", TOKENS if is_tokens else TEXT, text)
        timeout, on_progress = given.get("timeout"), given.get("on_progress")
        deadline = None if timeout is None else time.monotonic() + timeout
        options = engine_options({name: value for name, value in given.items() if name in EMBEDDING_OPTIONS})
        values: array[float] = array("f")
        done = 0
        while done < len(texts):
            end = _end_of_part(texts, done)
            part = [text if isinstance(text, str) else list(text) for text in texts[done:end]]
            values += await self._call("embed", part, options, done, len(texts), deadline=deadline)
            done = end
            if on_progress is not None:
                on_progress(done, len(texts))
        return values, len(values) // (len(texts) or 1)

    async def rerank(self, query: str, documents: Sequence[str]) -> list[RankedDocument]:
        """The documents by how well each answers the query, the best first, for models that are made for it."""
        self._require_open()
        check_value("query", TEXT, query)
        check_value("documents", LIST, documents)
        for document in documents:
            check_value("document", TEXT, document)
        ranked: list[RankedDocument] = []
        while True:
            first = len(ranked)
            end = _end_of_part(documents, first, len(query)) if documents else 0
            part = await self._call("rerank", query, list(documents[first:end]), first, len(documents))
            ranked += [from_json(RankedDocument, told) for told in part]
            if len(ranked) == len(documents):
                return sorted(ranked, key=lambda document: (-document.score, document.index))

    def create_chat(self, **options: Unpack[ChatOptions]) -> AsyncChat:
        """A conversation that remembers what was said."""
        self._require_open()
        return AsyncChat(self, {**options})

    async def save_state(self) -> bytes:
        """What finished answers have read, as bytes to keep: a later run of the same model that gets them back does not
        read those texts again."""
        return bytes(await self._call("saveState"))

    async def restore_state(self, state: bytes) -> None:
        """INVALID_ARGUMENT for the state of another model or kv_type, INTEGRITY for a damaged one."""
        self._require_open()
        if not isinstance(state, bytes):
            raise invalid("a state is the bytes that save_state gave")
        await self._call("restoreState", data=state)

    async def load_adapter(self, source: str | os.PathLike[str] | bytes) -> int:
        """Takes in a low-rank adapter (LoRA) of this model: a GGUF file, by its path where the engine runs, or as bytes.
        Requests choose it by the id that this gives: `adapters=[{"id": id, "scale": 0.5}]`."""
        self._require_open()
        if isinstance(source, bytes):
            return int(await self._call("loadAdapter", "", data=source))
        if not isinstance(source, (str, os.PathLike)):
            raise invalid("an adapter is the bytes of a GGUF file, or its path")
        return int(await self._call("loadAdapter", os.fspath(source)))

    async def unload_adapter(self, id: int) -> None:
        """Answers that are being written keep it. NOT_FOUND where there is none of that id."""
        self._require_open()
        check_value("id", Option("integer", least=0), id)
        await self._call("unloadAdapter", id)

    async def use_adapters(self, adapters: Sequence[AdapterChoice]) -> None:
        """From now on these are added where a request names none, and for embeddings."""
        self._require_open()
        check_value("adapters", Option("adapters"), adapters)
        await self._call("useAdapters", list(adapters))

    async def dispose(self) -> None:
        """What still runs ends with DISPOSED. Memory and threads have been given back afterwards."""
        if self._disposed:
            return
        self._disposed = True
        self.on_dispose()
        await self._waiting.result(self._engine.dispose())

    def _require_open(self) -> None:
        if self._disposed:
            raise HearthError("DISPOSED", f"the model '{self.id}' was disposed")


_EMBEDDING = {"timeout": SECONDS, "on_progress": FUNCTION}


def _seeded(request: Request, index: int) -> Request:
    seed = request.options.get("seed", -1)
    return request if seed < 0 else replace(request, options={**request.options, "seed": seed + index})


def _end_of_part(texts: Sequence[TextOrTokens], first: int, more: int = 0) -> int:
    """Behind the last text that goes to the engine with the first, each with `more` characters around it."""

    def characters_of(text: TextOrTokens) -> int:
        return more + len(text) * (1 if isinstance(text, str) else CHARACTERS_OF_TOKEN)

    end, characters = first + 1, characters_of(texts[first])
    while end < len(texts) and characters + characters_of(texts[end]) <= CHARACTERS_AT_ONCE:
        characters += characters_of(texts[end])
        end += 1
    return end


def _numpy() -> Any:
    try:
        return importlib.import_module("numpy")
    except ImportError as error:
        raise error_of(
            "UNSUPPORTED", "embed_array needs numpy, which is not installed: pip install numpy"
        ) from error


def _info_of(told: Mapping[str, Any]) -> ModelInfo:
    capabilities = from_json(TemplateCapabilities, told["templateCapabilities"])
    tokens = from_json(VocabularyTokens, told["tokens"])
    return from_json(ModelInfo, {**told, "templateCapabilities": capabilities, "tokens": tokens})
