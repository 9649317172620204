"""Adapters that commands are given: --lora FILE[=SCALE], also several."""

import pathlib
import tempfile
import unittest

from program import hearth, main

SHAPES = {"dense": "tiny-llama", "experts": "tiny-mixtral"}


class Adapters(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        for name, shape in SHAPES.items():
            cls.make(shape, cls.model(name), "--type", "Q8_0")
            for seed in (1, 2):
                cls.make(shape, cls.adapter(name, seed), "--lora-rank", 2, "--seed", seed)

    @classmethod
    def make(cls, shape, path, *options):
        made = hearth("make-model", shape, path, *options)
        assert made.returncode == 0, made.stderr

    @classmethod
    def model(cls, name):
        return cls.folder / f"{name}.gguf"

    @classmethod
    def adapter(cls, name, seed):
        return cls.folder / f"{name}-adapter-{seed}.gguf"

    def logits(self, name, *adapters):
        """The bytes of what the model gives for a few tokens, each adapter a file's name or name=scale."""
        out = self.folder / "logits"
        options = [option for adapter in adapters for option in ("--lora", adapter)]
        ended = hearth("logits", self.model(name), "--tokens", "1,17,5", "--out", out, *options)
        self.assertEqual(ended.returncode, 0, ended.stderr)
        return out.read_bytes()

    def test_change_what_a_model_gives_each_by_its_scale(self):
        for name in SHAPES:
            with self.subTest(name):
                first, second = self.adapter(name, 1), self.adapter(name, 2)
                seen = [
                    self.logits(name),
                    self.logits(name, first),
                    self.logits(name, f"{first}=0.5"),
                    self.logits(name, second),
                    self.logits(name, first, second),
                ]
                self.assertEqual(len(set(seen)), len(seen))

    def test_of_scale_0_change_nothing_and_of_scale_1_are_as_if_nothing_were_said(self):
        first = self.adapter("dense", 1)
        self.assertEqual(self.logits("dense", f"{first}=0"), self.logits("dense"))
        self.assertEqual(self.logits("dense", f"{first}=1"), self.logits("dense", first))

    def test_are_taken_by_commands_that_write_text(self):
        said = [
            hearth("run", self.model("dense"), "a", "--raw", "-n", 8, "--temperature", 0, *options).stdout
            for options in ([], ["--lora", self.adapter("dense", 1)])
        ]
        self.assertNotEqual(*said)

    def test_of_another_shape_are_refused_with_the_tensor(self):
        wide = self.folder / "wide.gguf"
        self.make("tiny-llama", wide, "--lora-rank", 2, "--embedding", 512)
        ended = hearth("run", self.model("dense"), "a", "-n", 1, "--lora", wide)
        self.assertEqual(ended.returncode, 1)
        self.assertRegex(
            ended.stderr, rb"hearth: INVALID_ARGUMENT: .*wide.gguf: tensor '.*\.lora_[ab]' has shape"
        )

    def test_that_are_not_there_or_no_adapters_are_refused_by_name(self):
        for path, code in (
            (self.folder / "none.gguf", b"NOT_FOUND"),
            (self.model("dense"), b"INVALID_MODEL"),
        ):
            ended = hearth("run", self.model("dense"), "a", "-n", 1, "--lora", path)
            self.assertEqual(ended.returncode, 1)
            self.assertIn(b"hearth: %s: " % code, ended.stderr)
            self.assertIn(path.name.encode(), ended.stderr)


if __name__ == "__main__":
    main()
