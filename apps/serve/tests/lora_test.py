"""Adapters by number, as llama-server has them, and as models of their own."""

import pathlib
import subprocess
import tempfile
import unittest

from server import PROGRAM, Server, main

PROMPT = "Once upon a time"


class Adapters(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.model = cls.folder / "base.gguf"
        cls.make(cls.model, "--type", "F16")
        cls.one, cls.two = cls.folder / "one.gguf", cls.folder / "two.gguf"
        cls.make(cls.one, "--lora-rank", "4", "--seed", "1")
        cls.make(cls.two, "--lora-rank", "4", "--seed", "2")

    @classmethod
    def make(cls, path, *options):
        subprocess.run([PROGRAM, "make-model", "tiny-llama", path, *options], check=True, capture_output=True)

    def serve(self, *arguments):
        server = Server(self.model, *arguments)
        self.addCleanup(server.end)
        return server

    def complete(self, server, **more):
        body = {"prompt": PROMPT, "n_predict": 8, "temperature": 0, "ignore_eos": True, **more}
        status, _, answer = server.request("POST", "/completion", body)
        self.assertEqual(status, 200, answer)
        return answer["content"]

    def scales(self, server):
        status, _, adapters = server.request("GET", "/lora-adapters")
        self.assertEqual(status, 200, adapters)
        self.assertEqual([adapter["id"] for adapter in adapters], list(range(len(adapters))))
        return [adapter["scale"] for adapter in adapters]

    def set_scales(self, server, body, status=200):
        got, _, answer = server.request("POST", "/lora-adapters", body)
        self.assertEqual(got, status, answer)
        return answer

    def test_of_the_command_line_are_in_every_answer(self):
        plain = self.complete(self.serve())
        server = self.serve("--lora", self.one, "--lora", f"{self.two}=0.5")
        self.assertEqual(self.scales(server), [1, 0.5])
        both = self.complete(server)
        self.assertNotEqual(both, plain)
        self.assertEqual(self.set_scales(server, [{"id": 0, "scale": 0}]), {"success": True})
        self.assertEqual(self.scales(server), [0, 0])
        self.assertEqual(self.complete(server), plain)
        self.set_scales(server, [{"id": 1, "scale": 0.5}, {"id": 0, "scale": 1}])
        self.assertEqual(self.complete(server), both)

    def test_are_chosen_for_each_request(self):
        server = self.serve("--lora", self.one, "--lora", self.two)
        plain = self.complete(server, lora=[])
        one = self.complete(server, lora=[{"id": 0, "scale": 1}])
        two = self.complete(server, lora=[{"id": 1, "scale": 1}])
        self.assertEqual(len({plain, one, two}), 3)
        self.assertEqual(self.complete(server, model="two"), two)
        self.assertEqual(self.complete(server, lora=[{"id": 0, "scale": 0}, {"id": 1, "scale": 1}]), two)
        body = {"prompt": PROMPT, "max_tokens": 8, "temperature": 0, "ignore_eos": True, "lora": [{"id": 1}]}
        answer = server.request("POST", "/v1/completions", body)[2]
        self.assertEqual(answer["choices"][0]["text"], two)
        self.assertEqual(self.complete(server, cache_prompt=False, lora=[{"id": 1, "scale": 1}]), two)

    def test_that_there_are_not_are_refused(self):
        server = self.serve("--lora", self.one)
        for wrong in ({"id": 0}, [3], [{"id": 1, "scale": 1}], [{"id": -1, "scale": 1}], [{"id": 0}], "x"):
            self.set_scales(server, wrong, 400)
        self.assertEqual(self.scales(server), [1])
        body = {"prompt": PROMPT, "lora": [{"id": 1, "scale": 1}]}
        status, _, answer = server.request("POST", "/completion", body)
        self.assertEqual((status, answer["error"]["param"]), (400, "lora"))

    def test_stay_apart_where_the_configuration_has_them_for_their_own_names(self):
        config = self.folder / "hearth.yaml"
        config.write_text(
            f"models:\n  - {{name: base, source: {self.model}, adapters: [{{name: tuned, source: {self.one}}}]}}\n"
        )
        server = Server("--config", config)
        self.addCleanup(server.end)
        self.assertEqual(self.scales(server), [0])
        plain = self.complete(server)
        tuned = self.complete(server, model="tuned")
        self.assertNotEqual(plain, tuned)
        self.assertEqual(self.complete(server, lora=[{"id": 0, "scale": 1}]), tuned)


if __name__ == "__main__":
    main()
