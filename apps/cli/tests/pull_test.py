"""hearth pull: downloads that are whole or not there, whatever the server and the moment do."""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import signal
import threading
import time

from model_server import MODEL, Answer, PullTest, gguf
from program import hearth, main

SHA256 = hashlib.sha256(MODEL).hexdigest()


class Pull(PullTest):
    def test_a_url_is_downloaded_once(self):
        self.server["/m.gguf"] = Answer()
        model = self.pull(self.url("/m.gguf"))
        self.assertEqual(pathlib.Path(model["path"]).read_bytes(), MODEL)
        self.assertEqual((model["name"], model["reference"]), ("m", self.url("/m.gguf")))
        self.assertEqual((model["architecture"], model["quantization"]), ("llama", "Q4_K_M"))
        self.assertEqual(self.pull(self.url("/m.gguf")), {**model, "used": self.listed()[0]["used"]})
        self.assertEqual(len(self.server.asked), 1)
        self.assertEqual(self.files(), ["m.gguf", "m.gguf.entry"])

    def test_a_transfer_that_breaks_off_goes_on(self):
        self.server["/m.gguf"] = Answer(cut=[300_000, 400_000])
        model = self.pull(self.url("/m.gguf"))
        self.assertEqual(pathlib.Path(model["path"]).read_bytes(), MODEL)
        first, second, third = self.server.requests("/m.gguf")
        self.assertNotIn("Range", first)
        self.assertEqual((second["Range"], second["If-Range"]), ("bytes=300000-", '"one"'))
        self.assertEqual(third["Range"], "bytes=700000-")

    def test_a_server_that_ignores_ranges_is_asked_from_the_beginning(self):
        self.server["/m.gguf"] = Answer(cut=[300_000], ranges=False)
        self.assertEqual(pathlib.Path(self.pull(self.url("/m.gguf"))["path"]).read_bytes(), MODEL)

    def test_a_server_without_etags_is_asked_from_the_beginning(self):
        self.server["/m.gguf"] = Answer(cut=[300_000], tag=None)
        self.assertEqual(pathlib.Path(self.pull(self.url("/m.gguf"))["path"]).read_bytes(), MODEL)
        self.assertNotIn("Range", self.server.requests("/m.gguf")[1])

    def test_a_file_that_has_changed_is_not_mixed_with_the_old_one(self):
        self.server["/m.gguf"] = Answer(body=gguf(filler=b"\x02"), tag='"old"', cut=[300_000])
        pulling = self.start_pull(self.url("/m.gguf"))
        while len(self.server.asked) < 1 or self.server.answers["/m.gguf"].cut:
            time.sleep(0.01)
        self.server["/m.gguf"] = Answer(tag='"new"')
        self.assertEqual(pulling.wait(60), 0)
        pulling.communicate()
        self.assertEqual(pathlib.Path(self.listed()[0]["path"]).read_bytes(), MODEL)

    def test_a_server_that_sends_too_little_every_time_is_given_up(self):
        self.server["/m.gguf"] = Answer(cut=[300_000] + [0] * 9)
        self.assert_refused(hearth("pull", self.url("/m.gguf")), "NETWORK", "/m.gguf")
        self.assertEqual(self.listed(), [])
        self.server["/m.gguf"] = Answer()
        self.pull(self.url("/m.gguf"))
        self.assertEqual(self.server.requests("/m.gguf")[-1]["Range"], "bytes=300000-")

    def test_a_model_that_ends_too_early_is_not_kept(self):
        self.server["/m.gguf"] = Answer(body=MODEL[:500_000], length=False)
        self.assert_refused(hearth("pull", self.url("/m.gguf")), "INVALID_MODEL")
        self.assertEqual(self.files(), [])

    def test_redirects_are_followed_and_learn_no_secrets(self):
        other = type(self.server)()
        self.addCleanup(other.close)
        other["/real.gguf"] = Answer()
        self.server["/m.gguf"] = Answer(b"moved", 302, location="/again.gguf")
        self.server["/again.gguf"] = Answer(b"moved", 307, location=other.origin + "/real.gguf")
        model = self.pull(
            self.url("/m.gguf"), "--header", "X-Key: secret", "--header", "Authorization: Bearer abc"
        )
        self.assertEqual(model["name"], "m")
        self.assertEqual(pathlib.Path(model["path"]).read_bytes(), MODEL)
        for headers in self.server.requests("/m.gguf") + self.server.requests("/again.gguf"):
            self.assertEqual((headers["X-Key"], headers["Authorization"]), ("secret", "Bearer abc"))
        (headers,) = other.requests("/real.gguf")
        self.assertNotIn("X-Key", headers)
        self.assertNotIn("Authorization", headers)

    def test_redirects_in_a_circle_or_elsewhere_end(self):
        self.server["/m.gguf"] = Answer(b"", 302, location="/m.gguf")
        self.assert_refused(hearth("pull", self.url("/m.gguf")), "SERVER", "without an end")
        self.server["/m.gguf"] = Answer(b"", 302, location="file:///etc/passwd")
        self.assertEqual(hearth("pull", self.url("/m.gguf")).returncode, 1)
        self.assertEqual(self.files(), [])

    def test_what_is_missing_gated_or_broken_is_said(self):
        self.assert_refused(hearth("pull", self.url("/none.gguf")), "NOT_FOUND", "answered 404")
        self.server["/m.gguf"] = Answer(b"no", 401)
        self.assert_refused(hearth("pull", self.url("/m.gguf")), "SERVER", "answered 401", "HF_TOKEN")
        self.server["/m.gguf"] = Answer(b"<!DOCTYPE html><html>Log in</html>")
        self.assert_refused(hearth("pull", self.url("/m.gguf")), "INVALID_MODEL", "this is a web page")
        self.server["/m.gguf"] = Answer(b"version https://git-lfs.github.com/spec/v1\noid sha256:0")
        self.assert_refused(hearth("pull", self.url("/m.gguf")), "INVALID_MODEL", "Git LFS pointer")
        self.server["/m.gguf"] = Answer(b"")
        self.assert_refused(hearth("pull", self.url("/m.gguf")), "INVALID_MODEL", "the file is empty")
        self.assertEqual(self.files(), [])

    def test_a_wrong_checksum_is_not_kept(self):
        self.server["/m.gguf"] = Answer()
        wrong = hearth("pull", self.url("/m.gguf"), "--sha256", "0" * 64)
        self.assert_refused(wrong, "INTEGRITY", SHA256)
        self.assertEqual(self.files(), [])
        self.assertEqual(self.pull(self.url("/m.gguf"), "--sha256", SHA256.upper())["sha256"], SHA256)
        self.assertEqual(hearth("show", SHA256).returncode, 0)

    def test_addresses_that_make_no_sense_are_refused(self):
        for reference in (
            "",
            "models/m.gguf",
            "ftp://example.org/m.gguf",
            "hf:owner",
            "hf:../..",
            "http://u:p@h/m.gguf",
        ):
            self.assert_refused(hearth("pull", reference), "INVALID_ARGUMENT")
        self.assertEqual(self.files(), [])

    def test_a_busy_server_is_asked_again(self):
        self.server["/m.gguf"] = Answer(b"later", 503)
        pulling = self.start_pull(self.url("/m.gguf"))
        while not self.server.asked:
            time.sleep(0.01)
        self.server["/m.gguf"] = Answer()
        _, errors = pulling.communicate(timeout=60)
        self.assertEqual(pulling.returncode, 0, errors)


