"""Who may use the server: keys and scopes, origins, sockets and TLS."""

import os
import signal
import socket
import ssl
import subprocess

from server import InFolder, bearer, chat, hearth, main, post, read_all, status_of, until

CHAT = "/v1/chat/completions"


class Keys(InFolder):
    def test_are_asked_for_in_each_dialect(self):
        key = self.key("one")
        server = self.serve("--keys", self.keys)
        status, headers, answer = server.request("POST", CHAT, chat(max_tokens=1))
        self.assertEqual((status, answer["error"]["type"]), (401, "authentication_error"))
        self.assertEqual(headers["WWW-Authenticate"], "Bearer")
        status, _, answer = server.request("POST", "/v1/messages", chat(max_tokens=1))
        self.assertEqual(
            (status, answer["type"], answer["error"]["type"]), (401, "error", "authentication_error")
        )
        for wrong in ("", "sk-hearth-00000000-x", key[:-1], key + "x"):
            self.assertEqual(server.request("POST", CHAT, chat(), bearer(wrong))[0], 401)
        self.assertEqual(server.request("POST", f"{CHAT}?api_key={key}", chat())[0], 401)
        for headers in (bearer(key), {"x-api-key": key}):
            self.assertEqual(server.request("POST", CHAT, chat(max_tokens=1), headers)[0], 200)
        self.assertEqual(server.request("GET", "/health")[0], 200)

    def test_change_without_a_new_start(self):
        key = self.key("one")
        server = self.serve("--keys", self.keys)
        answers = lambda: server.request("GET", "/v1/models", headers=bearer(key))[0]
        self.assertEqual(answers(), 200)
        hearth("key", "disable", key.split("-")[2], "--keys", self.keys)
        self.assertTrue(until(lambda: answers() == 401))
        hearth("key", "enable", key.split("-")[2], "--keys", self.keys)
        self.assertTrue(until(lambda: answers() == 200))

    def test_stay_when_their_file_is_gone(self):
        self.keys = self.folder / "none/hearth/keys.json"
        key = self.key("one")
        server = self.serve()
        self.keys.unlink()
        server.process.send_signal(signal.SIGHUP)
        said = lambda: os.pread(server.said.fileno(), 1 << 20, 0)
        self.assertTrue(until(lambda: b"the keys stay as they were" in said()))
        self.assertEqual(server.request("GET", "/v1/models")[0], 401)
        self.assertEqual(server.request("GET", "/v1/models", headers=bearer(key))[0], 200)

    def test_open_what_their_scopes_say(self):
        models, admin = self.key("one"), self.key("two", "--scope", "admin")
        server = self.serve("--keys", self.keys)
        for path, key, status in (
            ("/metrics", models, 403),
            ("/metrics", admin, 200),
            ("/v1/models", admin, 200),
        ):
            self.assertEqual(server.request("GET", path, headers=bearer(key))[0], status)
        load = {"model": "hearth-spark", "id": "mine"}
        self.assertEqual(server.request("POST", "/v1/hearth/load", load, bearer(models))[0], 403)

    def test_are_named_by_logs_and_metrics_and_never_told(self):
        key, admin = self.key("one"), self.key("two", "--scope", "admin")
        server = self.serve("--keys", self.keys, "--log-format", "json")
        server.request("POST", CHAT, chat("a secret", max_tokens=1), bearer(key))
        text = server.request("GET", "/metrics", headers=bearer(admin))[2].decode()
        said = server.end(signal.SIGTERM)
        for told in (text, said):
            self.assertIn(key.split("-")[2], told)
            self.assertNotIn(key.split("-")[3], told)
            self.assertNotIn("a secret", told)


