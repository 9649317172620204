"""hearth pull by HTTPS: whose certificates count, where redirects and proxies lead, and who learns the token."""

import http.server
import os
import pathlib
import select
import socket
import ssl
import subprocess
import tempfile
import threading

from model_server import MODEL, Answer, ModelServer, PullTest
from program import hearth, main


class Proxy:
    """Carries what is sent to a host; keeps which hosts were asked for, and the headers that it saw."""

    def __init__(self):
        self.asked = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_CONNECT(self):  # noqa: N802
                outer.asked.append((self.path, dict(self.headers)))
                host, port = self.path.rsplit(":", 1)
                with socket.create_connection((host, int(port))) as there:
                    self.send_response(200)
                    self.end_headers()
                    carry(self.connection, there)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def carry(one, other):
    """What either says, to the other, until one has said all."""
    while True:
        for ready in select.select([one, other], [], [])[0]:
            data = ready.recv(2**16)
            if not data:
                return
            (other if ready is one else one).sendall(data)


class Https(PullTest):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.certificates = pathlib.Path(folder.name)
        cls.certify("authority")
        cls.certify("server", "-addext", "subjectAltName=IP:127.0.0.1", *cls.signed_by("authority"))

    @classmethod
    def file(cls, name):
        return cls.certificates / name

    @classmethod
    def signed_by(cls, name):
        return ["-CA", cls.file(f"{name}.pem"), "-CAkey", cls.file(f"{name}.key")]

    @classmethod
    def certify(cls, name, *more):
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        written = ["-keyout", cls.file(f"{name}.key"), "-out", cls.file(f"{name}.pem")]
        command = ["openssl", "req", "-x509", *key, "-subj", f"/CN={name}", "-days", "2", *written, *more]
        subprocess.run(command, check=True, capture_output=True)

    def setUp(self):
        super().setUp()
        self.set_variable("SSL_CERT_FILE", self.file("authority.pem"))
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(self.file("server.pem"), self.file("server.key"))
        self.secure = ModelServer(tls)
        self.addCleanup(self.secure.close)
        self.secure["/m.gguf"] = Answer()

    def set_variable(self, name, value):
        before = os.environ.get(name)
        self.addCleanup(lambda: os.environ.pop(name) if before is None else os.environ.update({name: before}))
        os.environ[name] = str(value)

    def assert_not_trusted(self, url, *texts):
        self.assert_refused(hearth("pull", url), "SERVER", url, "certificate", "SSL_CERT_FILE", *texts)
        self.assertEqual(self.secure.asked, [])
        self.assertEqual(self.files(), [])

    def test_a_model_comes(self):
        model = self.pull(self.secure.origin + "/m.gguf")
        self.assertEqual(pathlib.Path(model["path"]).read_bytes(), MODEL)

    def test_what_breaks_off_goes_on(self):
        self.secure["/m.gguf"] = Answer(cut=[300_000])
        self.pull(self.secure.origin + "/m.gguf")
        self.assertEqual(self.secure.requests("/m.gguf")[1]["Range"], "bytes=300000-")

    def test_a_repository_is_listed_with_the_token_which_no_other_server_learns(self):
        self.set_variable("HF_ENDPOINT", self.secure.origin)
        self.set_variable("HF_TOKEN", "secret")
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(self.file("server.pem"), self.file("server.key"))
        other = ModelServer(tls)
        self.addCleanup(other.close)
        other["/real"] = Answer()
        self.secure.repository("me/mine", {"a-Q4_K_M.gguf": MODEL})
        path = "/me/mine/resolve/main/a-Q4_K_M.gguf"
        self.secure[path] = Answer(b"", 302, location=other.origin + "/real")
        self.assertEqual(self.pull("hf:me/mine:Q4_K_M")["reference"], "hf:me/mine/a-Q4_K_M.gguf")
        self.assertEqual(
            [headers["Authorization"] for _, headers in self.secure.asked], ["Bearer secret"] * 2
        )
        (headers,) = other.requests("/real")
        self.assertNotIn("Authorization", headers)

    def test_a_certificate_of_nobody_who_is_trusted_is_refused(self):
        del os.environ["SSL_CERT_FILE"]
        self.assert_not_trusted(self.secure.origin + "/m.gguf")

    def test_a_certificate_of_another_host_is_refused(self):
        self.assert_not_trusted(self.secure.origin.replace("127.0.0.1", "localhost") + "/m.gguf", "localhost")

    def test_a_file_that_has_no_certificates_is_named(self):
        for missing in (self.file("none.pem"), self.file("server.key")):
            self.set_variable("SSL_CERT_FILE", missing)
            done = hearth("pull", self.secure.origin + "/m.gguf")
            self.assert_refused(done, "SERVER", str(missing), "must name a PEM file of certificates")

    def test_redirects_lead_to_https_and_not_away_from_it(self):
        self.server["/m.gguf"] = Answer(b"", 302, location=self.secure.origin + "/m.gguf")
        self.pull(self.url("/m.gguf"))
        self.secure["/back.gguf"] = Answer(b"", 302, location=self.url("/plain.gguf"))
        done = hearth("pull", self.secure.origin + "/back.gguf")
        self.assert_refused(done, "SERVER", "/back.gguf: it redirects to " + self.url("/plain.gguf"))
        self.assertEqual(self.server.requests("/plain.gguf"), [])
        self.assertEqual(self.files(), ["m.gguf", "m.gguf.entry"])

    def test_a_proxy_sees_whom_it_connects_and_nothing_of_what_is_said(self):
        proxy = Proxy()
        self.addCleanup(proxy.close)
        self.set_variable("NO_PROXY", "")
        self.set_variable("HTTPS_PROXY", proxy.address)
        self.pull(self.secure.origin + "/m.gguf", "--header", "X-Key: secret")
        ((host, headers),) = proxy.asked
        self.assertEqual("https://" + host, self.secure.origin)
        self.assertNotIn("X-Key", headers)
        self.assertEqual(self.secure.requests("/m.gguf")[0]["X-Key"], "secret")


if __name__ == "__main__":
    main()
