"""HTTP as the server speaks it: what it takes, what it refuses, and who may keep it waiting."""

import json
import unittest

from server import Server, chat, main, post, read_all, status_of

CHAT = "/v1/chat/completions"
LAST = ("Connection: close",)


class Served(unittest.TestCase):
    """One server for all the tests of a class."""

    arguments = ()

    @classmethod
    def setUpClass(cls):
        cls.server = Server(*cls.arguments)
        cls.addClassCleanup(cls.server.end)

    def answer(self, *lines, body=b""):
        return self.server.send("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)

    def assert_refused(self, status, *lines, body=b""):
        """It says why, as JSON, and closes the connection."""
        answer = self.answer(*lines, body=body)
        self.assertEqual(status_of(answer), status, answer)
        head, text = answer.split(b"\r\n\r\n", 1)
        self.assertIn(b"connection: close", head.lower())
        self.assertTrue(json.loads(text)["error"]["message"])
        self.assertNotRegex(text, rb"HTTP/1\.\d [1-5]", "a second answer")


class Requests(Served):
    def test_follow_each_other_on_a_connection_even_before_they_are_answered(self):
        first = b"GET /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n"
        second = post(CHAT, chat(max_tokens=1))
        last = b"GET /v1/models HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        answer = self.server.send(first + second + last)
        self.assertEqual(answer.count(b"HTTP/1.1 200 OK"), 3)

    def test_may_come_a_byte_at_a_time(self):
        with self.server.connect() as bare:
            for byte in post(CHAT, chat(max_tokens=1), *LAST):
                bare.sendall(bytes([byte]))
            self.assertEqual(status_of(read_all(bare)), 200)

    def test_may_come_in_chunks(self):
        body = json.dumps(chat(max_tokens=1)).encode()
        chunks = (
            b"".join(b"%x;a=b\r\n%s\r\n" % (1, bytes([byte])) for byte in body) + b"0\r\nX-After: 1\r\n\r\n"
        )
        answer = self.answer(
            f"POST {CHAT} HTTP/1.1", "Host: localhost", "Transfer-Encoding: chunked", *LAST, body=chunks
        )
        self.assertEqual(status_of(answer), 200)

    def test_of_http_1_0_end_with_their_connection(self):
        answer = self.answer("GET /v1/models HTTP/1.0")
        self.assertEqual(status_of(answer), 200)
        self.assertNotIn(b"chunked", answer.lower())
        streamed = self.server.send(post(CHAT, chat(max_tokens=2, stream=True), version="1.0"))
        self.assertNotIn(b"chunked", streamed.lower())
        self.assertTrue(streamed.endswith(b"data: [DONE]\n\n"), streamed)

    def test_for_heads_get_no_body(self):
        answer = self.answer("HEAD /v1/models HTTP/1.1", "Host: localhost", *LAST)
        self.assertEqual(status_of(answer), 200)
        self.assertTrue(answer.endswith(b"\r\n\r\n"))
        self.assertRegex(answer, rb"Content-Length: [1-9]")

    def test_that_ask_whether_to_go_on_are_told(self):
        with self.server.connect() as bare:
            whole = post(CHAT, chat(max_tokens=1), "Expect: 100-continue", *LAST)
            head, body = whole.split(b"\r\n\r\n", 1)
            bare.sendall(head + b"\r\n\r\n")
            self.assertEqual(bare.recv(64), b"HTTP/1.1 100 Continue\r\n\r\n")
            bare.sendall(body)
            self.assertEqual(status_of(read_all(bare)), 200)

    def test_of_http_1_0_are_told_nothing_before_their_answer(self):
        answer = self.server.send(post(CHAT, chat(max_tokens=1), "Expect: 100-continue", version="1.0"))
        self.assertEqual(status_of(answer), 200)

    def test_may_name_the_whole_address(self):
        answer = self.answer("GET http://localhost/v1/models?x=1 HTTP/1.1", "Host: localhost", *LAST)
        self.assertEqual(status_of(answer), 200)

    def test_for_nothing_are_told_so(self):
        self.assertEqual(self.server.request("GET", "/v2")[0], 404)
        status, headers, _ = self.server.request("DELETE", CHAT)
        self.assertEqual((status, headers["Allow"]), (405, "POST"))
        for path in ("/v1%2Fmodels", "//v1/models", "/v1/models/.../x"):
            self.assertEqual(self.server.request("GET", path)[0], 404, path)


class Smuggling(Served):
    """What two readers of one request might take for two different ones."""

    def smuggle(self, status, *headers, body=b"0\r\n\r\n"):
        self.assert_refused(status, f"POST {CHAT} HTTP/1.1", "Host: localhost", *headers, body=body)

    def test_by_two_lengths(self):
        self.smuggle(400, "Content-Length: 5", "Transfer-Encoding: chunked")
        self.smuggle(400, "Transfer-Encoding: chunked", "Content-Length: 5")
        self.smuggle(400, "Content-Length: 5", "Content-Length: 6")
        self.smuggle(400, "Content-Length: 5", "Content-Length: 5")
        self.smuggle(400, "Content-Length: 5, 6")
        self.smuggle(400, "Content-Length: 5, 5")

    def test_by_lengths_that_are_none(self):
        for length in ("-1", "+5", "0x5", "5 5", "", "99999999999999999999999"):
            self.smuggle(400, f"Content-Length: {length}")

    def test_by_codings_that_are_unknown(self):
        for coding in ("xchunked", "chunked, identity", "gzip, chunked", "identity", "chunked\x0b"):
            answer = self.answer(
                f"POST {CHAT} HTTP/1.1", "Host: localhost", f"Transfer-Encoding: {coding}", body=b"0\r\n\r\n"
            )
            self.assertIn(status_of(answer), (400, 501), coding)
        self.smuggle(400, "Transfer-Encoding: chunked", "Transfer-Encoding: chunked")
        self.assert_refused(400, f"POST {CHAT} HTTP/1.0", "Transfer-Encoding: chunked", body=b"0\r\n\r\n")

    def test_by_lines_that_go_on(self):
        self.smuggle(400, "Transfer-Encoding:", " chunked")
        self.smuggle(400, "X: a", "\tTransfer-Encoding: chunked")

    def test_by_line_ends_that_are_none(self):
        for head in (
            b"GET /v1/models HTTP/1.1\nHost: localhost\n\n",
            b"GET /v1/models HTTP/1.1\r\nHost: localhost\nX: a\r\n\r\n",
            b"GET /v1/models HTTP/1.1\r\nHost: localhost\rX: a\r\n\r\n",
            b"GET /v1/models HTTP/1.1\r\nHost: local\0host\r\n\r\n",
        ):
            self.assertEqual(status_of(self.server.send(head)), 400, head)

    def test_by_names_with_spaces(self):
        self.smuggle(400, "Content-Length : 5")
        self.smuggle(400, "Content Length: 5")

    def test_by_chunks_that_are_none(self):
        for chunks in (
            b"x\r\n\r\n",
            b"-1\r\n\r\n",
            b"5\r\nabcdefgh\r\n0\r\n\r\n",
            b"ffffffffffffffffff\r\n",
            b"0x1\r\na\r\n0\r\n\r\n",
        ):
            self.smuggle(400, "Transfer-Encoding: chunked", body=chunks)

    def test_by_several_hosts(self):
        self.assert_refused(400, "GET /v1/models HTTP/1.1", "Host: localhost", "Host: localhost")
        self.assert_refused(400, "GET /v1/models HTTP/1.1")


class Heads(Served):
    def get(self, status, target):
        self.assert_refused(status, f"GET {target} HTTP/1.1", "Host: localhost", *LAST)

    def test_with_paths_that_play_tricks_are_refused(self):
        for path in (
            "/../etc/passwd",
            "/v1/%2e%2e/x",
            "/v1/..%2fx",
            "/v1/..%5cx",
            "/v1/./models",
            "/v1/%00",
            "/v1/%0d%0aX:y",
        ):
            self.get(400, path)
        for path in ("/v1/%", "/v1/%4", "/v1/%zz", "/v1/%ff%fe", "/v1/%c0%ae", "/v1/%ed%a0%80", "v1/models"):
            self.get(400, path)

    def test_of_no_http_are_refused(self):
        for start in ("GET /v1/models HTTP/2.0", "GET /v1/models HTTP/0.9"):
            self.assert_refused(505, start, "Host: localhost")
        for start in (
            "GET",
            "GET  /v1/models HTTP/1.1",
            "G@T /v1/models HTTP/1.1",
            "GET /v1/models",
            "\x16\x03\x01",
        ):
            self.assert_refused(400, start, "Host: localhost")
        self.assert_refused(
            417, f"POST {CHAT} HTTP/1.1", "Host: localhost", "Expect: more", "Content-Length: 1"
        )

    def test_that_are_too_large_are_refused(self):
        large = "x" * 40000
        self.get(431, "/" + large)
        self.assert_refused(431, "GET /v1/models HTTP/1.1", "Host: localhost", f"X: {large}")
        self.assert_refused(431, "GET /v1/models HTTP/1.1", "Host: localhost", *["a: b"] * 8000)


class Bodies(Served):
    def test_that_are_no_json_are_refused(self):
        for body in (
            b"{",
            b"[]",
            b"null",
            b'{"a": "\xff"}',
            b'{"a": "\xed\xa0\x80"}',
            b'{"a":\0}',
            b"",
            b"{} {}",
        ):
            status, _, answer = self.server.request("POST", CHAT, body)
            self.assertEqual((status, answer["error"]["code"]), (400, "INVALID_ARGUMENT"), body)

    def test_that_are_deep_are_refused(self):
        for opening, closing in ((b"[", b"]"), (b'{"a":', b"}")):
            for depth in (200, 200_000):
                body = b'{"messages":' + opening * depth + b"1" + closing * depth + b"}"
                status, _, answer = self.server.request("POST", CHAT, body)
                self.assertEqual(status, 400)
                self.assertIn("nested more than 200 deep", answer["error"]["message"])

    def test_of_many_values_are_read_in_their_time(self):
        """Not in one that grows with the square of their number, which would be hours."""
        names = ",".join(f'"{number}":1' for number in range(500_000))
        for body in ('{"messages":[' + "{}," * 2_000_000 + "{}]}", '{"messages":{' + names + "}}"):
            status, _, answer = self.server.request("POST", CHAT, body)
            self.assertEqual((status, answer["error"]["code"]), (400, "INVALID_ARGUMENT"))

    def test_with_numbers_that_are_too_large_are_refused(self):
        for number in ("1e999", "9" * 400):
            status, _, answer = self.server.request("POST", CHAT, '{"seed":%s}' % number)
            self.assertEqual((status, answer["error"]["code"]), (400, "INVALID_ARGUMENT"))

    def test_that_are_too_large_are_refused_before_they_are_read(self):
        large = 33 << 20
        self.assert_refused(413, f"POST {CHAT} HTTP/1.1", "Host: localhost", f"Content-Length: {large}")
        self.assert_refused(
            413,
            f"POST {CHAT} HTTP/1.1",
            "Host: localhost",
            "Transfer-Encoding: chunked",
            body=b"%x\r\n" % large,
        )
        self.assert_refused(
            413, f"POST {CHAT} HTTP/1.1", "Host: localhost", f"Content-Length: {large}", body=b"x" * 500_000
        )

    def test_that_are_announced_and_do_not_come_keep_nobody_out(self):
        lines = [f"POST {CHAT} HTTP/1.1", "Host: localhost"]
        lengths = [f"Content-Length: {32 << 20}", "Transfer-Encoding: chunked"]
        waiting = [self.server.connect() for _ in range(70)]
        for number, bare in enumerate(waiting):
            bare.sendall("\r\n".join([*lines, lengths[number % 2]]).encode() + b"\r\n\r\n")
        self.assertEqual(self.server.request("POST", CHAT, chat(max_tokens=1))[0], 200)
        for bare in waiting:
            bare.close()

    def test_whose_chunks_never_begin_do_not_fill_the_memory(self):
        head = f"POST {CHAT} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1;".encode()
        answer = self.server.send(head + b"x" * 300_000)
        self.assertIn(status_of(answer), (400, None))


if __name__ == "__main__":
    main()
