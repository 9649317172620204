"""Models that remember in states of one size behind the server: side by side, kept, saved, cancelled."""

import concurrent.futures
import pathlib
import tempfile
import time

from server import InFolder, hearth, main, post

SHAPES = ("tiny-mamba", "tiny-qwen35")
SYSTEM = "You are a kind and very patient helper, who says little. " * 4


class States(InFolder):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.models = {shape: pathlib.Path(folder.name, f"{shape}.gguf") for shape in SHAPES}
        for shape, path in cls.models.items():
            hearth("make-model", shape, path, "--type", "F16")

    def start(self, **options):
        (self.folder / "slots").mkdir(exist_ok=True)
        config = [f"slotSavePath: {self.folder / 'slots'}", "models:"]
        for shape, path in self.models.items():
            given = "".join(f", {name}: {value}" for name, value in options.items())
            config.append(f"  - {{name: {shape}, source: {path}, options: {{contextSize: 1024{given}}}}}")
        return self.serve("--config", self.write("hearth.yaml", "\n".join(config)))

    def complete(self, server, shape, prompt, slot=0, **more):
        body = {"model": shape, "prompt": prompt, "id_slot": slot, "n_predict": 24, "temperature": 0}
        status, _, answer = server.request(
            "POST", "/completion", {**body, "ignore_eos": True, "return_tokens": True, **more}
        )
        self.assertEqual(status, 200, answer)
        return answer

    def test_requests_side_by_side_are_answered_as_each_alone(self):
        prompts = [f"{SYSTEM}Question {n}: {'why? ' * n}" for n in range(12)]
        for shape in SHAPES:
            with self.subTest(shape):
                alone = self.start()
                wanted = [self.complete(alone, shape, p, cache_prompt=False)["tokens"] for p in prompts]
                alone.end()
                server = self.start(maxSequences=4)
                with concurrent.futures.ThreadPoolExecutor(len(prompts)) as pool:
                    answers = list(pool.map(lambda p: self.complete(server, shape, p), prompts))
                self.assertEqual([answer["tokens"] for answer in answers], wanted)
                cached = [answer["timings"]["cache_n"] for answer in answers]
                self.assertGreaterEqual(sum(n > 0 for n in cached), len(prompts) - 1, cached)
                server.end()

    def test_slots_are_saved_and_go_on_in_another_run(self):
        for shape in SHAPES:
            with self.subTest(shape):
                server = self.start()
                first = self.complete(server, shape, SYSTEM)
                path = f"/slots/0?action=save&model={shape}"
                status, _, saved = server.request("POST", path, {"model": shape, "filename": f"{shape}.bin"})
                self.assertEqual(status, 200, saved)
                server.end()
                server = self.start()
                path = f"/slots/0?action=restore&model={shape}"
                body = {"model": shape, "filename": f"{shape}.bin"}
                self.assertEqual(server.request("POST", path, body)[0], 200)
                again = self.complete(server, shape, SYSTEM)
                self.assertGreater(again["timings"]["cache_n"], 0)
                self.assertEqual(again["tokens"], first["tokens"])
                server.end()

    def test_who_leaves_in_the_middle_leaves_others_as_they_were(self):
        server = self.start()
        for shape in SHAPES:
            with self.subTest(shape):
                wanted = self.complete(server, shape, SYSTEM)["tokens"]
                for wait in (0, 0.02, 0.1):
                    bare = server.connect()
                    body = {"model": shape, "prompt": SYSTEM, "n_predict": 800, "ignore_eos": True}
                    bare.sendall(post("/completion", {**body, "stream": True}))
                    time.sleep(wait)
                    bare.close()
                    self.assertEqual(self.complete(server, shape, SYSTEM)["tokens"], wanted)

    def test_there_are_as_many_slots_as_answers_run(self):
        server = self.start(maxBatchRows=3)
        for shape in SHAPES:
            with self.subTest(shape):
                _, _, props = server.request("GET", f"/props?model={shape}")
                self.assertEqual(props["total_slots"], 3)
                self.assertEqual(len(server.request("GET", f"/slots?model={shape}")[2]), 3)


if __name__ == "__main__":
    main()
