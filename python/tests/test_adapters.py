"""Low-rank adapters, in this process and behind a server."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from hearth import Hearth, HearthError, Model

MATRIX = "blk.0.attn_output.weight"


def text(value: str) -> bytes:
    """As GGUF has texts."""
    return struct.pack("<Q", len(value)) + value.encode()


def aligned(data: bytes) -> bytes:
    return data + bytes(-len(data) % 32)


def adapter_for(model: Model, width: int | None = None) -> bytes:
    """A GGUF file of one pair of rank 1 that turns what a matrix gives."""
    width = width or model.info.embedding_length
    string, float32 = 8, 0
    keys = {
        "general.architecture": model.info.architecture,
        "general.type": "adapter",
        "adapter.type": "lora",
    }
    header = struct.pack("<IIQQ", 0x46554747, 3, 2, len(keys))
    for key, value in keys.items():
        header += text(key) + struct.pack("<I", string) + text(value)
    signs = aligned(struct.pack(f"<{width}f", *(1 if index % 2 == 0 else -1 for index in range(width))))
    header += text(f"{MATRIX}.lora_a") + struct.pack("<IQQIQ", 2, width, 1, float32, 0)
    header += text(f"{MATRIX}.lora_b") + struct.pack("<IQQIQ", 2, 1, width, float32, len(signs))
    return aligned(header) + signs + signs


def hold_to_adapters(model: Model) -> None:
    def ask(**options: object) -> str:
        story = {"temperature": 0, "ignore_end": True, "max_tokens": 20}
        return model.generate_text("Tell me a story", **story, **options).text  # type: ignore[arg-type]

    plain = ask()
    id = model.load_adapter(adapter_for(model))
    adapted = ask(adapters=[{"id": id}])
    assert adapted != plain == ask(adapters=[{"id": id, "scale": 0}])
    vector = model.embed("Hello")
    model.use_adapters([{"id": id}])
    assert ask() == adapted
    assert model.embed("Hello") != vector
    model.use_adapters([])
    model.unload_adapter(id)
    with pytest.raises(LookupError):
        ask(adapters=[{"id": id}])
    assert ask() == plain


def test_adapters_are_chosen_by_each_request(model: Model, tmp_path: Path) -> None:
    hold_to_adapters(model)
    file = tmp_path / "adapter.gguf"
    file.write_bytes(adapter_for(model))
    assert model.load_adapter(file) >= 0
    with pytest.raises(ValueError, match=f"{MATRIX}.lora_a"):
        model.load_adapter(adapter_for(model, model.info.embedding_length + 8))
    with pytest.raises(HearthError) as raised:
        model.load_adapter(bytes(100))
    assert raised.value.code == "INVALID_MODEL"


def test_adapters_of_a_server_are_as_well(hearth_serve: str) -> None:
    with Hearth(mode="server", endpoint=hearth_serve) as hearth:
        hold_to_adapters(hearth.load_model("hearth-spark", threads=1))
