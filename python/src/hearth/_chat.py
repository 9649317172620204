"""A conversation that remembers, as coroutines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._option import CONVERSATION_OPTIONS, TEXT, check_options, check_value
from ._option_table import GENERATION_OPTIONS
from ._stream import AsyncStreamedText
from ._types import Message, TurnOptions

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ._model import AsyncModel


class AsyncChat:
    """A conversation. The engine keeps what it has read of it, so each turn costs only what is new."""

    def __init__(self, model: AsyncModel, options: dict[str, Any]) -> None:
        known = {
            name: option for name, option in CONVERSATION_OPTIONS.items() if name not in ("prompt", "raw")
        }
        check_options(options, GENERATION_OPTIONS, known)
        system = options.pop("system", None)
        messages = options.pop("messages", None) or []
        self.model = model
        self.messages: list[Message] = [*messages]
        """What was said so far; yours to change between turns."""
        if system is not None:
            self.messages.insert(0, {"role": "system", "content": system})
        self._defaults = {"when_full": "drop", **options}

    def stream(self, content: str, **options: Unpack[TurnOptions]) -> AsyncStreamedText:
        """Says `content` and streams the answer. Both become part of the conversation when the answer has ended. Once the
        context is full, the model does not see the oldest turns any more: the result's turns_left_out tells how many.
        """
        check_value("content", TEXT, content)
        asked = {"role": "user", "content": content}
        given: Any = {**self._defaults, **options}
        stream = self.model.stream_text(messages=[*self.messages, asked], **given)
        stream.on_result = lambda result: self.messages.extend([asked, *result.messages])
        return stream

    async def send(self, content: str, **options: Unpack[TurnOptions]) -> str:
        """The same, and waits for the whole answer."""
        return await self.stream(content, **options).response
