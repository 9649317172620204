"""Samples as rows of tokens: encoded, packed by length, and dealt to training steps."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from chat_format import render
from tokenizer import Tokenizer

# Samples go to the shortest row length that holds them: attention costs the square of the row.
ROW_LENGTHS = (128, 256, 512)
OPEN_ROWS = 24


@dataclass
class Rows:
    """Packed samples: tokens [rows, time]; `learned` marks targets; `segments` numbers the samples, 0 is padding."""

    tokens: torch.Tensor
    learned: torch.Tensor
    segments: torch.Tensor

    def part(self, first: int, last: int) -> "Rows":
        """Some of the rows."""
        return Rows(self.tokens[first:last], self.learned[first:last], self.segments[first:last])


def pack(encoded: list[tuple[list[int], list[bool]]], length: int) -> Rows:
    """Put samples into rows of one length, each where it leaves the least room among the rows still open."""
    full, opened = [], []
    for sample in encoded:
        size = len(sample[0])
        fitting = [row for row in opened if row["used"] + size <= length]
        if fitting:
            row = max(fitting, key=lambda row: row["used"])
        else:
            if len(opened) == OPEN_ROWS:
                fullest = max(range(OPEN_ROWS), key=lambda index: opened[index]["used"])
                full.append(opened.pop(fullest))
            row = {"used": 0, "samples": []}
            opened.append(row)
        row["samples"].append(sample)
        row["used"] += size
    rows = full + opened
    tokens = torch.zeros(len(rows), length, dtype=torch.long)
    learned = torch.zeros(len(rows), length, dtype=torch.bool)
    segments = torch.zeros(len(rows), length, dtype=torch.long)
    for index, row in enumerate(rows):
        place = 0
        for number, (ids, marks) in enumerate(row["samples"], 1):
            tokens[index, place : place + len(ids)] = torch.tensor(ids)
            learned[index, place : place + len(ids)] = torch.tensor(marks)
            segments[index, place : place + len(ids)] = number
            place += len(ids)
    return Rows(tokens, learned, segments)


def encode(tokenizer: Tokenizer, sample) -> tuple[list[int], list[bool]]:
    """Tokens of a sample and, for each, whether it is a target."""
    ids, marks = [], []
    for text, learn in render(sample):
        part = tokenizer.encode(text)
        ids += part
        marks += [learn] * len(part)
    return ids, marks


def batches(
    corpus: Iterator, tokenizer: Tokenizer, step_count: int, tokens_per_step: int
) -> list[list[Rows]]:
    """The batches of some training steps: for each, its share of the rows of every length."""
    by_length = {length: [] for length in ROW_LENGTHS}
    total = 0
    for sample in corpus:
        ids, marks = encode(tokenizer, sample)
        length = next((length for length in ROW_LENGTHS if len(ids) <= length), None)
        if length is None:
            continue
        by_length[length].append((ids, marks))
        total += len(ids)
        if total >= step_count * tokens_per_step:
            break
    dealt = [[] for _ in range(step_count)]
    for length, encoded in by_length.items():
        rows = pack(encoded, length)
        count = len(rows.tokens)
        for step in range(step_count):
            first, last = step * count // step_count, (step + 1) * count // step_count
            if last > first:
                dealt[step].append(rows.part(first, last))
    return dealt


def positions(segments: torch.Tensor) -> torch.Tensor:
    """Position of each token within its own sample."""
    time = torch.arange(segments.shape[1]).expand_as(segments)
    starts = torch.zeros_like(segments)
    starts[:, 1:] = torch.where(segments[:, 1:] != segments[:, :-1], time[:, 1:], 0)
    return time - starts.cummax(1).values
