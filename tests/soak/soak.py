"""Holds a server for a while under clients of all manners, and checks that none gets another's answer.

soak.py PROGRAM [--seconds N] [--clients N] [--warm-up N]

Of the clients one in ten sends nonsense, one in five reads slowly, one in five vanishes in the middle of its answer, and the
others read on. What each prompt is answered with a given seed is known from a run alone; every answer that is read to
its end has to be that. In the end the server must have no request left and no descriptor more than before, hold at most 3 %
more memory than after the warm-up, and end within its time when it is told to. Prints what it did; exit code 1 and the
faults where anything was otherwise. Standard library only.
"""

import argparse
import asyncio
import collections
import json
import os
import pathlib
import random
import signal
import sys
import time

PROMPTS = [
    f"What is {first} + {second}?" for first, second in [(37, 48), (12, 7), (55, 21), (9, 9), (64, 35)]
]
PROMPTS += ["What is Hearth?", "Hello!", "Tell me about yourself."]
SEEDS = [1, 2, 3]
MOST_GROWTH = 1.03


class Fault(Exception):
    """The server did something that it must not."""


class Server:
    def __init__(self, program):
        self.program = program

    async def start(self):
        """Returns when it listens."""
        self.process = await asyncio.create_subprocess_exec(
            *[self.program, "serve", "--port", "0", "--log-level", "warning"], stdout=asyncio.subprocess.PIPE
        )
        address = (await self.process.stdout.readline()).decode().split()[0]
        self.port = int(address.rsplit(":", 1)[1])

    def memory(self):
        """Resident bytes."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return 1024 * int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    async def end(self):
        self.process.send_signal(signal.SIGTERM)
        code = await asyncio.wait_for(self.process.wait(), 60)
        if code != 0:
            raise Fault(f"the server ended with {code}")


class Connection:
    """One request's."""

    def __init__(self, server):
        self.server = server

    async def __aenter__(self):
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.server.port)
        return self

    async def __aexit__(self, *_):
        self.writer.transport.abort()

    async def send(self, body, path="/v1/chat/completions"):
        """The status of the answer."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(data)}\r\n\r\n"
        self.writer.write(head.encode() + data)
        return await self.read_head()

    async def read_head(self):
        head = await self.reader.readuntil(b"\r\n\r\n")
        return int(head.split(b" ", 2)[1])

    async def pieces(self):
        """The texts of a streamed answer; ends with its end, and fails where that does not come."""
        finished = False
        while True:
            size = int((await self.reader.readline()).strip() or b"0", 16)
            chunk = await self.reader.readexactly(size + 2)
            for event in chunk[:-2].decode().split("\n\n"):
                if event == "data: [DONE]":
                    finished = True
                elif event:
                    yield text_of(json.loads(event.removeprefix("data: ")))
            if size == 0:
                break
        if not finished:
            raise Fault("an answer ended without [DONE]")


def text_of(chunk):
    if "error" in chunk:
        raise Fault(f"an answer failed: {chunk['error']}")
    return "".join(choice["delta"].get("content") or "" for choice in chunk["choices"])


def request(prompt, seed):
    messages = [{"role": "user", "content": prompt}]
    return {"messages": messages, "seed": seed, "temperature": 1.2, "max_tokens": 80, "stream": True}


class Soak:
    def __init__(self, server, seconds):
        self.server = server
        self.end = time.monotonic() + seconds
        self.expected = {}
        self.done = collections.Counter()

    async def learn(self):
        """What each prompt is answered, alone."""
        for prompt in PROMPTS:
            for seed in SEEDS:
                async with Connection(self.server) as connection:
                    await connection.send(request(prompt, seed))
                    self.expected[prompt, seed] = "".join([piece async for piece in connection.pieces()])

    async def client(self, number):
        manner = "nonsense" if number % 10 == 0 else {1: "slow", 2: "vanishing"}.get(number % 5, "steady")
        chance = random.Random(number)
        while time.monotonic() < self.end:
            async with Connection(self.server) as connection:
                await getattr(self, manner)(connection, chance)
            self.done[manner] += 1

    async def steady(self, connection, chance, pause=0.0, until=None):
        prompt, seed = chance.choice(PROMPTS), chance.choice(SEEDS)
        status = await connection.send(request(prompt, seed))
        if status == 503:  # the queue is full, as it may be
            self.done["told to wait"] += 1
            await asyncio.sleep(0.5)
            return
        if status != 200:
            raise Fault(f"'{prompt}' was answered with {status}")
        text = ""
        async for piece in connection.pieces():
            text += piece
            if until is not None and len(text) > until:
                return
            if pause:
                await asyncio.sleep(pause)
        if text != self.expected[prompt, seed]:
            raise Fault(f"'{prompt}' was answered '{text}', and alone '{self.expected[prompt, seed]}'")

    async def slow(self, connection, chance):
        await self.steady(connection, chance, pause=0.1)

    async def vanishing(self, connection, chance):
        await self.steady(connection, chance, until=chance.randrange(20))

    async def nonsense(self, connection, chance):
        body = chance.choice(
            [b"", b"{", b"[" * 10000, b"\xff\xfe", b'{"messages": 4}', b'{"messages": [], "n": -1}']
        )
        if chance.random() < 0.3:
            connection.writer.write(chance.randbytes(200) + b"\r\n\r\n")
            status = await connection.read_head()
        else:
            status = await connection.send(body)
        if not 400 <= status < 500:
            raise Fault(f"nonsense was answered with {status}")
        await asyncio.sleep(0.05)


def readable(done):
    return ", ".join(f"{count} {manner}" for manner, count in sorted(done.items()))


async def soak(options):
    server = Server(options.program)
    await server.start()
    try:
        await hold(server, options)
    finally:
        if server.process.returncode is None:
            server.process.kill()


async def hold(server, options):
    before = server.descriptors()
    run = Soak(server, options.seconds)
    await run.learn()
    clients = [asyncio.create_task(run.client(number)) for number in range(options.clients)]
    await asyncio.sleep(options.warm_up)
    warm = server.memory()
    await asyncio.gather(*clients)
    grown = server.memory()
    await asyncio.sleep(2)
    left = server.descriptors() - before
    print(f"{readable(run.done)}; {warm / 1e6:.1f} MB, then {grown / 1e6:.1f} MB; {left} descriptors left")
    # The model is mapped and its thread has a few of its own, from its first request on.
    if left > 4:
        raise Fault(f"{left} descriptors are left")
    if grown > MOST_GROWTH * warm:
        raise Fault(f"memory has grown by {100 * (grown / warm - 1):.1f} %")
    await server.end()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("program")
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--warm-up", type=float, default=None, help="seconds; a fifth of all by default")
    options = parser.parse_args()
    if options.warm_up is None:
        options.warm_up = options.seconds / 5
    try:
        asyncio.run(soak(options))
    except Fault as fault:
        sys.exit(f"soak: {fault}")


if __name__ == "__main__":
    main()