class Repository(PullTest):
    def test_a_quantization_is_looked_up_and_its_checksum_held_to(self):
        self.server.repository(
            "me/mine", {"a-Q8_0.gguf": gguf(filler=b"\x08"), "sub/a-Q4_K_M.gguf": MODEL, "README.md": b"hi"}
        )
        model = self.pull("hf:me/mine:q4_k_m")
        self.assertEqual(model["reference"], "hf:me/mine/sub/a-Q4_K_M.gguf")
        self.assertEqual(model["sha256"], SHA256)
        self.assertEqual(self.pull("hf:me/mine")["path"], model["path"])
        self.assertEqual(self.pull("hf:me/mine/sub/a-Q4_K_M.gguf")["path"], model["path"])
        self.assertEqual(len(self.server.requests("/me/mine/resolve/main/sub/a-Q4_K_M.gguf")), 1)

    def test_what_differs_from_the_list_is_not_kept(self):
        self.server.repository("me/mine", {"a.gguf": MODEL})
        self.server["/me/mine/resolve/main/a.gguf"] = Answer(gguf(filler=b"\x02"))
        self.assert_refused(hearth("pull", "hf:me/mine/a.gguf"), "INTEGRITY", "SHA-256")
        self.server["/me/mine/resolve/main/a.gguf"] = Answer(MODEL + b"more")
        self.assert_refused(hearth("pull", "hf:me/mine/a.gguf"), "INTEGRITY", "bytes")
        self.server["/me/mine/resolve/main/a.gguf"] = Answer(MODEL + b"more", length=False)
        self.assert_refused(hearth("pull", "hf:me/mine/a.gguf"), "INTEGRITY", "bytes")
        self.assertEqual(self.files(".gguf"), [])

    def test_what_the_repository_has_made_new_is_fetched_anew(self):
        self.server.repository("me/mine", {"a.gguf": gguf(filler=b"\x02")})
        self.pull("hf:me/mine")
        self.server.repository("me/mine", {"a.gguf": MODEL})
        self.assertEqual(pathlib.Path(self.pull("hf:me/mine")["path"]).read_bytes(), MODEL)

    def test_all_parts_of_a_split_model_come(self):
        parts = {f"big-Q4_K_M-0000{n + 1}-of-00002.gguf": gguf(2, n) for n in range(2)}
        self.server.repository("me/big", parts)
        model = self.pull("hf:me/big:Q4_K_M")
        self.assertEqual((model["name"], model["size"]), ("big-Q4_K_M", sum(map(len, parts.values()))))
        self.assertEqual(hearth("rm", "big-Q4_K_M").returncode, 0)
        self.assertEqual(self.files(), [])

    def test_a_list_of_several_pages_is_read_to_its_end(self):
        self.server.repository("me/mine", {"a-Q4_K_M.gguf": MODEL})
        listing = "/api/models/me/mine/tree/main?recursive=true"
        self.server["/page2"] = self.server.answers[listing]
        self.server[listing] = Answer(b"[]", link='</page2>; rel="next"')
        self.assertEqual(self.pull("hf:me/mine")["name"], "a-Q4_K_M")

    def test_what_is_meant_is_asked_where_it_is_not_clear(self):
        self.server.repository("me/mine", {"a-Q8_0.gguf": MODEL, "b-Q8_0.gguf": MODEL})
        self.assert_refused(hearth("pull", "hf:me/mine:Q8_0"), "INVALID_ARGUMENT", "a-Q8_0.gguf, b-Q8_0.gguf")
        self.assert_refused(
            hearth("pull", "hf:me/mine:Q2_K"),
            "NOT_FOUND",
            "nearest is Q8_0",
            "a-Q8_0.gguf (1 MB), b-Q8_0.gguf",
        )
        self.assert_refused(hearth("pull", "hf:me/none"), "NOT_FOUND")
        self.server["/api/models/me/odd/tree/main?recursive=true"] = Answer(b"<html>")
        self.assert_refused(hearth("pull", "hf:me/odd"), "SERVER", "does not list files")

    def test_names_from_the_server_do_not_lead_out_of_the_folder(self):
        self.server.repository("me/mine", {"../../../../evil-Q4_K_M.gguf": MODEL})
        self.assert_refused(hearth("pull", "hf:me/mine"), "INVALID_ARGUMENT", "leads to no file")
        self.server["/..%2f..%2fevil.gguf"] = Answer()
        path = pathlib.Path(self.pull(self.url("/..%2f..%2fevil.gguf"))["path"])
        self.assertEqual(path.parent.parent, self.cache)

    def test_the_token_goes_to_the_endpoint_alone(self):
        os.environ["HF_TOKEN"] = "secret"
        other = type(self.server)()
        self.addCleanup(other.close)
        other["/m.gguf"] = Answer()
        self.server.repository("me/mine", {"a.gguf": MODEL})
        self.server["/me/mine/resolve/main/a.gguf"] = Answer(b"", 302, location=other.origin + "/m.gguf")
        self.pull("hf:me/mine")
        self.pull(other.origin + "/m.gguf")
        for path, headers in self.server.asked:
            self.assertEqual(headers["Authorization"], "Bearer secret", path)
        for path, headers in other.asked:
            self.assertNotIn("Authorization", headers, path)
        self.server["/own.gguf"] = Answer()
        self.pull(self.url("/own.gguf"), "--header", "authorization: Bearer mine")
        self.assertEqual([text for name, text in self.server.asked[-1][1].items()].count("Bearer mine"), 1)
        self.assertNotIn("Bearer secret", self.server.asked[-1][1].values())

    def test_without_a_type_it_says_what_there_is_and_what_it_takes(self):
        self.server.repository("me/mine", {"a-Q8_0.gguf": gguf(filler=b"\x08"), "a-Q4_K_S.gguf": MODEL})
        pulled = hearth("pull", "hf:me/mine", "--json")
        self.assertEqual(json.loads(pulled.stdout)["reference"], "hf:me/mine/a-Q4_K_S.gguf")
        said = b"hearth: hf:me/mine has Q4_K_S (1 MB), Q8_0 (1 MB): Q4_K_S is taken, the best of about 4 bits that fits"
        self.assertIn(said, pulled.stderr)

    def test_without_a_type_what_does_not_fit_is_not_taken(self):
        listing = [{"type": "file", "path": f"a-{name}.gguf", "size": 2**60} for name in ("Q4_K_M", "Q2_K")]
        self.server["/api/models/me/big/tree/main?recursive=true"] = Answer(json.dumps(listing).encode())
        self.assert_refused(
            hearth("pull", "hf:me/big"), "MODEL_TOO_LARGE", "no file fits", "Q4_K_M (1152921504.6 GB)"
        )

    def test_a_list_that_is_the_same_still_is_not_sent_again(self):
        listing = "/api/models/me/mine/tree/main?recursive=true"
        self.server.repository("me/mine", {"a-Q4_K_M.gguf": MODEL})
        for _ in range(2):
            self.pull("hf:me/mine:Q4_K_M")
        first, second = self.server.requests(listing)
        self.assertNotIn("If-None-Match", first)
        self.assertEqual(second["If-None-Match"], self.server.answers[listing].tag)

    def test_without_a_network_it_says_what_there_was(self):
        self.server.repository("me/mine", {"a-Q4_K_M.gguf": MODEL, "a-Q8_0.gguf": MODEL})
        self.pull("hf:me/mine:Q4_K_M")
        self.server["/api/models/me/mine/tree/main?recursive=true"] = Answer(b"", 500)
        said = hearth("pull", "hf:me/mine:Q8_0")
        self.assert_refused(said, "NETWORK", "it had a-Q4_K_M.gguf, a-Q8_0.gguf")

    def test_what_is_there_needs_no_network(self):
        self.server.repository("me/mine", {"a-Q4_K_M.gguf": MODEL})
        path = self.pull("hf:me/mine:Q4_K_M")["path"]
        self.server["/api/models/me/mine/tree/main?recursive=true"] = Answer(b"", 500)
        self.assertEqual(self.pull("hf:me/mine:Q4_K_M")["path"], path)


