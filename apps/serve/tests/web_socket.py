"""A WebSocket to /v1/ws, framed by hand (RFC 6455)."""

import base64
import json
import os
import struct

from server import status_of

# A request that is answered until it is cancelled.
ENDLESS = {"prompt": "Count.", "maxTokens": -1, "ignoreEnd": True, "keepTokens": 8}


class Socket:
    def __init__(self, server, receive_buffer=None, key=None):
        self.connection = server.connect(receive_buffer)
        nonce = base64.b64encode(os.urandom(16)).decode()
        lines = ["GET /v1/ws HTTP/1.1", "Host: localhost", "Upgrade: websocket", "Connection: Upgrade"]
        lines += [f"Sec-WebSocket-Key: {nonce}", "Sec-WebSocket-Version: 13"]
        if key:
            lines.append(f"Authorization: Bearer {key}")
        self.connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n")
        self.data = b""
        while b"\r\n\r\n" not in self.data:
            self.receive()
        head, self.data = self.data.split(b"\r\n\r\n", 1)
        self.status = status_of(head)

    def receive(self):
        piece = self.connection.recv(65536)
        if not piece:
            raise EOFError
        self.data += piece

    def take(self, size):
        while len(self.data) < size:
            self.receive()
        taken, self.data = self.data[:size], self.data[size:]
        return taken

    def send_frame(self, opcode, payload):
        mask = os.urandom(4)
        size = len(payload)
        length = bytes([0x80 | size]) if size < 126 else b"\xfe" + struct.pack(">H", size)
        if size >= 65536:
            length = b"\xff" + struct.pack(">Q", size)
        masked = bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))
        self.connection.sendall(bytes([0x80 | opcode]) + length + mask + masked)

    def read_frame(self):
        """The opcode and the payload."""
        first, size = self.take(2)
        if size == 126:
            size = struct.unpack(">H", self.take(2))[0]
        elif size == 127:
            size = struct.unpack(">Q", self.take(8))[0]
        return first & 0x0F, self.take(size)

    def send(self, identity, function, **params):
        message = {"id": identity, "function": function, "params": params}
        self.send_frame(1, json.dumps(message).encode())

    def read(self):
        opcode, payload = self.read_frame()
        if opcode == 8:
            raise EOFError
        return json.loads(payload)

    def last(self, identity):
        """The texts that came for a request, and its last message; of others nothing may come."""
        text = ""
        while True:
            message = self.read()
            assert message["id"] == identity, message
            if message["status"] != "streaming":
                return text, message
            text += message["data"]["text"]

    def close(self):
        self.connection.close()
