"""Byte-level BPE: learning the vocabulary, encoding and decoding.

Text is cut as llama.cpp's pre-tokenizer "refact" cuts it: every digit alone, then GPT-2's pattern on what is between.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

CONTROL_TOKENS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
# Part of the visible text, so that whoever reads an answer finds the call in it.
ADDED_TOKENS = ["<tool_call>", "</tool_call>"]
END_OF_TURN = "<|im_end|>"

DIGIT = re.compile(r"(\d)")
# [^\W\d_] stands for GPT-2's \p{L}; \w without letters and digits leaves the underscore to the last class.
PIECE = re.compile(r"'s|'t|'re|'ve|'m|'ll|'d| ?[^\W\d_]+| ?\d+| ?(?:[^\s\w]|_)+|\s+(?!\S)|\s+")


def byte_alphabet() -> dict[int, str]:
    """GPT-2's printable stand-in for every byte: printable Latin-1 as itself, the rest from U+0100 on."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    alphabet = {byte: chr(byte) for byte in printable}
    for offset, byte in enumerate(byte for byte in range(256) if byte not in alphabet):
        alphabet[byte] = chr(0x100 + offset)
    return alphabet


BYTE_TO_CHARACTER = byte_alphabet()
CHARACTER_TO_BYTE = {character: byte for byte, character in BYTE_TO_CHARACTER.items()}


def pieces(text: str) -> Iterable[str]:
    """The parts of the text that merges never cross."""
    for part in DIGIT.split(text):
        yield from PIECE.findall(part)


def to_characters(piece: str) -> str:
    """The piece's UTF-8 bytes as characters of the byte alphabet."""
    return "".join(BYTE_TO_CHARACTER[byte] for byte in piece.encode())


def learn_merges(counts: Counter, merge_count: int) -> list[tuple[str, str]]:
    """Learn BPE merges from pieces and how often each occurs; ties go to the pair that sorts first."""
    words = [(list(to_characters(piece)), count) for piece, count in sorted(counts.items())]
    pair_counts: Counter = Counter()
    places = defaultdict(set)
    for index, (symbols, count) in enumerate(words):
        for pair in zip(symbols, symbols[1:]):
            pair_counts[pair] += count
            places[pair].add(index)
    merges = []
    while len(merges) < merge_count and pair_counts:
        best = min(pair_counts, key=lambda pair: (-pair_counts[pair], pair))
        merges.append(best)
        for index in places.pop(best):
            symbols, count = words[index]
            for pair in zip(symbols, symbols[1:]):
                pair_counts[pair] -= count
            symbols[:] = merge(symbols, best)
            for pair in zip(symbols, symbols[1:]):
                pair_counts[pair] += count
                places[pair].add(index)
        pair_counts = +pair_counts
    return merges


def merge(symbols: list[str], pair: tuple[str, str]) -> list[str]:
    """The symbols with every occurrence of the pair joined, from the left."""
    joined, index = [], 0
    while index < len(symbols):
        if index + 1 < len(symbols) and (symbols[index], symbols[index + 1]) == pair:
            joined.append(symbols[index] + symbols[index + 1])
            index += 2
        else:
            joined.append(symbols[index])
            index += 1
    return joined


class Tokenizer:
    """A vocabulary made of control tokens, added tokens, the 256 bytes and the merges, in that order."""

    def __init__(self, merges: list[tuple[str, str]]):
        self.merges = merges
        self.ranks = {pair: rank for rank, pair in enumerate(merges)}
        special = CONTROL_TOKENS + ADDED_TOKENS
        self.tokens = special + list(BYTE_TO_CHARACTER.values()) + [left + right for left, right in merges]
        self.ids = {token: index for index, token in enumerate(self.tokens)}
        self.special_count = len(special)
        self.special = re.compile("(" + "|".join(map(re.escape, special)) + ")")
        self.cache: dict[str, list[int]] = {}

    def encode(self, text: str) -> list[int]:
        """Tokens of the text; control and added tokens in it are recognised."""
        ids = []
        for part in self.special.split(text):
            if part in self.ids and self.ids[part] < self.special_count:
                ids.append(self.ids[part])
            else:
                for piece in pieces(part):
                    ids.extend(self.encode_piece(piece))
        return ids

    def encode_piece(self, piece: str) -> list[int]:
        """Tokens of one piece: apply the earliest learned merge until none is left."""
        if piece not in self.cache:
            symbols = list(to_characters(piece))
            while len(symbols) > 1:
                best = min(zip(symbols, symbols[1:]), key=lambda pair: self.ranks.get(pair, len(self.ranks)))
                if best not in self.ranks:
                    break
                symbols = merge(symbols, best)
            self.cache[piece] = [self.ids[symbol] for symbol in symbols]
        return self.cache[piece]

    def decode(self, ids: Iterable[int]) -> str:
        """Text of the tokens, control tokens included."""
        data = b""
        for index in ids:
            token = self.tokens[index]
            data += (
                token.encode() if index < self.special_count else bytes(CHARACTER_TO_BYTE[c] for c in token)
            )
        return data.decode(errors="replace")

    def save(self, path: Path) -> None:
        """Keep the merges; everything else follows from them."""
        path.write_text(json.dumps(self.merges, ensure_ascii=False))

    @classmethod
    def load(cls, path: Path) -> "Tokenizer":
        """Read what `save` wrote."""
        return cls([tuple(pair) for pair in json.loads(path.read_text())])
