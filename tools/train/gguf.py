"""Write and read GGUF v3 files, as far as Hearth Spark needs them: F32 and Q8_0 tensors.

Layout: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

import struct
from pathlib import Path

import numpy as np

MAGIC = b"GGUF"
VERSION = 3
ALIGNMENT = 32
UINT32, INT32, FLOAT32, BOOL, STRING, ARRAY = 4, 5, 6, 7, 8, 9
F32, Q8_0 = 0, 8
BLOCK = 32
Q8_0_BLOCK = np.dtype([("scale", "<f2"), ("values", "i1", BLOCK)])


def quantize_q8_0(weights: np.ndarray) -> bytes:
    """Blocks of 32 signed bytes and a scale of max|x| / 127, rounded half away from zero as ggml does."""
    blocks = weights.astype(np.float32).reshape(-1, BLOCK)
    scale = np.abs(blocks).max(1, keepdims=True) / np.float32(127)
    inverse = np.divide(np.float32(1), scale, out=np.zeros_like(scale), where=scale != 0)
    scaled = blocks * inverse
    packed = np.empty(len(blocks), Q8_0_BLOCK)
    packed["scale"] = scale[:, 0].astype(np.float16)
    packed["values"] = np.copysign(np.floor(np.abs(scaled) + np.float32(0.5)), scaled).astype(np.int8)
    return packed.tobytes()


def dequantize_q8_0(data: bytes) -> np.ndarray:
    """The weights that the blocks stand for."""
    packed = np.frombuffer(data, Q8_0_BLOCK)
    return (packed["values"].astype(np.float32) * packed["scale"].astype(np.float32)[:, None]).reshape(-1)


def _string(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def _value(value) -> tuple[int, bytes]:
    """Type code and bytes of a metadata value; lists become arrays of the type of their first element."""
    if isinstance(value, bool):
        return BOOL, struct.pack("<?", value)
    if isinstance(value, int):
        return UINT32, struct.pack("<I", value)
    if isinstance(value, float):
        return FLOAT32, struct.pack("<f", value)
    if isinstance(value, str):
        return STRING, _string(value)
    if isinstance(value[0], int):  # token types are signed in every file that llama.cpp writes
        return ARRAY, struct.pack("<IQ", INT32, len(value)) + np.array(value, "<i4").tobytes()
    return ARRAY, struct.pack("<IQ", STRING, len(value)) + b"".join(map(_string, value))


def _padding(size: int) -> bytes:
    return bytes(-size % ALIGNMENT)


def write(path: Path, metadata: dict, tensors: dict[str, np.ndarray]) -> None:
    """Write a model: matrices as Q8_0, vectors as F32. A matrix [rows, columns] has GGUF dimensions (columns, rows)."""
    header = bytearray(MAGIC + struct.pack("<IQQ", VERSION, len(tensors), len(metadata)))
    for key, value in metadata.items():
        code, data = _value(value)
        header += _string(key) + struct.pack("<I", code) + data
    body = bytearray()
    for name, tensor in tensors.items():
        code = Q8_0 if tensor.ndim == 2 else F32
        dimensions = tensor.shape[::-1]
        header += _string(name) + struct.pack(f"<I{len(dimensions)}Q", len(dimensions), *dimensions)
        header += struct.pack("<IQ", code, len(body))
        data = quantize_q8_0(tensor) if code == Q8_0 else tensor.astype("<f4").tobytes()
        body += data + _padding(len(data))
    path.write_bytes(bytes(header) + _padding(len(header)) + bytes(body))


class Reader:
    """A cursor over the bytes of a file this module wrote."""

    def __init__(self, data: bytes):
        self.data = data
        self.place = 0

    def unpack(self, form: str) -> tuple:
        """The next values of a struct format."""
        values = struct.unpack_from("<" + form, self.data, self.place)
        self.place += struct.calcsize("<" + form)
        return values

    def string(self) -> str:
        """The next string."""
        (length,) = self.unpack("Q")
        return self.unpack(f"{length}s")[0].decode()

    def value(self, code: int):
        """The next metadata value of the type."""
        if code == STRING:
            return self.string()
        if code == ARRAY:
            element, count = self.unpack("IQ")
            return [self.value(element) for _ in range(count)]
        return self.unpack({UINT32: "I", INT32: "i", FLOAT32: "f", BOOL: "?"}[code])[0]


def read(path: Path) -> tuple[dict, dict[str, np.ndarray]]:
    """Metadata and tensors (dequantised to F32) of a file this module wrote."""
    reader = Reader(path.read_bytes())
    magic, version, tensor_count, key_count = reader.unpack("4sIQQ")
    if magic != MAGIC or version != VERSION:
        raise ValueError(f"{path}: not a GGUF v{VERSION} file")
    metadata = {}
    for _ in range(key_count):
        key = reader.string()
        metadata[key] = reader.value(reader.unpack("I")[0])
    placed = []
    for _ in range(tensor_count):
        name = reader.string()
        (rank,) = reader.unpack("I")
        shape = reader.unpack(f"{rank}Q")[::-1]
        placed.append((name, shape, *reader.unpack("IQ")))
    start = reader.place + len(_padding(reader.place))
    tensors = {}
    for name, shape, code, offset in placed:
        count = int(np.prod(shape))
        size = count // BLOCK * Q8_0_BLOCK.itemsize if code == Q8_0 else 4 * count
        data = reader.data[start + offset : start + offset + size]
        flat = dequantize_q8_0(data) if code == Q8_0 else np.frombuffer(data, "<f4")
        tensors[name] = flat.reshape(shape)
    return metadata, tensors
