"""llama-server's own API, as tools that were written for it rely on it."""

import os
import pathlib
import unittest

from answers import events
from server import ROOT, Server, main

PROMPT = "Once upon a time"
TESTDATA = pathlib.Path(os.environ.get("HEARTH_TESTDATA", ROOT.parent / "shared/testdata"))
STORIES = TESTDATA / "models/stories260K/stories260K.gguf"


class Served(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.addClassCleanup(cls.server.end)

    def get(self, path, status=200):
        got, _, answer = self.server.request("GET", path)
        self.assertEqual(got, status, answer)
        return answer

    def post(self, path, body, status=200):
        got, _, answer = self.server.request("POST", path, body)
        self.assertEqual(got, status, answer)
        return answer

    def complete(self, prompt=PROMPT, status=200, **more):
        return self.post("/completion", {"prompt": prompt, "temperature": 0, **more}, status)

    def stream(self, **more):
        return [data for _, data in events(self.complete(stream=True, **more))]


class Completion(Served):
    def test_has_what_clients_read(self):
        answer = self.complete(n_predict=8, cache_prompt=False)
        self.assertEqual((answer["stop"], answer["stop_type"]), (True, "limit"))
        self.assertEqual(answer["tokens"], [])
        self.assertEqual(answer["stopping_word"], "")
        self.assertIs(answer["truncated"], False)
        self.assertIs(type(answer["has_new_line"]), bool)
        self.assertEqual(answer["prompt"], PROMPT)
        self.assertEqual(answer["timings"]["predicted_n"], 8)
        self.assertEqual(answer["tokens_predicted"], 8)
        self.assertEqual(answer["timings"]["prompt_n"], answer["tokens_evaluated"])
        settings = answer["generation_settings"]
        self.assertEqual((settings["n_predict"], settings["temperature"], settings["top_k"]), (8, 0, 40))

    def test_is_streamed_with_its_tokens(self):
        whole = self.complete(n_predict=8, return_tokens=True)
        pieces = self.stream(n_predict=8)
        self.assertEqual("".join(piece["content"] for piece in pieces), whole["content"])
        self.assertEqual([piece["stop"] for piece in pieces], [False] * (len(pieces) - 1) + [True])
        self.assertTrue(all(piece["tokens"] for piece in pieces[:-1]))
        self.assertEqual([token for piece in pieces for token in piece["tokens"]], whole["tokens"])
        self.assertEqual(len(whole["tokens"]), 8)
        self.assertEqual(pieces[-1]["timings"]["predicted_n"], 8)

    def test_says_what_ended_it(self):
        text = self.complete(n_predict=20)["content"]
        word = text.split()[2]
        answer = self.complete(n_predict=20, stop=[word])
        self.assertEqual((answer["stop_type"], answer["stopping_word"]), ("word", word))
        self.assertEqual(answer["content"], text[: text.index(word)])
        full = self.complete(n_predict=-1, ignore_eos=True)
        self.assertEqual((full["stop_type"], full["truncated"]), ("limit", True))

    def test_of_no_tokens_reads_the_prompt(self):
        answer = self.complete(n_predict=0)
        self.assertEqual((answer["content"], answer["tokens_predicted"]), ("", 0))
        self.assertGreater(answer["tokens_evaluated"], 0)

    def test_takes_prompts_of_all_kinds(self):
        tokens = self.post("/tokenize", {"content": PROMPT, "add_special": True})["tokens"]
        expected = self.complete(n_predict=6)["content"]
        self.assertEqual(self.complete(tokens, n_predict=6)["content"], expected)
        answers = self.complete([tokens, PROMPT, {"prompt_string": PROMPT}], n_predict=6)
        self.assertEqual([answer["content"] for answer in answers], [expected] * 3)
        self.assertEqual([answer["index"] for answer in answers], [0, 1, 2])
        mixed = self.complete([*tokens, " there", *tokens], n_predict=6)
        self.assertEqual(mixed["tokens_evaluated"], 2 * len(tokens) + 1)
        self.assertEqual(len(self.complete(n_predict=6, n_cmpl=2)), 2)

    def test_tells_only_the_fields_that_are_asked_for(self):
        fields = ["content", "generation_settings/n_predict", "prompt", "nothing/at/all"]
        answer = self.complete(n_predict=4, response_fields=fields)
        self.assertEqual(set(answer), set(fields[:3]))
        self.assertEqual(answer["generation_settings/n_predict"], 4)

    def test_tells_how_likely_tokens_were(self):
        answer = self.complete(n_predict=5, n_probs=10)
        self.assertEqual(len(answer["completion_probabilities"]), 5)
        for token in answer["completion_probabilities"]:
            self.assertIs(type(token["id"]), int)
            self.assertLessEqual(token["logprob"], 0)
            self.assertEqual(len(token["top_logprobs"]), 10)
        for piece in self.stream(n_predict=5, n_probs=10)[:-1]:
            self.assertEqual(len(piece["completion_probabilities"]), len(piece["tokens"]))

    def test_tells_how_likely_tokens_were_after_sampling(self):
        answer = self.complete(n_predict=5, n_probs=10, post_sampling_probs=True, repeat_penalty=1.5)
        self.assertEqual(len(answer["completion_probabilities"]), 5)
        for token in answer["completion_probabilities"]:
            self.assertEqual((token["prob"], token["top_probs"][0]["id"]), (1, token["id"]))
            self.assertEqual([each["prob"] for each in token["top_probs"]], [1] + [0] * 9)
            self.assertNotIn("logprob", token)

    def test_finds_what_was_read_before_unless_it_shall_not(self):
        long = "The quick brown fox jumps over the lazy dog. " * 12
        self.complete(long, n_predict=1)
        self.assertGreater(self.complete(long, n_predict=1)["timings"]["cache_n"], 0)
        self.assertEqual(self.complete(long, n_predict=1, cache_prompt=False)["timings"]["cache_n"], 0)

    def test_goes_on_past_the_context_where_that_may_move(self):
        answer = self.complete(n_predict=600, n_keep=4, ignore_eos=True)
        self.assertEqual(answer["tokens_predicted"], 600)
        self.assertIs(answer["truncated"], True)

    def test_leaves_out_of_a_prompt_what_a_moving_context_would_have_left(self):
        tokens = self.post("/tokenize", {"content": "word " * 600})["tokens"]
        answer = self.complete(tokens, n_predict=4, n_keep=12)
        # Blocks of half of the 500 tokens that are not kept, but for the last one.
        self.assertEqual(answer["tokens_evaluated"], len(tokens) - (len(tokens) - 12 - 250) // 250 * 250)
        self.assertIs(answer["truncated"], True)
        self.assertIs(self.complete(n_predict=4, n_keep=12)["truncated"], False)

    def test_tells_when_the_prompt_is_read(self):
        first, *more = self.stream(n_predict=4, return_progress=True)
        progress = first["prompt_progress"]
        self.assertEqual(progress["processed"], progress["total"])
        self.assertEqual(progress["total"], first["tokens_evaluated"])
        self.assertTrue(all("prompt_progress" not in piece for piece in more))

    def test_lists_the_biases_of_tokens(self):
        settings = self.complete(n_predict=2, ignore_eos=True, logit_bias=[[5, -1]])["generation_settings"]
        self.assertIn({"bias": -1, "token": 5}, settings["logit_bias"])
        self.assertIn(None, [bias["bias"] for bias in settings["logit_bias"]])
        self.assertEqual(self.complete(n_predict=2)["generation_settings"]["logit_bias"], [])
        self.assertIn("top_k", settings["samplers"])

    def test_refuses_a_prompt_that_does_not_fit(self):
        for more in ({}, {"stream": True}):
            error = self.complete("word " * 600, 400, **more)["error"]
            self.assertEqual(error["type"], "exceed_context_size_error")
            self.assertIn("exceeds the available context size", error["message"])

    def test_refuses_what_it_cannot(self):
        self.assertEqual(self.complete(None, 400)["error"]["param"], "prompt")
        answer = self.complete(status=400, post_sampling_probs=True, temperature=0.5)
        self.assertEqual(answer["error"]["code"], "UNSUPPORTED")


class Infill(Served):
    def test_needs_tokens_of_the_vocabulary(self):
        body = {"input_prefix": "int main() {\n", "input_suffix": "}\n", "prompt": "  return"}
        self.assertEqual(self.post("/infill", body, 501)["error"]["type"], "not_supported_error")

    def test_checks_what_it_is_given(self):
        self.assertEqual(self.post("/infill", {"input_suffix": ""}, 400)["error"]["param"], "input_prefix")
        for extra in ({}, {"filename": "a"}, {"filename": 1, "text": "a"}, {"text": 2}, 3):
            body = {"input_prefix": "a", "input_suffix": "b", "input_extra": [extra]}
            param = self.post("/infill", body, 400)["error"]["param"]
            self.assertTrue(param.startswith("input_extra[0]"), param)


class Text(Served):
    def test_becomes_tokens_and_back(self):
        content = "What is the capital of France ?"
        tokens = self.post("/tokenize", {"content": content})["tokens"]
        self.assertGreater(len(tokens), 5)
        self.assertEqual(self.post("/detokenize", {"tokens": tokens})["content"], content)
        self.assertEqual(self.post("/tokenize", {})["tokens"], [])
        special = self.post("/tokenize", {"content": "<|im_start|>"})["tokens"]
        self.assertEqual(len(special), 1)
        plain = self.post("/tokenize", {"content": "<|im_start|>", "parse_special": False})["tokens"]
        self.assertGreater(len(plain), 1)

    def test_comes_in_pieces_that_may_be_bytes(self):
        content = "a test with unicode 媽 and 🤗"
        pieces = self.post("/tokenize", {"content": content, "with_pieces": True})["tokens"]
        read = b"".join(
            piece["piece"].encode() if isinstance(piece["piece"], str) else bytes(piece["piece"])
            for piece in pieces
        )
        self.assertEqual(read.decode(), content)

    def test_is_what_the_template_makes_of_messages(self):
        messages = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hel"}]
        prompt = self.post("/apply-template", {"messages": messages})["prompt"]
        self.assertTrue(prompt.endswith("<|im_start|>assistant\nHel"), prompt)
        answer = self.complete(prompt, n_predict=1)
        self.assertEqual(answer["prompt"], prompt)

    def test_has_embeddings(self):
        for path in ("/embedding", "/embeddings"):
            answer = self.post(path, {"content": "a cat"})
            self.assertEqual(answer[0]["index"], 0)
            vector = answer[0]["embedding"][0]
            self.assertAlmostEqual(sum(value * value for value in vector), 1, places=4)


class State(Served):
    def test_has_the_models_properties(self):
        props = self.get("/props")
        self.assertIn(".gguf", props["model_path"])
        self.assertEqual(props["total_slots"], 32)
        self.assertTrue(props["device"].startswith("cpu ("))
        self.assertEqual(props["device_reason"], "")
        self.assertEqual(props["default_generation_settings"]["n_ctx"], 512)
        params = props["default_generation_settings"]["params"]
        self.assertEqual((params["seed"], params["n_predict"], params["top_k"]), (0xFFFFFFFF, -1, 40))
        self.assertIn("im_start", props["chat_template"])
        self.assertEqual(props["eos_token"], "<|im_end|>")
        self.assertEqual(self.post("/props", {}, 501)["error"]["type"], "not_supported_error")

    def test_has_slots(self):
        slots = self.get("/slots")
        self.assertEqual(len(slots), 32)
        self.assertEqual([slot["is_processing"] for slot in slots], [False] * 32)
        self.assertEqual(slots[0]["n_ctx"], 512)

    def test_has_no_adapters_unless_it_is_given_some(self):
        self.assertEqual(self.get("/lora-adapters"), [])
        self.assertEqual(self.post("/lora-adapters", []), {"success": True})
        self.post("/lora-adapters", [{"id": 0, "scale": 1}], 400)

    def test_has_models_with_what_they_can(self):
        self.get("/props")  # which has the model loaded
        for path in ("/models", "/v1/models"):
            models = self.get(path)
            self.assertEqual(models["data"][0]["meta"]["n_ctx"], 512)
            self.assertIn("completion", models["models"][0]["capabilities"])
            self.assertEqual(models["models"][0]["name"], models["data"][0]["id"])

    def test_has_its_health_under_both_names(self):
        self.assertEqual(self.get("/v1/health"), self.get("/health"))


@unittest.skipUnless(STORIES.exists(), "needs stories260K (HEARTH_TESTDATA)")
class Stories(unittest.TestCase):
    """Figures of llama-server's own tests, whose model this is: it comes without a chat template."""

    @classmethod
    def setUpClass(cls):
        cls.server = Server(STORIES, "--context", "256")
        cls.addClassCleanup(cls.server.end)

    def post(self, path, body):
        status, _, answer = self.server.request("POST", path, body)
        self.assertEqual(status, 200, answer)
        return answer

    def test_reads_as_many_tokens(self):
        prompt = "I believe the meaning of life is"
        answer = self.post("/completion", {"prompt": prompt, "n_predict": 8})
        self.assertEqual((answer["timings"]["prompt_n"], answer["timings"]["predicted_n"]), (18, 8))
        self.assertEqual(answer["prompt"], "<s> " + prompt)
        hellos = self.post("/completion", {"prompt": " Hello 3" * 43, "n_predict": 1})
        self.assertEqual(hellos["tokens_evaluated"], 43 * 5 + 2)

    def test_reads_conversations_in_chatml(self):
        parts = [{"type": "text", "text": "What is"}, {"type": "text", "text": "the best book"}]
        for question, tokens in (("Hey", 69), ("What is the best book", 77), (parts, 79)):
            messages = [{"role": "system", "content": "Book"}, {"role": "user", "content": question}]
            answer = self.post("/chat/completions", {"messages": messages, "max_tokens": 8})
            self.assertEqual(answer["usage"]["prompt_tokens"], tokens)
            self.assertEqual(answer["choices"][0]["finish_reason"], "length")
        messages = [{"role": "user", "content": "Hey"}, {"role": "assistant", "content": "Wh"}]
        prompt = self.post("/apply-template", {"messages": messages})["prompt"]
        self.assertEqual(prompt, "<|im_start|>user\nHey<|im_end|>\n<|im_start|>assistant\nWh")

    def test_ends_answers_where_the_context_is_full(self):
        answer = self.post("/completion", {"prompt": "Hi how are you", "n_predict": -1, "ignore_eos": True})
        self.assertEqual(answer["timings"]["predicted_n"], 256 - 8)
        self.assertIs(answer["truncated"], True)


if __name__ == "__main__":
    main()
