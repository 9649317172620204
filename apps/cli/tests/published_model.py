"""Folders as Hugging Face publishes models, made of GGUF files with random weights: what their tests share."""

import json
import pathlib
import struct
import tempfile
import unittest

from program import hearth

SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
# GGUF's names of a layer's weights, and theirs.
LAYER = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_qkv": "self_attn.qkv_proj",
    "attn_output": "self_attn.o_proj",
    "attn_q_norm": "self_attn.q_norm",
    "attn_k_norm": "self_attn.k_norm",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
    "ffn_gate_inp": "mlp.gate",
    "ffn_gate_exps": "mlp.experts.{}.gate_proj",
    "ffn_up_exps": "mlp.experts.{}.up_proj",
    "ffn_down_exps": "mlp.experts.{}.down_proj",
}
# What GGUF files can say of a model, and no config.json of its family does.
NOT_PUBLISHED = ("gemma2.attention.sliding_window_pattern", "gemma2.rope.freq_base_swa")
OUTSIDE = {"token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head"}
GEMMA2 = {
    "post_attention_norm": "post_attention_layernorm",
    "ffn_norm": "pre_feedforward_layernorm",
    "post_ffw_norm": "post_feedforward_layernorm",
}
PHI2 = {
    "attn_output": "self_attn.dense",
    "ffn_up": "mlp.fc1",
    "ffn_down": "mlp.fc2",
    "output_norm": "model.final_layernorm",
}
PHI3 = {"ffn_up": "mlp.gate_up_proj"}
MIXTRAL = {
    "ffn_gate_inp": "block_sparse_moe.gate",
    "ffn_gate_exps": "block_sparse_moe.experts.{}.w1",
    "ffn_up_exps": "block_sparse_moe.experts.{}.w3",
    "ffn_down_exps": "block_sparse_moe.experts.{}.w2",
}
BERT = {
    "token_embd": "embeddings.word_embeddings",
    "token_types": "embeddings.token_type_embeddings",
    "position_embd": "embeddings.position_embeddings",
    "token_embd_norm": "embeddings.LayerNorm",
    "cls": "classifier.dense",
    "cls.output": "classifier.out_proj",
    "attn_q": "attention.self.query",
    "attn_k": "attention.self.key",
    "attn_v": "attention.self.value",
    "attn_output": "attention.output.dense",
    "attn_output_norm": "attention.output.LayerNorm",
    "ffn_up": "intermediate.dense",
    "ffn_down": "output.dense",
    "layer_output_norm": "output.LayerNorm",
}
NOMIC_BERT = {
    "token_embd": "embeddings.word_embeddings",
    "token_types": "embeddings.token_type_embeddings",
    "token_embd_norm": "emb_ln",
    "attn_qkv": "attn.Wqkv",
    "attn_output": "attn.out_proj",
    "attn_output_norm": "norm1",
    "ffn_up": "mlp.fc11",
    "ffn_gate": "mlp.fc12",
    "ffn_down": "mlp.fc2",
    "layer_output_norm": "norm2",
}
SPACE = "\u2581"
SUFFIX = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
SPACES = r"|\s*[\r\n]+|\s+(?!\S)|\s+"
WORDS = {
    "qwen2": SUFFIX + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*" + SPACES,
    "gpt-4o": r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
    + SUFFIX
    + r"?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"
    + SUFFIX
    + r"?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*"
    + SPACES,
}


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


def their_name(name, own, layers):
    """The name of a weight in SafeTensors, where `own` is what the family calls otherwise."""
    part, ending = name.rsplit(".", 1)
    if not part.startswith("blk."):
        return f"{(OUTSIDE | own)[part]}.{ending}"
    _, layer, part = part.split(".")
    return f"{layers}.{layer}.{(LAYER | own)[part]}.{ending}"


def by_expert(name, kind, shape, content):
    """A tensor under its name, or one for each expert."""
    if "{}" not in name:
        return {name: (kind, shape, content)}
    size = len(content) // shape[2]
    return {
        name.format(expert): (kind, shape[:2], content[expert * size : (expert + 1) * size])
        for expert in range(shape[2])
    }


