"""hearth convert of a folder as Hugging Face publishes models, made here of a GGUF file with random weights."""

import json
import pathlib
import struct
import tempfile
import unittest

from program import hearth, main

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


class SafeTensors(unittest.TestCase):
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
            if key.startswith(architecture + "."):
                self.assertAlmostEqual(converted.keys[key], model.keys[key], 6, key)

    def test_a_model_of_qwen_becomes_what_it_was_made_of(self):
        model = self.make("tiny-qwen2", "Qwen2ForCausalLM")
        self.publish(files=3)
        vocabulary = ["tokens", "token_type", "merges", "model", "pre", "bos_token_id", "eos_token_id"]
        self.check(model, [f"tokenizer.ggml.{key}" for key in vocabulary] + ["tokenizer.chat_template"])

    def test_rows_of_llama_queries_and_keys_go_back_into_pairs(self):
        model = self.make("tiny-llama", "LlamaForCausalLM")
        self.store_halves()
        self.publish()
        self.check(model, ["tokenizer.ggml.tokens", "tokenizer.ggml.token_type", "tokenizer.ggml.model"])

    def store_halves(self):
        for name, (kind, shape, content) in list(self.weights.items()):
            heads = {"q_proj": "num_attention_heads", "k_proj": "num_key_value_heads"}.get(
                name.split(".")[-2]
            )
            if heads is None:
                continue
            size = len(content) // shape[1]
            rows = [content[at : at + size] for at in range(0, len(content), size)]
            self.weights[name] = (kind, shape, b"".join(halves(rows, self.config[heads])))

    def test_norms_of_gemma_get_their_one_back(self):
        for shape, model_class, own in (
            ("tiny-gemma", "GemmaForCausalLM", {}),
            ("tiny-gemma2", "Gemma2ForCausalLM", GEMMA2),
            ("tiny-gemma3", "Gemma3ForCausalLM", GEMMA2),
        ):
            with self.subTest(shape):
                model = self.make(shape, model_class, own)
                self.store_norms_less_one()
                self.publish()
                self.check_norms_of_gemma(model)

    def test_models_of_phi_become_what_they_were_made_of(self):
        model = self.make("tiny-phi2", "PhiForCausalLM", PHI2)
        self.publish()
        self.check(model, ["tokenizer.ggml.pre", "tokenizer.ggml.merges"])
        model = self.make("tiny-phi3", "Phi3ForCausalLM", PHI3)
        self.publish()
        self.check(model)

    def test_keeps_both_lists_of_longrope(self):
        model = self.make("tiny-longrope", "Phi3ForCausalLM", PHI3)
        factors = {
            which: struct.unpack(f"<{shape[0]}f", content)
            for which in ("long", "short")
            for _, shape, content in [model.tensors[f"rope_factors_{which}.weight"]]
        }
        self.config["rope_scaling"] = {
            "type": "longrope",
            "long_factor": factors["long"],
            "short_factor": factors["short"],
        }
        self.config["original_max_position_embeddings"] = model.keys[
            "phi3.rope.scaling.original_context_length"
        ]
        self.publish()
        self.check(model, ["tokenizer.ggml.pre"])
        self.config["rope_scaling"]["short_factor"] = [1.0]
        self.refused(b"INVALID_MODEL", b"rope_scaling", b"'short_factor'")

    def test_experts_become_one_tensor(self):
        model = self.make("tiny-mixtral", "MixtralForCausalLM", MIXTRAL)
        self.store_halves()
        self.publish(files=3)
        self.check(model)
        model = self.make("tiny-qwen3moe", "Qwen3MoeForCausalLM")
        self.publish()
        self.check(model)

    def test_small_matrices_become_f32(self):
        model = self.make("tiny-mixtral", "MixtralForCausalLM", MIXTRAL)
        name = "model.layers.0.block_sparse_moe.gate.weight"
        _, shape, content = self.weights[name]
        count = len(content) // 4
        halves_of_them = struct.pack(f"<{count}e", *struct.unpack(f"<{count}f", content))
        self.weights[name] = (1, shape, halves_of_them)
        self.publish()
        kind, _, converted = Gguf(self.convert()).tensors["blk.0.ffn_gate_inp.weight"]
        self.assertEqual(kind, 0)
        self.assertEqual(struct.pack(f"<{count}e", *struct.unpack(f"<{count}f", converted)), halves_of_them)
        self.assertEqual(model.tensors["blk.0.ffn_gate_inp.weight"][0], 0)

    def test_refuses_experts_of_which_one_is_missing(self):
        self.make("tiny-mixtral", "MixtralForCausalLM", MIXTRAL)
        del self.weights["model.layers.1.block_sparse_moe.experts.2.w3.weight"]
        self.refused(b"INVALID_MODEL", b"'blk.1.ffn_up_exps.weight'")

    def test_encoders_become_what_they_were_made_of(self):
        rope = ("rope.dimension_count", "rope.freq_base", "pooling_type")
        words = ["tokens", "token_type", "model", "seperator_token_id", "mask_token_id"]
        model = self.make("tiny-bert", "BertModel", BERT, layers="encoder.layer")
        self.weights["pooler.dense.weight"] = (1, [2], b"abcd")
        self.publish()
        self.check(model, [f"tokenizer.ggml.{key}" for key in words], rope)

        self.weights = {f"bert.{name}": tensor for name, tensor in self.weights.items()}
        self.publish()
        self.check(model, without=rope)

        model = self.make("tiny-nomic-bert", "NomicBertModel", NOMIC_BERT, layers="encoder.layers")
        self.config |= {
            "max_trained_positions": self.config["max_position_embeddings"],
            "n_embd": self.config["hidden_size"],
            "n_layer": self.config["num_hidden_layers"],
            "n_inner": self.config["intermediate_size"],
            "n_head": self.config["num_attention_heads"],
            "layer_norm_epsilon": self.config["layer_norm_eps"],
            "rotary_emb_base": self.config["rope_theta"],
        }
        self.publish()
        self.check(model, without=("rope.dimension_count", "pooling_type"))

    def test_positions_of_xlm_roberta_begin_behind_the_padding(self):
        model = self.make("tiny-xlm-roberta", "XLMRobertaModel", BERT, layers="encoder.layer")
        kind, shape, content = self.weights["embeddings.position_embeddings.weight"]
        row = len(content) // shape[1]
        self.weights["embeddings.position_embeddings.weight"] = (
            kind,
            [shape[0], shape[1] + 2],
            bytes(2 * row) + content,
        )
        self.config["max_position_embeddings"] += 2
        self.config["pad_token_id"] = 1
        self.publish()
        pooling = self.published / "1_Pooling"
        pooling.mkdir()
        (pooling / "config.json").write_text(json.dumps({"pooling_mode_mean_tokens": True}))
        words = ["tokens", "token_type", "scores", "model", "remove_extra_whitespaces", "add_space_prefix"]
        words += ["add_bos_token", "add_eos_token", "seperator_token_id"]
        self.check(
            model, [f"tokenizer.ggml.{key}" for key in words], ("rope.dimension_count", "rope.freq_base")
        )
        got = hearth("embed", self.folder / "converted.gguf", "two words")
        self.assertEqual(got.stdout, hearth("embed", self.folder / "random.gguf", "two words").stdout)

    def test_a_tokenizer_of_sentence_piece_keeps_its_scores(self):
        model = self.make("tiny-llama", "LlamaForCausalLM")
        self.store_halves()
        self.publish()
        (self.published / "tokenizer.json").unlink()
        content = sentence_piece_model(model.keys)
        (self.published / "tokenizer.model").write_bytes(content)
        names = [
            "tokens",
            "token_type",
            "scores",
            "model",
            "add_space_prefix",
            "bos_token_id",
            "eos_token_id",
        ]
        self.check(model, [f"tokenizer.ggml.{name}" for name in names])

        special = {"content": "<tool>", "special": True}
        more = {"content": "<extra>", "special": False}
        self.config["vocab_size"] = 516
        self.tokenizer_config["added_tokens_decoder"] = {"512": special, "514": more}
        for name in ("config", "tokenizer_config"):
            (self.published / f"{name}.json").write_text(json.dumps(getattr(self, name)))
        keys = Gguf(self.convert()).keys
        self.assertEqual(keys["tokenizer.ggml.tokens"][512:], ["<tool>", "[PAD513]", "<extra>", "[PAD515]"])
        self.assertEqual(keys["tokenizer.ggml.token_type"][512:], [3, 5, 4, 5])

        (self.published / "tokenizer.model").write_bytes(content[:-1])
        ended = hearth("convert", self.published, self.folder / "no.gguf", "--type", "F16")
        self.assertIn(b"INVALID_MODEL", ended.stderr)
        self.assertIn(b"tokenizer.model", ended.stderr)

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