class Chunks(PullTest):
    def manifest(self, **more):
        pieces = [MODEL[at : at + 400_000] for at in range(0, len(MODEL), 400_000)]
        chunks = []
        for index, piece in enumerate(pieces):
            self.server[f"/m.00{index}"] = Answer(piece)
            chunks.append(
                {"url": f"m.00{index}", "size": len(piece), "sha256": hashlib.sha256(piece).hexdigest()}
            )
        manifest = {
            "name": "m.gguf",
            "version": 1,
            "size": len(MODEL),
            "sha256": SHA256,
            "chunks": chunks,
            **more,
        }
        self.server["/m.json"] = Answer(json.dumps(manifest).encode())
        return manifest

    def test_a_manifest_of_chunks_becomes_the_model(self):
        self.manifest()
        model = self.pull(self.url("/m.json"))
        self.assertEqual((model["name"], model["reference"]), ("m", self.url("/m.json")))
        self.assertEqual(pathlib.Path(model["path"]).read_bytes(), MODEL)
        self.assertEqual(self.files(), ["m.gguf", "m.gguf.entry"])

    def test_chunks_that_have_come_are_not_fetched_again(self):
        self.manifest()
        whole = self.server.answers.pop("/m.002")
        self.assert_refused(hearth("pull", self.url("/m.json")), "NOT_FOUND", "/m.002")
        self.assertEqual(self.listed(), [])
        self.server["/m.002"] = whole
        self.pull(self.url("/m.json"))
        self.assertEqual(len(self.server.requests("/m.000")), 1)

    def test_a_damaged_chunk_is_named(self):
        self.manifest()
        damaged = self.server.answers["/m.001"]
        damaged.body = damaged.body[:-1] + b"x"
        self.assert_refused(hearth("pull", self.url("/m.json")), "INTEGRITY", "/m.001")
        self.assertEqual(self.listed(), [])

    def test_what_is_no_manifest_is_refused(self):
        for more in (
            {"size": 5},
            {"name": "../evil.gguf"},
            {"name": ""},
            {"chunks": 1},
            {"chunks": [{"url": "m.000"}]},
        ):
            self.manifest(**more)
            self.assert_refused(hearth("pull", self.url("/m.json")), "INVALID_ARGUMENT", "no manifest")
        self.server["/m.json"] = Answer(b"[" * 100_000)
        self.assert_refused(hearth("pull", self.url("/m.json")), "INVALID_ARGUMENT", "no manifest")
        self.assertEqual(self.files(), [])


