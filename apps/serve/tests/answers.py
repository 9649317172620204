"""What the tests of the server's APIs share: how answers are read, and a model that thinks."""

import json
import struct

from server import BUNDLED


def events(body):
    """Of Server-Sent Events: a (name, data) for each, with data as JSON where it is."""
    read = []
    for block in body.decode().split("\n\n")[:-1]:
        fields = dict(line.split(": ", 1) for line in block.split("\n"))
        data = fields["data"]
        read.append((fields.get("event"), data if data == "[DONE]" else json.loads(data)))
    return read


def lines(body):
    """Of JSON in lines."""
    return [json.loads(line) for line in body.decode().splitlines()]


# Opens what is thought for the model, or closes it at once where nobody wants it.
THINKING_TEMPLATE = """
{%- for message in messages %}
{{- '<|im_start|>' + message.role + '\\n' }}
{%- if message.reasoning_content %}{{- '<think>' + message.reasoning_content + '</think>' }}{%- endif %}
{{- (message.content or '') + '<|im_end|>\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}
{{- '<|im_start|>assistant\\n<think>' }}
{%- if enable_thinking is defined and not enable_thinking %}{{- '</think>' }}{%- endif %}
{%- endif %}"""


def write_thinking_model(path):
    """The bundled model with the template of a model that thinks: it does so until a budget ends it."""
    model = BUNDLED.read_bytes()
    key = b"tokenizer.chat_template"
    at = model.index(key) + len(key) + 4  # behind the type of the value
    size = struct.unpack_from("<Q", model, at)[0]
    template = THINKING_TEMPLATE.encode()
    # As long as the one that it replaces, since what follows keeps its place.
    template = b"{#" + b" " * (size - len(template) - 4) + b"#}" + template
    path.write_bytes(model[: at + 8] + template + model[at + 8 + size :])