class Doors(InFolder):
    def test_are_closed_to_others_without_keys(self):
        with self.assertRaisesRegex(AssertionError, "INVALID_ARGUMENT.*--insecure"):
            self.serve("--host", "0.0.0.0")
        self.assertEqual(self.serve("--host", "0.0.0.0", "--insecure").request("GET", "/health")[0], 200)
        self.key("one")
        self.assertEqual(
            self.serve("--host", "0.0.0.0", "--keys", self.keys).request("GET", "/health")[0], 200
        )

    def test_are_closed_to_pages_that_call_the_server_by_another_name(self):
        config = self.write("hearth.yaml", "hostNames: [models.test]\n")
        server = self.serve("--config", config)
        for host, status in (
            ("evil.test", 403),
            ("models.test:80", 200),
            ("LOCALHOST", 200),
            ("[::1]:1", 200),
        ):
            self.assertEqual(server.request("GET", "/health", headers={"Host": host})[0], status, host)

    def test_are_closed_to_pages_of_other_origins(self):
        server = self.serve("--config", self.write("hearth.yaml", "cors: {origins: [https://mine.test]}\n"))
        preflight = {
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization",
        }
        for origin, allowed in (("https://mine.test", True), ("https://evil.test", False), ("null", False)):
            status, headers, _ = server.request("GET", "/v1/models", headers={"Origin": origin})
            self.assertEqual(status, 200 if allowed else 403)
            self.assertEqual(headers["Access-Control-Allow-Origin"], origin if allowed else None)
            status, headers, _ = server.request("OPTIONS", CHAT, headers={"Origin": origin, **preflight})
            self.assertEqual(status, 200 if allowed else 403)
            self.assertEqual(headers["Access-Control-Allow-Headers"], "authorization" if allowed else None)
            self.assertEqual(headers["Access-Control-Allow-Credentials"], "true" if allowed else None)

    def test_may_be_a_socket(self):
        path = self.folder / "hearth.sock"
        server = self.serve("--socket", path, port=False)
        self.assertEqual(server.address, f"unix:{path}")
        with socket.socket(socket.AF_UNIX) as bare:
            bare.connect(str(path))
            bare.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            self.assertEqual(status_of(read_all(bare)), 200)
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o660)
        server.end(signal.SIGTERM)
        self.assertFalse(path.exists())
        with self.assertRaisesRegex(AssertionError, "INVALID_ARGUMENT"):
            self.serve("--socket", self.folder / ("x" * 120), port=False)


class Tls(InFolder):
    def certify(self, name):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
            + ["-subj", f"/CN={name}", "-keyout", self.folder / "key.pem", "-out", self.folder / "cert.pem"],
            check=True,
            capture_output=True,
        )

    def connect(self, server):
        context = ssl._create_unverified_context()
        return context.wrap_socket(server.connect())

    def name_of(self, server):
        with self.connect(server) as secure:
            return secure.getpeercert(binary_form=True)

    def test_keeps_every_byte_of_requests_that_come_before_their_turn_and_reads_certificates_again(self):
        self.certify("one")
        server = self.serve(
            "--tls-certificate", self.folder / "cert.pem", "--tls-key", self.folder / "key.pem"
        )
        self.assertTrue(server.address.startswith("https://"))
        with self.connect(server) as secure:
            self.assertIn(secure.version(), ("TLSv1.2", "TLSv1.3"))
            request = post(CHAT, chat("x" * 100, max_tokens=3))
            for start in range(0, 20 * len(request), 100):
                secure.sendall((request * 20)[start : start + 100])
            secure.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            self.assertEqual(read_all(secure).count(b"HTTP/1.1 200 OK"), 21)
        before = self.name_of(server)
        self.certify("two")
        server.process.send_signal(signal.SIGHUP)
        self.assertTrue(until(lambda: self.name_of(server) != before))
        self.write("cert.pem", "none")
        server.process.send_signal(signal.SIGHUP)
        self.assertEqual(status_of(server.send(b"GET / HTTP/1.1\r\n\r\n")), None)
        with self.connect(server) as secure:  # the certificate stays as it was
            secure.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            self.assertEqual(status_of(read_all(secure)), 200)


if __name__ == "__main__":
    main()