class Interrupted(PullTest):
    def held_pull(self):
        """A pull that has half of the model."""
        self.server["/m.gguf"] = Answer()
        self.server.hold = threading.Event()
        self.addCleanup(self.server.hold.set)
        pulling = self.start_pull(self.url("/m.gguf"))
        self.addCleanup(pulling.communicate)
        self.addCleanup(pulling.kill)
        self.wait_for_half()
        return pulling

    def wait_for_half(self):
        end = time.monotonic() + 60
        while not any(path.stat().st_size > 500_000 for path in self.cache.rglob("*.partial")):
            self.assertLess(time.monotonic(), end)
            time.sleep(0.01)

    def test_a_killed_pull_leaves_nothing_that_is_taken_for_a_model_and_goes_on(self):
        pulling = self.held_pull()
        pulling.kill()
        pulling.wait()
        self.assertEqual(self.listed(), [])
        self.assertNotIn("m.gguf", self.files())
        self.server.hold.set()
        self.server.hold = None
        model = self.pull(self.url("/m.gguf"))
        self.assertEqual(pathlib.Path(model["path"]).read_bytes(), MODEL)
        self.assertGreater(int(self.server.requests("/m.gguf")[-1]["Range"][6:-1]), 500_000)
        self.assertEqual(self.files(), ["m.gguf", "m.gguf.entry"])

    def test_a_signal_ends_it_and_gives_the_lock_back(self):
        pulling = self.held_pull()
        pulling.send_signal(signal.SIGTERM)
        self.assertEqual(pulling.wait(60), 128 + signal.SIGTERM)
        self.assertEqual(self.files(), ["m.gguf.partial", "m.gguf.partial.tag"])

    def test_what_is_unfinished_is_deleted_when_asked_but_not_under_way(self):
        pulling = self.held_pull()
        self.assertEqual(hearth("rm", "--unfinished").stdout, b"deleted unfinished downloads, 0 B\n")
        self.assertIn("m.gguf.partial", self.files())
        pulling.kill()
        pulling.wait()
        hearth("rm", "--unfinished")
        self.assertEqual(self.files(), [])

    def test_two_at_once_download_it_once(self):
        first = self.held_pull()
        second = self.start_pull(self.url("/m.gguf"))
        line = second.stderr.readline()
        self.assertIn(f"waiting for process {first.pid} on ".encode(), line)
        self.server.hold.set()
        paths = {json.loads(pulling.communicate(timeout=60)[0])["path"] for pulling in (first, second)}
        self.assertEqual(len(paths), 1)
        self.assertEqual(len(self.server.asked), 1)

    def test_many_at_once_download_it_once(self):
        self.server["/m.gguf"] = Answer(cut=[500_000])
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            models = list(pool.map(lambda _: self.pull(self.url("/m.gguf")), range(8)))
        self.assertEqual(len({model["path"] for model in models}), 1)
        self.assertEqual(pathlib.Path(models[0]["path"]).read_bytes(), MODEL)
        self.assertEqual(len(self.server.asked), 2)

    def test_the_one_that_waits_goes_on_where_a_killed_one_was(self):
        first = self.held_pull()
        second = self.start_pull(self.url("/m.gguf"))
        second.stderr.readline()
        held, self.server.hold = self.server.hold, None
        first.kill()
        first.wait()
        held.set()
        self.assertEqual(second.wait(60), 0)
        second.communicate()
        self.assertEqual(pathlib.Path(self.listed()[0]["path"]).read_bytes(), MODEL)


if __name__ == "__main__":
    main()
