"""OpenAI's API for completions, embeddings and reranking, against the bundled model and made ones."""

import base64
import pathlib
import struct
import subprocess
import tempfile

from answers import events
from openai_served import Served
from server import PROGRAM, Server, chat, main


class Completions(Served):
    def test_go_on_with_a_text(self):
        answer = self.complete("Once upon", max_tokens=5)
        self.assertRegex(answer["id"], r"^cmpl-\w{24}$")
        self.assertEqual(answer["object"], "text_completion")
        choice = answer["choices"][0]
        self.assertEqual((choice["index"], choice["finish_reason"]), (0, "length"))
        self.assertEqual(answer["usage"]["completion_tokens"], 5)
        chunks = events(self.complete("Once upon", max_tokens=5, stream=True))
        self.assertEqual(chunks[-1], (None, "[DONE]"))
        streamed = "".join(data["choices"][0]["text"] for _, data in chunks[:-1])
        self.assertEqual(streamed, choice["text"])
        self.assertEqual(chunks[-2][1]["choices"][0]["finish_reason"], "length")
        echoed = self.complete("Once upon", max_tokens=5, echo=True)["choices"][0]["text"]
        self.assertEqual(echoed, "Once upon" + choice["text"])

    def test_take_texts_and_tokens_alike(self):
        tokens = self.post("/v1/tokenize", {"content": "Once upon", "add_special": True})["tokens"]
        expected = self.complete("Once upon", max_tokens=5)["choices"][0]["text"]
        answer = self.complete(["Once upon", tokens, "What is"], max_tokens=5, n=2)
        self.assertEqual([choice["index"] for choice in answer["choices"]], list(range(6)))
        self.assertEqual([choice["text"] for choice in answer["choices"][:4]], [expected] * 4)
        self.assertEqual(answer["usage"]["completion_tokens"], 30)
        self.assertEqual(self.complete(tokens, max_tokens=5)["choices"][0]["text"], expected)

    def test_tell_how_likely_tokens_were(self):
        choice = self.complete("Once upon", max_tokens=4, logprobs=2)["choices"][0]
        logprobs = choice["logprobs"]
        self.assertEqual("".join(logprobs["tokens"]), choice["text"])
        self.assertEqual(len(logprobs["token_logprobs"]), 4)
        self.assertEqual([len(top) for top in logprobs["top_logprobs"]], [2] * 4)
        self.assertEqual(logprobs["text_offset"][1], len(logprobs["tokens"][0]))

    def test_tell_how_likely_their_prompt_was(self):
        more = {"echo": True, "logprobs": 2, "max_tokens": 0}
        choice = self.complete("Once upon a time", **more)["choices"][0]
        self.assertEqual(choice["text"], "Once upon a time")
        logprobs = choice["logprobs"]
        self.assertEqual("".join(logprobs["tokens"]), choice["text"])
        self.assertIsNone(logprobs["token_logprobs"][0])
        self.assertIsNone(logprobs["top_logprobs"][0])
        self.assertTrue(all(value <= 0 for value in logprobs["token_logprobs"][1:]))
        self.assertEqual({len(top) for top in logprobs["top_logprobs"][1:]}, {2})
        further = self.complete("Once upon a time", **{**more, "max_tokens": 2})["choices"][0]
        self.assertEqual(len(further["logprobs"]["tokens"]), len(logprobs["tokens"]) + 2)

    def test_refuse_what_they_cannot(self):
        self.assert_refused("prompt", self.post("/v1/completions", {}, 400))
        self.assert_refused("prompt", self.complete([], 400))
        self.assert_refused("prompt[0]", self.complete([{}], 400))
        self.assert_refused("best_of", self.complete("a", 400, best_of=3))
        self.assertEqual(self.complete("a", 501, suffix="b")["error"]["type"], "not_supported_error")


