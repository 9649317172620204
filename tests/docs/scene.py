"""The folder that a page's examples are run in: what they speak of as if it were there, is there."""

import json
import os
import pathlib
import shutil
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from blocks import ROOT

sys.path.insert(0, str(ROOT / "apps/cli/tests"))
from model_server import Answer, ModelServer
from published_model import PublishedModel

SPARK = ROOT / "models/hearth-spark.gguf"
HEARTH = ROOT / "build/hearth"

# The files of hf:owner/repository.
HUB = ("model-Q4_K_M.gguf", "small.gguf")

TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "weather",
            "description": "Tells the weather",
            "parameters": {
                "type": "object",
                "properties": {"city": {"type": "string"}},
                "required": ["city"],
            },
        },
    }
]


def hearth(*arguments: object) -> str:
    done = subprocess.run([HEARTH, *map(str, arguments)], capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    return done.stdout


def damaged(path: pathlib.Path) -> None:
    """A GGUF file whose first value is of a type that does not exist."""
    header = b"GGUF" + struct.pack("<IQQ", 3, 0, 1)
    path.write_bytes(header + struct.pack("<Q", 8) + b"my_key_0" + struct.pack("<I", 13) + bytes(64))


def chat_template(path: pathlib.Path) -> None:
    """One in the form of Hermes and Qwen, which shows tools, calls and reasoning."""
    path.write_text(
        "{% for tool in tools or [] %}{{ tool | tojson }}\n{% endfor %}{% for message in messages %}"
        "<|im_start|>{{ message.role }}\n{% if message.reasoning_content %}<think>\n{{ message.reasoning_content }}\n"
        "</think>\n\n{% endif %}{{ message.content }}{% for call in message.tool_calls or [] %}\n<tool_call>\n"
        '{"name": "{{ call.function.name }}", "arguments": {{ call.function.arguments | tojson }}}\n</tool_call>'
        "{% endfor %}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
    )


def safetensors(path: pathlib.Path) -> None:
    """A model with random weights as Hugging Face has it."""
    made = PublishedModel()
    made.setUp()
    made.make("tiny-qwen2", "Qwen2ForCausalLM")
    made.publish()
    shutil.copytree(made.published, path)
    made.doCleanups()


def workflow(path: pathlib.Path) -> None:
    node = 'uses: llm.chat, with: {prompt: "{{ state.question }}", max_tokens: 10}, output: {answer: content}'
    path.write_text(f"name: ask\nnodes: [{{name: ask, {node}}}]\n")


def workflows(path: pathlib.Path) -> None:
    path.mkdir()
    workflow(path / "ask.yaml")


def page_folder(path: pathlib.Path) -> None:
    path.mkdir()
    (path / "index.html").write_text("<!doctype html><html><head><title>Mine</title></head></html>")


def link(path: pathlib.Path) -> None:
    path.symlink_to(SPARK)


# What may be named without having been made, and how it is made. A name counts where the page has it.
PROPS: dict[str, Callable[[pathlib.Path], object]] = {
    "model.gguf": link,
    "my-model.gguf": link,
    "other.gguf": link,
    "model-f16.gguf": lambda path: hearth("convert", SPARK, path, "--type", "F16"),
    "reranker.gguf": lambda path: hearth("make-model", "tiny-bge-reranker", path),
    "damaged.gguf": damaged,
    "chat.jinja": chat_template,
    "hearth.yaml": lambda path: path.write_text(f"models: [{{name: spark, source: {SPARK}}}]\n"),
    "answer.yaml": workflow,
    "flows/": workflows,
    "tools.json": lambda path: path.write_text(json.dumps(TOOLS)),
    "text.txt": lambda path: path.write_text((ROOT / "README.md").read_text() * 3),
    "convert folder": lambda path: safetensors(path.with_name("folder")),
    "my-page": page_folder,
    "serve-static dist": lambda path: page_folder(path.with_name("dist")),
    "large.gguf": link,
    "bge-reranker-v2-m3.gguf": lambda path: hearth("make-model", "tiny-bge-reranker", path),
    "bge-small-en-v1.5.gguf": lambda path: hearth("make-model", "tiny-bert", path),
}


@contextmanager
def scene(page: str, text: str) -> Iterator[pathlib.Path]:
    """An empty folder in build/, so that packages are found from it, and a hub that has the repository of the examples."""
    folder = ROOT / "build/documentation" / page.replace("/", "_")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in ("models", "build", "tools", "examples"):
        (folder / name).symlink_to(ROOT / name)
    for name, make in PROPS.items():
        if name in text:
            make(folder / name)
    hub = ModelServer()
    hub.repository("owner/repository", {name: SPARK.read_bytes() for name in HUB})
    hub["/my-model.gguf"] = Answer(SPARK.read_bytes())
    environment = {
        "HF_ENDPOINT": hub.origin,
        "HEARTH_CACHE": str(folder / "cache"),
        "NO_PROXY": "*",
        "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
        "LD_LIBRARY_PATH": str(ROOT / "build"),
    }
    (folder / "bin").mkdir()
    (folder / "bin/hearth").symlink_to(HEARTH)
    before = dict(os.environ)
    os.environ.update(environment)
    os.environ.pop("HF_TOKEN", None)
    try:
        yield folder
    finally:
        hub.close()
        os.environ.clear()
        os.environ.update(before)