def halves(rows, heads):
    """Rows in pairs of dimensions that turn together, as a list, in halves."""
    size = len(rows) // heads
    return [
        rows[head * size + 2 * pair + second]
        for head in range(heads)
        for second in (0, 1)
        for pair in range(size // 2)
    ]


def varying(number):
    """A number as Protocol Buffers has it: seven bits a byte, the lowest first."""
    last, rest = number & 0x7F, number >> 7
    return bytes([last | 0x80]) + varying(rest) if rest else bytes([last])


def field(number, content):
    return varying(number << 3 | 2) + varying(len(content)) + content


def sentence_piece_model(keys):
    """tokenizer.model of a GGUF file's vocabulary."""
    pieces = zip(
        keys["tokenizer.ggml.tokens"], keys["tokenizer.ggml.scores"], keys["tokenizer.ggml.token_type"]
    )
    content = b"".join(
        field(1, field(1, text.encode()) + b"\x15" + struct.pack("<f", score) + b"\x18" + bytes([kind]))
        for text, score, kind in pieces
    )
    byte_pairs = b"\x18\x02"
    return content + field(2, byte_pairs) + field(3, b"\x18\x01")


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


class PublishedModel(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.published = self.folder / "published"
        self.published.mkdir()

    def make(self, shape, model_class, own={}, layers="model.layers"):
        """Publishes a model with random weights; what it was made of. `own`: names that the family has."""
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
            "rms_norm_eps": key.get("attention.layer_norm_rms_epsilon"),
            "layer_norm_eps": key.get("attention.layer_norm_epsilon"),
            "rope_theta": key["rope.freq_base"],
            "partial_rotary_factor": key["rope.dimension_count"] / key["attention.key_length"],
            "sliding_window": key.get("attention.sliding_window"),
            "attn_logit_softcapping": key.get("attn_logit_softcapping"),
            "final_logit_softcapping": key.get("final_logit_softcapping"),
            "num_experts_per_tok": key.get("expert_used_count"),
            "num_experts": key.get("expert_count"),
            "num_local_experts": key.get("expert_count"),
            "moe_intermediate_size": key.get("expert_feed_forward_length"),
            "type_vocab_size": 2,
            "tie_word_embeddings": "output.weight" not in model.tensors,
        }
        self.weights = {}
        for name, tensor in model.tensors.items():
            if not name.startswith("rope_"):
                self.weights |= by_expert(their_name(name, own, layers), *tensor)
        self.write_tokenizer(model.keys)
        return model

    def write_tokenizer(self, keys):
        tokens, types = keys["tokenizer.ggml.tokens"], keys["tokenizer.ggml.token_type"]
        kind = keys["tokenizer.ggml.model"]
        is_bpe = kind == "gpt2"
        self.tokenizer = {
            "added_tokens": [
                {"id": number, "content": text, "special": types[number] != 4}
                for number, text in enumerate(tokens)
                if types[number] in (2, 3, 4)
            ],
            "pre_tokenizer": {
                "type": "Sequence",
                "pretokenizers": [
                    {"type": "Split", "pattern": {"Regex": WORDS.get(keys.get("tokenizer.ggml.pre"))}},
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
        if keys.get("tokenizer.ggml.pre") == "gpt-2":
            self.tokenizer["pre_tokenizer"] = {"type": "ByteLevel"}
        if kind == "bert":
            self.tokenizer["normalizer"] = {
                "type": "BertNormalizer",
                "lowercase": True,
                "strip_accents": None,
            }
            self.tokenizer["model"] = {
                "type": "WordPiece",
                "unk_token": "[UNK]",
                "continuing_subword_prefix": "##",
                "vocab": {
                    text[1:] if text[0] == SPACE else text if types[number] != 1 else "##" + text: number
                    for number, text in enumerate(tokens)
                },
            }
        if kind == "t5":
            self.tokenizer["normalizer"] = {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}
            self.tokenizer["pre_tokenizer"] = {"type": "Metaspace", "prepend_scheme": "always"}
            self.tokenizer["post_processor"] = {
                "type": "TemplateProcessing",
                "single": [
                    {"SpecialToken": {"id": "<s>"}},
                    {"Sequence": {"id": "A"}},
                    {"SpecialToken": {"id": "</s>"}},
                ],
            }
            scores = keys["tokenizer.ggml.scores"]
            self.tokenizer["model"] = {
                "type": "Unigram",
                "unk_id": types.index(2),
                "vocab": [list(piece) for piece in zip(tokens, scores)],
            }
        self.tokenizer_config = {
            "bos_token": tokens[keys["tokenizer.ggml.bos_token_id"]],
            "eos_token": {"content": tokens[keys["tokenizer.ggml.eos_token_id"]]},
            "chat_template": keys.get("tokenizer.chat_template"),
        }
        for name, key in (("mask_token", "mask"), ("sep_token", "seperator"), ("pad_token", "padding")):
            if f"tokenizer.ggml.{key}_token_id" in keys:
                self.tokenizer_config[name] = tokens[keys[f"tokenizer.ggml.{key}_token_id"]]

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

    def check(self, model, keys=(), without=()):
        """Whether what is converted is the model again; `without`: keys that the folder has nothing of."""
        converted = Gguf(self.convert())
        self.assertEqual(converted.tensors.keys(), model.tensors.keys())
        for name, tensor in model.tensors.items():
            self.assertEqual(converted.tensors[name], tensor, name)
        for key in keys:
            self.assertEqual(converted.keys[key], model.keys[key], key)
        architecture = model.keys["general.architecture"]
        for key in model.keys:
            if key.startswith(architecture + ".") and not key.endswith(tuple(without)):
                self.assertAlmostEqual(converted.keys[key], model.keys[key], 6, key)

    def store_halves(self):
        """Rows of queries and keys as Llama's folders have them."""
        for name, (kind, shape, content) in list(self.weights.items()):
            heads = {"q_proj": "num_attention_heads", "k_proj": "num_key_value_heads"}.get(
                name.split(".")[-2]
            )
            if heads is None:
                continue
            size = len(content) // shape[1]
            rows = [content[at : at + size] for at in range(0, len(content), size)]
            self.weights[name] = (kind, shape, b"".join(halves(rows, self.config[heads])))

    def store_norms_less_one(self):
        for name, (kind, shape, content) in list(self.weights.items()):
            if "norm" in name:
                values = struct.unpack(f"<{len(content) // 4}f", content)
                less = struct.pack(f"<{len(values)}f", *(value - 1 for value in values))
                self.weights[name] = (kind, shape, less)

    def check_norms_of_gemma(self, model):
        """The same, where 1 was taken from the norms: the last bit of them may be another."""
        converted = Gguf(self.convert())
        self.assertEqual(converted.tensors.keys(), model.tensors.keys())
        for name, (kind, shape, content) in model.tensors.items():
            if "norm" not in name:
                self.assertEqual(converted.tensors[name], (kind, shape, content), name)
                continue
            count = len(content) // 4
            wanted = struct.unpack(f"<{count}f", content)
            for got, value in zip(struct.unpack(f"<{count}f", converted.tensors[name][2]), wanted):
                self.assertAlmostEqual(got, value, 6, name)
        architecture = model.keys["general.architecture"]
        for key in model.keys:
            if key.startswith(architecture + ".") and key not in NOT_PUBLISHED:
                self.assertAlmostEqual(converted.keys[key], model.keys[key], 6, key)

    def refused(self, code, *reasons):
        self.publish()
        ended = hearth("convert", self.published, self.folder / "no.gguf", "--type", "F16")
        self.assertEqual(ended.returncode, 1)
        self.assertIn(b"hearth: " + code, ended.stderr)
        for reason in reasons:
            self.assertIn(reason, ended.stderr)
        self.assertFalse((self.folder / "no.gguf").exists())