class Embeddings(Served):
    def embed(self, given, status=200, **more):
        return self.post("/v1/embeddings", {"input": given, **more}, status)

    def test_are_floats_or_base64(self):
        answer = self.embed("a cat")
        self.assertEqual((answer["object"], answer["data"][0]["object"]), ("list", "embedding"))
        vector = answer["data"][0]["embedding"]
        self.assertAlmostEqual(sum(value * value for value in vector), 1, places=4)
        encoded = self.embed("a cat", encoding_format="base64")["data"][0]["embedding"]
        decoded = struct.unpack(f"<{len(vector)}f", base64.b64decode(encoded))
        for got, expected in zip(decoded, vector):
            self.assertAlmostEqual(got, expected, places=6)

    def test_are_made_of_texts_and_tokens(self):
        tokens = self.post("/tokenize", {"content": "a cat", "add_special": True})["tokens"]
        answer = self.embed(["a cat", tokens, {"content": [{"type": "text", "text": "a cat"}]}, "a dog"])
        self.assertEqual([entry["index"] for entry in answer["data"]], [0, 1, 2, 3])
        vectors = [entry["embedding"] for entry in answer["data"]]
        self.assertEqual(vectors[1:3], [vectors[0]] * 2)
        self.assertNotEqual(vectors[3], vectors[0])
        self.assertEqual(answer["usage"]["prompt_tokens"], answer["usage"]["total_tokens"])
        self.assertGreaterEqual(answer["usage"]["prompt_tokens"], 4 * len(tokens) - 4)
        many = self.embed(["a cat " * 100] * 30 + ["a cat"])["data"]
        self.assertEqual(len(many), 31)
        self.assertEqual(many[30]["embedding"], vectors[0])

    def test_may_be_cut(self):
        self.assertEqual(len(self.embed("a cat", dimensions=32)["data"][0]["embedding"]), 32)

    def test_are_refused_where_that_makes_no_sense(self):
        self.assert_refused("input", self.embed([], 400))
        self.assert_refused("input", self.embed({"content": "text"}, 400))
        self.assert_refused("encoding_format", self.embed("a", 400, encoding_format="morse"))
        error = self.embed("word " * 600, 400)["error"]
        self.assertIn("too large", error["message"])


class Models(Served):
    def test_are_listed_and_shown(self):
        status, _, listed = self.server.request("GET", "/v1/models")
        self.assertEqual((status, listed["data"][0]["id"]), (200, "hearth-spark"))
        status, _, model = self.server.request("GET", "/v1/models/hearth-spark")
        self.assertEqual((status, model["id"], model["object"]), (200, "hearth-spark", "model"))
        self.assertEqual(self.server.request("GET", "/v1/models/nobody")[0], 404)

    def test_that_rank_nothing_say_so(self):
        answer = self.post("/v1/rerank", {"query": "a", "documents": ["b"]}, 501)
        self.assertEqual(answer["error"]["code"], "UNSUPPORTED")
        for documents in ([], None, 1, [1]):
            answer = self.post("/v1/rerank", {"query": "a", "documents": documents}, 400)
            self.assertTrue(answer["error"]["param"].startswith("documents"))


