"""The server at work: clients that leave or wait, and what it tells of itself."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time

from server import BUNDLED, InFolder, chat, hearth, main, post, read_all, status_of, until

CHAT = "/v1/chat/completions"
LONG = {"max_tokens": 100_000, "ignore_eos": True, "stream": True}
# Few tokens of it fill what the system keeps for a reader.
LARGE = {"logprobs": True, "top_logprobs": 20}


class Clients(InFolder):
    """Who leaves, and who keeps the server waiting."""

    def running(self, server):
        text = server.request("GET", "/metrics")[2].decode()
        return sum(
            float(value)
            for value in re.findall(
                r'^hearth_answers_(?:running|waiting)\{model="hearth-spark"\} (\S+)', text, re.M
            )
        )

    def test_that_leave_free_what_they_had(self):
        server = self.serve()
        for leave in (lambda bare: bare.close(), lambda bare: bare.shutdown(socket.SHUT_WR)):
            for read_some in (False, True):
                with server.connect() as bare:
                    # Without reading any: while the prompt is read.
                    bare.sendall(post(CHAT, chat("word " * (10 if read_some else 3000), **LONG)))
                    if read_some:
                        self.assertTrue(bare.recv(1000).startswith(b"HTTP/1.1 200"))
                    self.assertTrue(until(lambda: self.running(server) == 1))
                    leave(bare)
                    self.assertTrue(until(lambda: self.running(server) == 0))

    def test_that_read_nothing_hold_themselves_alone(self):
        server = self.serve("--config", self.write("hearth.yaml", "limits: {writeTime: 2s}\n"))
        slow = server.connect(receive_buffer=2048)
        slow.sendall(post(CHAT, chat(**LONG, **LARGE)))
        status, _, answer = server.request("POST", CHAT, chat(max_tokens=5))
        self.assertEqual((status, answer["usage"]["completion_tokens"]), (200, 5))
        self.assertTrue(until(lambda: self.running(server) == 0))
        slow.close()

    def test_that_send_slowly_are_ended(self):
        limits = "limits: {headerTime: 1s, bodyTime: 1s, idleTime: 1s}\n"
        server = self.serve("--config", self.write("hearth.yaml", limits))
        whole = post(CHAT, chat(max_tokens=1))
        for sent, status in ((whole[:20], 408), (whole[:-5], 408), (b"", None)):
            began = time.monotonic()
            with server.connect() as bare:
                bare.sendall(sent)
                self.assertEqual(status_of(read_all(bare)), status)
            self.assertLess(time.monotonic() - began, 30)

    def test_that_are_idle_make_room_for_others(self):
        server = self.serve("--config", self.write("hearth.yaml", "limits: {connections: 4}\n"))
        idle = [server.connect() for _ in range(8)]
        self.assertEqual(server.request("GET", "/health")[0], 200)
        for bare in idle:
            bare.close()

    def test_that_are_too_many_are_told_to_come_again(self):
        config = (
            "limits: {queue: 1}\nmodels: [{name: spark, source: %s, options: {maxSequences: 1}}]\n" % BUNDLED
        )
        server = self.serve("--config", self.write("hearth.yaml", config))
        held = []
        for _ in range(2):
            held.append(server.connect())
            held[-1].sendall(post(CHAT, chat(**LONG)))
        text = lambda: server.request("GET", "/metrics")[2].decode()
        self.assertTrue(until(lambda: 'hearth_answers_waiting{model="spark"} 1' in text()))
        status, headers, answer = server.request("POST", CHAT, chat(max_tokens=1))
        self.assertEqual((status, answer["error"]["type"]), (503, "unavailable_error"))
        self.assertEqual(headers["Retry-After"], "1")
        for bare in held:
            bare.close()
        self.assertTrue(until(lambda: server.request("POST", CHAT, chat(max_tokens=1))[0] == 200))

    def test_that_wait_for_longer_than_is_allowed_are_told_so(self):
        server = self.serve("--config", self.write("hearth.yaml", "limits: {requestTime: 1s}\n"))
        whole = {**LONG, "stream": False}
        status, _, answer = server.request("POST", CHAT, chat(**whole))
        self.assertEqual((status, answer["error"]["code"]), (504, "TIMEOUT"))
        streamed = server.request("POST", CHAT, chat(**LONG))[2]
        self.assertIn(b'"code":"TIMEOUT"', streamed.rsplit(b"data: ", 1)[1])
        upgrade = {"Upgrade": "websocket", "Connection": "Upgrade"}
        self.assertEqual(server.request("POST", CHAT, chat(**whole), upgrade)[0], 504)
        self.assertTrue(until(lambda: self.running(server) == 0))


class Operation(InFolder):
    def test_metrics_are_as_prometheus_reads_them(self):
        server = self.serve()
        server.request("POST", CHAT, chat(max_tokens=5))
        server.request("POST", CHAT, chat(max_tokens=5))
        status, headers, text = server.request("GET", "/metrics")
        self.assertEqual((status, headers["Content-Type"]), (200, "text/plain; version=0.0.4; charset=utf-8"))
        samples = read_exposition(text.decode())
        model, key = 'model="hearth-spark"', 'key=""'
        self.assertEqual(samples[f"hearth_completion_tokens_total{{{key},{model}}}"], 10)
        self.assertGreater(samples[f"hearth_prompt_tokens_total{{{key},{model}}}"], 10)
        self.assertEqual(samples[f"hearth_time_to_first_token_seconds_count{{{model}}}"], 2)
        self.assertGreater(samples[f"hearth_model_memory_bytes{{{model}}}"], 1e6)
        self.assertEqual(samples["hearth_requests_running"], 1)
        if shutil.which("promtool"):  # of Debian's package prometheus, which nothing else here needs
            told = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True)
            self.assertEqual((told.returncode, told.stderr), (0, b""))

    def test_requests_have_ids_that_go_from_end_to_end(self):
        server = self.serve("--log-format", "json")
        trace = "4bf92f3577b34da6a3ce929d0e0e4736"
        given = {"X-Request-Id": "mine.1", "traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
        headers = server.request("POST", CHAT, chat(max_tokens=3), given)[1]
        self.assertEqual(headers["X-Request-Id"], "mine.1")
        self.assertTrue(headers["traceparent"].startswith(f"00-{trace}-"))
        odd = server.request("GET", "/health", headers={"X-Request-Id": "a b\x7f"})[1]["X-Request-Id"]
        self.assertRegex(odd, r"^[\w.:-]+$")
        lines = [json.loads(line) for line in server.end(signal.SIGTERM).splitlines()]
        first = next(line for line in lines if line.get("id") == "mine.1")
        self.assertEqual((first["status"], first["model"], first["trace"]), (200, "hearth-spark", trace))
        self.assertEqual((first["path"], first["completionTokens"]), (CHAT, 3))

    def test_prompts_are_logged_only_where_somebody_asks_for_it(self):
        for prompts in ("true", "false"):
            server = self.serve("--config", self.write("hearth.yaml", "log: {prompts: %s}\n" % prompts))
            server.request("POST", CHAT, chat("Tell me of dragons.", max_tokens=1))
            lookbehind = {"type": "string", "pattern": "(?<=dragons)."}
            self.assertEqual(server.request("POST", CHAT, chat(json_schema=lookbehind))[0], 501)
            said = server.end(signal.SIGTERM)
            self.assertEqual("dragons" in said, prompts == "true")

    def test_a_log_that_nobody_reads_holds_nothing(self):
        reader, writer = os.pipe()
        server = self.serve("--log-level", "debug", stderr=writer)
        for _ in range(600):
            self.assertEqual(server.request("GET", "/health")[0], 200)
        os.close(reader)
        os.close(writer)
        for _ in range(2):
            self.assertEqual(server.request("GET", "/health")[0], 200)

    def test_what_can_change_changes_without_a_new_start(self):
        config = self.write("hearth.yaml", "port: 0\nlog: {format: json}\n")
        server = self.serve("--config", config, port=False)
        self.write("hearth.yaml", "port: 1\nlog: {format: json}\ncors: {origins: ['*']}\n")
        server.process.send_signal(signal.SIGHUP)
        asks = lambda: server.request("GET", "/health", headers={"Origin": "https://any.test"})[0]
        self.assertTrue(until(lambda: asks() == 200))
        self.write("hearth.yaml", "prot: 1\n")
        server.process.send_signal(signal.SIGHUP)
        self.assertEqual(asks(), 200)
        time.sleep(0.2)
        lines = [json.loads(line) for line in server.end(signal.SIGTERM).splitlines()]
        self.assertIn(["port"], [line.get("keys") for line in lines])
        self.assertTrue(any("prot" in line.get("why", "") for line in lines))
        read = [line for line in lines if line["message"] == "the configuration was read again"]
        self.assertEqual(len(read), 1)

    def test_the_manager_is_told_when_it_is_ready_and_when_it_ends(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(str(self.folder / "notify"))
            manager.settimeout(30)
            server = self.serve(environment={"NOTIFY_SOCKET": str(self.folder / "notify")})
            self.assertEqual(manager.recv(100), b"READY=1")
            self.assertEqual(server.request("GET", "/ready")[0], 200)
            server.process.send_signal(signal.SIGTERM)
            self.assertEqual(manager.recv(100), b"STOPPING=1")

    def test_the_configuration_that_is_printed_is_the_one_that_is_served_by(self):
        printed = hearth("serve", "--print-config", "--port", "1234", "--threads", "3")
        self.assertIn("port: 1234", printed)
        again = hearth("serve", "--print-config", "--config", self.write("hearth.yaml", printed))
        self.assertEqual(again, printed)


class Files(InFolder):
    def test_of_models_that_are_cut_short_end_no_server(self):
        model = self.folder / "mine.gguf"
        shutil.copy(BUNDLED, model)
        server = self.serve(BUNDLED, model)
        with server.connect() as bare:
            bare.sendall(post(CHAT, chat(model="mine", **LONG), "Connection: close"))
            self.assertTrue(bare.recv(1000).startswith(b"HTTP/1.1 200"))
            os.truncate(model, 4096)
            self.assertIn(b'"code":"IO"', read_all(bare).rsplit(b"data: ", 1)[1])
        ask = lambda name: server.request("POST", CHAT, chat(model=name, max_tokens=1))
        status, _, answer = ask("mine")
        self.assertEqual((status, answer["error"]["code"]), (500, "INVALID_MODEL"))
        self.assertEqual(ask("hearth-spark")[0], 200)
        whole = self.folder / "whole.gguf"
        shutil.copy(BUNDLED, whole)
        whole.rename(model)
        self.assertEqual(ask("mine")[0], 200)


def read_exposition(text):
    """The samples of a text in Prometheus' format (0.0.4) by their names and labels; it is checked strictly."""
    samples, types, helped, current = {}, {}, set(), None
    assert text.endswith("\n")
    for line in text[:-1].split("\n"):
        if help_line := re.fullmatch(r"# HELP ([a-zA-Z_:][\w:]*) (\S.*)", line):
            current = help_line[1]
            assert current not in helped, f"a second family {current}"
            helped.add(current)
        elif type_line := re.fullmatch(r"# TYPE ([a-zA-Z_:][\w:]*) (counter|gauge|histogram)", line):
            assert type_line[1] == current
            types[current] = type_line[2]
            assert (types[current] == "counter") == current.endswith("_total"), current
        else:
            label = r'[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*"'
            sample = re.fullmatch(rf"([a-zA-Z_:][\w:]*)(\{{{label}(?:,{label})*\}})? (\S+)", line)
            assert sample, line
            name = sample[1]
            if types[current] == "histogram":
                name = re.sub(r"_(bucket|sum|count)$", "", name)
            assert name == current, line
            assert line.rsplit(" ", 1)[0] not in samples, f"twice: {line}"
            samples[line.rsplit(" ", 1)[0]] = float(sample[3].replace("Inf", "inf"))
    return samples


if __name__ == "__main__":
    main()
