"""hearth convert of a folder as Hugging Face publishes models, made here of a GGUF file with random weights."""

import json
import struct

from program import hearth, main
from published_model import (
    BERT,
    GEMMA2,
    MIXTRAL,
    NOMIC_BERT,
    PHI2,
    PHI3,
    Gguf,
    PublishedModel,
    sentence_piece_model,
)


class SafeTensors(PublishedModel):
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
        for expert in (3, 2):  # the last one, and one between
            del self.weights[f"model.layers.1.block_sparse_moe.experts.{expert}.w3.weight"]
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

    def make_xlm_roberta(self, shape_name, model_class):
        """Which has two positions that no text gets."""
        model = self.make(shape_name, model_class, BERT, layers="encoder.layer")
        kind, shape, content = self.weights["embeddings.position_embeddings.weight"]
        row = len(content) // shape[1]
        self.weights["embeddings.position_embeddings.weight"] = (
            kind,
            [shape[0], shape[1] + 2],
            bytes(2 * row) + content,
        )
        self.config["max_position_embeddings"] += 2
        self.config["pad_token_id"] = 1
        return model

    def test_refuses_to_normalise_texts_as_gguf_cannot_say(self):
        self.make_xlm_roberta("tiny-xlm-roberta", "XLMRobertaModel")
        self.tokenizer["normalizer"] = {"type": "Replace", "pattern": {"String": "a"}, "content": "b"}
        self.refused(b"UNSUPPORTED_MODEL", b"tokenizer.json", b"'Replace'")

    def test_a_reranker_keeps_what_judges(self):
        model = self.make_xlm_roberta("tiny-bge-reranker", "XLMRobertaForSequenceClassification")
        self.config["id2label"] = {"0": "LABEL_0"}
        self.publish()
        self.check(model, ["bert.pooling_type"], ("rope.dimension_count", "rope.freq_base"))
        self.config["id2label"]["1"] = "LABEL_1"
        self.publish()
        self.assertEqual(Gguf(self.convert()).keys["bert.classifier.output_labels"], ["LABEL_0", "LABEL_1"])

    def test_positions_of_xlm_roberta_begin_behind_the_padding(self):
        model = self.make_xlm_roberta("tiny-xlm-roberta", "XLMRobertaModel")
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

    def test_leaves_out_tokens_that_the_model_has_no_row_for(self):
        model = self.make("tiny-qwen2", "Qwen2ForCausalLM")
        beyond = {"id": self.config["vocab_size"], "content": "<image>", "special": True}
        self.tokenizer["added_tokens"].append(beyond)
        self.publish()
        self.check(model, ["tokenizer.ggml.tokens"])

    def test_quantised_on_the_way_is_the_same_as_afterwards(self):
        self.make("tiny-qwen2", "Qwen2ForCausalLM")
        self.publish()
        in_two_steps = self.folder / "two.gguf"
        hearth("convert", self.convert(), in_two_steps, "--type", "Q4_K_M")
        whole = in_two_steps.read_bytes()
        self.assertEqual(self.convert("Q4_K_M").read_bytes()[-100000:], whole[-100000:])
        told = hearth("run", in_two_steps, "Hello", "--raw", "-n", 3, "--temperature", 0)
        self.assertEqual(told.returncode, 0, told.stderr)

    def test_refuses_what_it_cannot_keep_and_names_the_place(self):
        self.make("tiny-qwen2", "Qwen2ForCausalLM")
        sound = dict(self.config)
        self.config["architectures"] = ["MambaForCausalLM"]
        self.refused(b"UNSUPPORTED_MODEL", b"config.json", b"'MambaForCausalLM'")
        self.config = {**sound, "rope_scaling": {"rope_type": "dynamic", "factor": 2.0}}
        self.refused(b"UNSUPPORTED_MODEL", b"rope_scaling", b"'dynamic'")
        self.config = {**sound, "hidden_size": -5}
        self.refused(b"INVALID_MODEL", b"config.json: key 'hidden_size'")
        self.config = {**sound, "vocab_size": 2**31 - 1}
        self.refused(b"INVALID_MODEL", b"config.json: key 'vocab_size'")
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