class ModelsThatAnswerNothing(Served):
    DOCUMENTS = [f"document {number}" for number in range(20)]

    @classmethod
    def setUpClass(cls):
        folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        paths = [folder / f"{shape}.gguf" for shape in ("tiny-bge-reranker", "tiny-bert")]
        for path in paths:
            subprocess.run(
                [PROGRAM, "make-model", path.stem, path, "--type", "F16"], check=True, capture_output=True
            )
        cls.server = cls.enterClassContext(Server(*paths))

    def rerank(self, status=200, **more):
        return self.post("/v1/rerank", {"query": "what?", "documents": self.DOCUMENTS, **more}, status)

    def test_rank_documents_the_best_first(self):
        answer = self.rerank()
        self.assertEqual(answer["model"], "tiny-bge-reranker")
        scores = [result["relevance_score"] for result in answer["results"]]
        self.assertEqual(scores, sorted(scores, reverse=True))
        self.assertEqual(sorted(result["index"] for result in answer["results"]), list(range(20)))
        self.assertGreater(answer["usage"]["prompt_tokens"], 20)
        self.assertEqual(answer["usage"]["prompt_tokens"], answer["usage"]["total_tokens"])
        best = answer["results"][0]
        alone = self.rerank(documents=[{"text": self.DOCUMENTS[best["index"]]}], return_documents=True)
        self.assertEqual(alone["results"][0]["relevance_score"], best["relevance_score"])
        self.assertEqual(alone["results"][0]["document"], {"text": self.DOCUMENTS[best["index"]]})
        few = self.rerank(top_n=2)["results"]
        self.assertEqual(few, answer["results"][:2])
        self.assertEqual(len(self.rerank(top_n=99)["results"]), 20)

    def test_rank_texts_as_hugging_faces_servers_do(self):
        answer = self.post("/rerank", {"query": "what?", "texts": self.DOCUMENTS[:3], "return_text": True})
        self.assertEqual(sorted(result["index"] for result in answer), [0, 1, 2])
        self.assertEqual({result["text"] for result in answer}, set(self.DOCUMENTS[:3]))

    def test_have_no_vectors_where_they_rank(self):
        answer = self.post("/v1/embeddings", {"input": "a"}, 400)
        self.assertIn("rerank", answer["error"]["message"])

    def test_make_vectors_and_say_that_they_do_nothing_else(self):
        answer = self.post("/v1/embeddings", {"model": "tiny-bert", "input": ["a", "b"]})
        self.assertEqual(len(answer["data"]), 2)
        for path, body in (
            ("/v1/completions", {"prompt": "a"}),
            ("/v1/rerank", {"query": "a", "documents": ["b"]}),
        ):
            error = self.post(path, {"model": "tiny-bert", **body}, 501)["error"]
            self.assertEqual((error["type"], error["code"]), ("not_supported_error", "UNSUPPORTED"))
        status, _, answer = self.server.request("POST", "/v1/chat/completions", chat(model="tiny-bert"))
        self.assertIn(status, (400, 501), answer)


class ModelsWhoseEncoderReads(Served):
    @classmethod
    def setUpClass(cls):
        path = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()), "tiny-t5.gguf")
        subprocess.run(
            [PROGRAM, "make-model", "tiny-t5", path, "--type", "F16"], check=True, capture_output=True
        )
        cls.server = cls.enterClassContext(Server(path))

    def test_answer_texts_each_as_a_whole(self):
        tokens = self.post("/v1/tokenize", {"content": "who sat there?", "add_special": True})["tokens"]
        answer = self.complete("who sat there?", max_tokens=8, logit_bias={"1": -100})
        # Behind the text stands the token that answers begin with.
        self.assertEqual(answer["usage"]["prompt_tokens"], len(tokens) + 1)
        self.assertEqual(answer["usage"]["completion_tokens"], 8)
        again = self.complete(["a cat", "who sat there?", tokens], max_tokens=8, logit_bias={"1": -100})
        texts = [choice["text"] for choice in again["choices"]]
        self.assertEqual(texts[1:], [answer["choices"][0]["text"]] * 2)
        said = self.chat("who sat there?", max_tokens=8, logit_bias={"1": -100})
        self.assertEqual(said["choices"][0]["message"]["content"].strip(), texts[1].strip())

    def test_have_vectors_too(self):
        vectors = [entry["embedding"] for entry in self.post("/v1/embeddings", {"input": ["a", "b"]})["data"]]
        self.assertNotEqual(vectors[0], vectors[1])

    def test_refuse_what_they_cannot(self):
        error = self.complete("a cat", 501, echo=True, logprobs=1, max_tokens=1)["error"]
        self.assertIn("reads a text as a whole", error["message"])
        error = self.complete("a cat " * 2000, 400)["error"]
        self.assertEqual(error["code"], "CONTEXT_OVERFLOW")


if __name__ == "__main__":
    main()
