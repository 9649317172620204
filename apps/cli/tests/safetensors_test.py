"""hearth convert of a folder as Hugging Face publishes models, made here of a GGUF file with random weights."""

import json
import pathlib
import struct
import tempfile
import unittest

from program import hearth, main

SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
LAYER = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "attn_q_norm": "self_attn.q_norm",
    "attn_k_norm": "self_attn.k_norm",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
QWEN2_WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)


class Gguf:
    """What is in a GGUF file: `keys`, and `tensors` as (type, shape, bytes)."""

    def __init__(self, path):
        self.data = pathlib.Path(path).read_bytes()
        self.at = 8
        tensors, keys = self.number("Q"), self.number("Q")
        self.keys = {self.text(): self.value(self.number("I")) for _ in range(keys)}
        described = [
            (
                self.text(),
                [self.number("Q") for _ in range(self.number("I"))],
                self.number("I"),
                self.number("Q"),
            )
            for _ in range(tensors)
        ]
        start = -(-self.at // 32) * 32
        self.tensors = {}
        for name, shape, kind, offset in described:
            size = {0: 4, 1: 2}[kind]
            for dimension in shape:
                size *= dimension
            self.tensors[name] = (kind, shape, self.data[start + offset : start + offset + size])

    def number(self, code):
        value = struct.unpack_from("<" + code, self.data, self.at)[0]
        self.at += struct.calcsize(code)
        return value

    def text(self):
        length = self.number("Q")
        self.at += length
        return self.data[self.at - length : self.at].decode()

    def value(self, kind):
        if kind == 8:
            return self.text()
        if kind != 9:
            return self.number(SCALARS[kind])
        element, count = self.number("I"), self.number("Q")
        return [self.value(element) for _ in range(count)]


def their_name(name):
    if name in ("token_embd.weight", "output_norm.weight", "output.weight"):
        return {"t": "model.embed_tokens.weight", "_": "model.norm.weight", ".": "lm_head.weight"}[
            name[6] if name[0] == "o" else "t"
        ]
    _, layer, part, ending = name.split(".")
    return f"model.layers.{layer}.{LAYER[part]}.{ending}"


def halves(rows, heads):
    """Rows in pairs of dimensions that turn together, as a list, in halves."""
    size = len(rows) // heads
    return [
        rows[head * size + 2 * pair + second]
        for head in range(heads)
        for second in (0, 1)
        for pair in range(size // 2)
    ]


def safetensors(tensors):
    header, data = {}, b""
    for name, (kind, shape, content) in tensors.items():
        header[name] = {
            "dtype": ["F32", "F16"][kind],
            "shape": shape[::-1],
            "data_offsets": [len(data), len(data) + len(content)],
        }
        data += content
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


class SafeTensors(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.published = self.folder / "published"
        self.published.mkdir()

    def make(self, shape, model_class):
        """Publishes a model with random weights; what it was made of."""
        path = self.folder / "random.gguf"
        hearth("make-model", shape, path, "--type", "F16")
        model = Gguf(path)
        key = {name.split(".", 1)[1]: value for name, value in model.keys.items()}
        self.config = {
            "architectures": [model_class],
            "vocab_size": key["vocab_size"],
            "max_position_embeddings": key["context_length"],
            "hidden_size": key["embedding_length"],
            "num_hidden_layers": key["block_count"],
            "intermediate_size": key["feed_forward_length"],
            "num_attention_heads": key["attention.head_count"],
            "num_key_value_heads": key["attention.head_count_kv"],
            "head_dim": key["attention.key_length"],
            "rms_norm_eps": key["attention.layer_norm_rms_epsilon"],
            "rope_theta": key["rope.freq_base"],
            "tie_word_embeddings": "output.weight" not in model.tensors,
        }
        self.weights = {their_name(name): tensor for name, tensor in model.tensors.items()}
        self.write_tokenizer(model.keys)
        return model

    def write_tokenizer(self, keys):
        tokens, types = keys["tokenizer.ggml.tokens"], keys["tokenizer.ggml.token_type"]
        is_bpe = keys["tokenizer.ggml.model"] == "gpt2"
        self.tokenizer = {
            "added_tokens": [
                {"id": number, "content": text, "special": types[number] != 4}
                for number, text in enumerate(tokens)
                if types[number] in (2, 3, 4)
            ],
            "pre_tokenizer": {
                "type": "Sequence",
                "pretokenizers": [
                    {"type": "Split", "pattern": {"Regex": QWEN2_WORDS}},
                    {"type": "ByteLevel", "use_regex": False},
                ],
            },
            "model": {
                "type": "BPE",
                "byte_fallback": not is_bpe,
                "unk_token": None if is_bpe else tokens[types.index(2)],
                "vocab": {text: number for number, text in enumerate(tokens) if types[number] in (1, 6)},
                "merges": [merge.split(" ") for merge in keys.get("tokenizer.ggml.merges", [])],
            },
        }
        self.tokenizer_config = {
            "bos_token": tokens[keys["tokenizer.ggml.bos_token_id"]],
            "eos_token": {"content": tokens[keys["tokenizer.ggml.eos_token_id"]]},
            "chat_template": keys["tokenizer.chat_template"],
        }

    def publish(self, files=1):
        for name in ("config", "tokenizer", "tokenizer_config"):
            (self.published / f"{name}.json").write_text(json.dumps(getattr(self, name)))
        names = sorted(self.weights)
        if files == 1:
            (self.published / "model.safetensors").write_bytes(safetensors(self.weights))
            return
        weight_map = {name: f"model-{index % files}.safetensors" for index, name in enumerate(names)}
        (self.published / "model.safetensors.index.json").write_text(json.dumps({"weight_map": weight_map}))
        for file in set(weight_map.values()):
            held = {name: self.weights[name] for name in names if weight_map[name] == file}
            (self.published / file).write_bytes(safetensors(held))

    def convert(self, kind="F16"):
        path = self.folder / "converted.gguf"
        ended = hearth("convert", self.published, path, "--type", kind)
        self.assertEqual(ended.returncode, 0, ended.stderr)
        return path

    def check(self, model, keys):
        converted = Gguf(self.convert())
        self.assertEqual(converted.tensors.keys(), model.tensors.keys())
        for name, tensor in model.tensors.items():
            self.assertEqual(converted.tensors[name], tensor, name)
        for key in keys:
            self.assertEqual(converted.keys[key], model.keys[key], key)
        architecture = model.keys["general.architecture"]
        for key in model.keys:
            if key.startswith(architecture + "."):
                self.assertAlmostEqual(converted.keys[key], model.keys[key], 6, key)

    def test_a_model_of_qwen_becomes_what_it_was_made_of(self):
        model = self.make("tiny-qwen2", "Qwen2ForCausalLM")
        self.publish(files=3)
        vocabulary = ["tokens", "token_type", "merges", "model", "pre", "bos_token_id", "eos_token_id"]
        self.check(model, [f"tokenizer.ggml.{key}" for key in vocabulary] + ["tokenizer.chat_template"])

    def test_rows_of_llama_queries_and_keys_go_back_into_pairs(self):
        model = self.make("tiny-llama", "LlamaForCausalLM")
        for name, (kind, shape, content) in list(self.weights.items()):
            heads = {"q_proj": "num_attention_heads", "k_proj": "num_key_value_heads"}.get(
                name.split(".")[-2]
            )
            if heads is None:
                continue
            size = len(content) // shape[1]
            rows = [content[at : at + size] for at in range(0, len(content), size)]
            self.weights[name] = (kind, shape, b"".join(halves(rows, self.config[heads])))
        self.publish()
        self.check(model, ["tokenizer.ggml.tokens", "tokenizer.ggml.token_type", "tokenizer.ggml.model"])

    def test_norms_of_gemma_get_their_one_back(self):
        model = self.make("tiny-gemma", "GemmaForCausalLM")
        for name, (kind, shape, content) in list(self.weights.items()):
            if "norm" in name:
                count = len(content) // 4
                values = struct.unpack(f"<{count}f", content)
                self.weights[name] = (
                    kind,
                    shape,
                    struct.pack(f"<{count}f", *(value - 1 for value in values)),
                )
        self.publish()
        converted = Gguf(self.convert())
        for name, (kind, shape, content) in model.tensors.items():
            if "norm" not in name:
                self.assertEqual(converted.tensors[name], (kind, shape, content), name)
                continue
            count = len(content) // 4
            wanted = struct.unpack(f"<{count}f", content)
            for got, value in zip(struct.unpack(f"<{count}f", converted.tensors[name][2]), wanted):
                self.assertAlmostEqual(got, value, 6, name)

    def test_quantised_on_the_way_is_the_same_as_afterwards(self):
        self.make("tiny-qwen2", "Qwen2ForCausalLM")
        self.publish()
        in_two_steps = self.folder / "two.gguf"
        hearth("convert", self.convert(), in_two_steps, "--type", "Q4_K_M")
        whole = in_two_steps.read_bytes()
        self.assertEqual(self.convert("Q4_K_M").read_bytes()[-100000:], whole[-100000:])
        told = hearth("run", in_two_steps, "Hello", "--raw", "-n", 3, "--temperature", 0)
        self.assertEqual(told.returncode, 0, told.stderr)

    def refused(self, code, *reasons):
        self.publish()
        ended = hearth("convert", self.published, self.folder / "no.gguf", "--type", "F16")
        self.assertEqual(ended.returncode, 1)
        self.assertIn(b"hearth: " + code, ended.stderr)
        for reason in reasons:
            self.assertIn(reason, ended.stderr)
        self.assertFalse((self.folder / "no.gguf").exists())

    def test_refuses_what_it_cannot_keep_and_names_the_place(self):
        self.make("tiny-qwen2", "Qwen2ForCausalLM")
        sound = dict(self.config)
        self.config["architectures"] = ["MambaForCausalLM"]
        self.refused(b"UNSUPPORTED_MODEL", b"config.json", b"'MambaForCausalLM'")
        self.config = {**sound, "rope_scaling": {"rope_type": "dynamic", "factor": 2.0}}
        self.refused(b"UNSUPPORTED_MODEL", b"rope_scaling", b"'dynamic'")
        self.config = {**sound, "hidden_size": -5}
        self.refused(b"INVALID_MODEL", b"config.json: key 'hidden_size'")
        self.config = sound
        self.tokenizer["pre_tokenizer"]["pretokenizers"][0]["pattern"]["Regex"] = "[a-z]+"
        self.refused(b"UNSUPPORTED_MODEL", b"tokenizer.json", b"'[a-z]+'")
        self.write_tokenizer(Gguf(self.folder / "random.gguf").keys)
        self.weights["model.layers.0.mlp.secret.weight"] = (1, [2], b"abcd")
        self.refused(b"UNSUPPORTED_MODEL", b"'model.layers.0.mlp.secret.weight'")

    def test_does_not_write_over_what_it_reads(self):
        self.make("tiny-qwen2", "Qwen2ForCausalLM")
        self.publish()
        weights = self.published / "model.safetensors"
        before = weights.read_bytes()
        ended = hearth("convert", self.published, weights, "--type", "F16")
        self.assertEqual(ended.returncode, 1)
        self.assertEqual(weights.read_bytes(), before)


if __name__ == "__main__":
    main()
