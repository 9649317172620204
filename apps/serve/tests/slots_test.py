"""What llama-server calls slots, saved to files, found again and forgotten."""

import pathlib
import signal
import threading

from server import InFolder, main

LONG = "The quick brown fox jumps over the lazy dog. " * 12
LONGER = LONG * 2


def bearer(key):
    return {"Authorization": f"Bearer {key}"}


class Slots(InFolder):
    def setUp(self):
        super().setUp()
        self.slots = self.folder / "slots"
        self.slots.mkdir()
        self.server = self.keep_slots()

    def keep_slots(self, *arguments):
        return self.serve("--slot-save-path", self.slots, *arguments)

    def complete(self, prompt=LONG, slot=1, headers=None, **more):
        body = {"prompt": prompt, "id_slot": slot, "n_predict": 8, "temperature": 0, **more}
        status, _, answer = self.server.request("POST", "/completion", body, headers)
        self.assertEqual(status, 200, answer)
        return answer

    def act(self, action, slot=1, name="a.bin", status=200, headers=None):
        body = {"filename": name} if name is not None else ""
        got, _, answer = self.server.request("POST", f"/slots/{slot}?action={action}", body, headers)
        self.assertEqual(got, status, answer)
        return answer

    def restart(self, *arguments):
        self.server.end()
        self.server = self.keep_slots(*arguments)

    def test_go_on_in_another_run(self):
        answer = self.complete(ignore_eos=True)
        saved = self.act("save")
        self.assertEqual(saved["n_saved"], answer["tokens_evaluated"] + answer["tokens_predicted"] - 1)
        self.assertEqual(saved["n_saved"], answer["tokens_cached"])
        self.assertEqual((saved["id_slot"], saved["filename"]), (1, "a.bin"))
        file = self.slots / "a.bin"
        self.assertEqual(saved["n_written"], file.stat().st_size)
        self.assertEqual(file.stat().st_mode & 0o077, 0)
        self.assertGreaterEqual(saved["timings"]["save_ms"], 0)
        self.restart()
        restored = self.act("restore", slot=0)
        self.assertEqual((restored["n_restored"], restored["id_slot"]), (saved["n_saved"], 0))
        self.assertEqual(restored["n_read"], saved["n_written"])
        again = self.complete(slot=0, ignore_eos=True)
        self.assertGreater(again["timings"]["cache_n"], 0)
        self.assertEqual(again["content"], answer["content"])
        # What was restored is what is saved.
        self.act("restore", slot=3)
        self.assertEqual(self.act("save", slot=3, name="b.bin")["n_saved"], saved["n_saved"])

    def test_are_saved_with_what_was_streamed(self):
        whole = self.complete()["tokens_cached"]
        self.complete(stream=True, slot=2)
        self.assertEqual(self.act("save", slot=2)["n_saved"], whole)

    def test_are_forgotten(self):
        cached = self.complete()["tokens_cached"]
        self.assertGreater(self.complete()["timings"]["cache_n"], 0)
        self.assertEqual(self.act("erase", name=None)["n_erased"], cached)
        self.assertEqual(self.complete()["timings"]["cache_n"], 0)
        self.assertEqual(self.act("erase", slot=7, name=None)["n_erased"], 0)

    def test_save_only_their_own_text(self):
        self.complete()
        self.complete("A wholly other text that nobody else has read so far. " * 12, slot=2)
        self.act("save")
        self.restart()
        self.act("restore")
        self.assertEqual(
            self.complete("A wholly other text that nobody else has read so far. " * 12)["timings"][
                "cache_n"
            ],
            0,
        )
        self.assertGreater(self.complete()["timings"]["cache_n"], 0)

    def test_without_a_text_are_saved_empty(self):
        self.assertEqual(self.act("save", slot=5)["n_saved"], 0)
        self.assertEqual(self.act("restore", slot=5)["n_restored"], 0)

    def test_stay_in_their_folder(self):
        self.complete()
        names = (
            "../a.bin",
            "a/b.bin",
            "/tmp/a.bin",
            "..",
            ".",
            ".a",
            "",
            "a\0b",
            "a\\b",
            "a.part",
            "a" * 300,
        )
        for name in (*names, 3):
            for action in ("save", "restore"):
                self.act(action, name=name, status=400)
        self.assertEqual(list(self.slots.iterdir()), [])

    def test_refuse_what_is_no_slot_or_action(self):
        for slot in ("abc", "-1", "1/2", ""):
            self.act("save", slot=slot, status=400)
        self.act("frobnicate", status=400)
        self.assertEqual(self.act("restore", name="never.bin", status=400)["error"]["code"], "NOT_FOUND")

    def test_that_are_damaged_change_nothing(self):
        self.complete()
        self.act("save")
        file = self.slots / "a.bin"
        whole = file.read_bytes()
        for wrong in (b"", whole[:16], whole[:-1], whole[:60] + b"x" + whole[61:], b"x" * 4096):
            file.write_bytes(wrong)
            self.assertEqual(self.act("restore", status=400)["error"]["code"], "INTEGRITY")
        self.complete()

    def test_need_a_folder(self):
        self.server.end()
        self.server = self.serve()
        for action in ("save", "restore", "erase"):
            self.assertEqual(self.act(action, status=501)["error"]["type"], "not_supported_error")

    def test_are_for_admins_and_their_tenants(self):
        self.server.end()
        admin, other, user = (
            bearer(self.key(name, *scopes))
            for name, scopes in (
                ("admin", ["--scope", "admin", "--scope", "models"]),
                ("other", ["--scope", "admin", "--scope", "models"]),
                ("user", []),
            )
        )
        self.server = self.keep_slots("--keys", self.keys)
        self.complete(headers=admin)
        self.act("save", headers=user, status=403)
        self.act("save", headers=admin)
        self.assertEqual(self.act("save", headers=other, name="other.bin")["n_saved"], 0)
        self.restart("--keys", self.keys)
        self.act("restore", headers=admin)
        self.assertEqual(self.complete(headers=other)["timings"]["cache_n"], 0)
        self.assertGreater(self.complete(headers=admin)["timings"]["cache_n"], 0)

    def test_are_whole_after_a_kill(self):
        sizes = {self.complete(prompt)["tokens_cached"] for prompt in (LONGER, LONG)}
        self.act("save")
        for round in range(4):
            self.complete((LONGER, LONG)[round % 2])
            stop = threading.Event()

            def save_on():
                while not stop.is_set():
                    try:
                        self.server.request("POST", "/slots/1?action=save", {"filename": "a.bin"})
                    except OSError:
                        return

            saver = threading.Thread(target=save_on)
            saver.start()
            saver.join(0.03 * round)
            self.server.process.send_signal(signal.SIGKILL)
            stop.set()
            saver.join()
            self.restart()
            self.assertIn(self.act("restore")["n_restored"], sizes)
            self.assertEqual([path.name for path in pathlib.Path(self.slots).iterdir()], ["a.bin"])


if __name__ == "__main__":
    main()
