"""Train Hearth Spark from scratch, or go on from the last checkpoint.

Two processes of one thread each compute half of every batch and half of the update. On cores that other work shares
this is much faster than one process of two threads, which must wait for its slower thread after every operation.
"""

import argparse
import ctypes
import os
import time
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"

import torch  # noqa: E402
import torch.multiprocessing as multiprocessing  # noqa: E402
from batches import Rows, batches, positions  # noqa: E402
from chat_format import render  # noqa: E402
from corpus import samples  # noqa: E402
from model import Llama, ModelConfig, packed_mask  # noqa: E402
from optimizer import Optimizer, SharedState  # noqa: E402
from tokenizer import Tokenizer, learn_merges, pieces  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402

SEED = 20240
WORKERS = 2
TOKENS_PER_STEP = 2048
WARMUP_STEPS = 50
# The stages: the step where each ends (the last one: where the run ends), layers, and which shares of the corpus it changes.
# Sums are the slowest thing to learn and need no depth: with fewer layers a step costs little more than half.
STAGES = (
    (700, 3, {"drill": 1.3}),
    (1200, 3, {"drill": 0.2}),
    (None, 5, {"drill": 0.15, "small_talk": 0.14, "hearth_facts": 0.14, "stories": 0.04}),
)
REPORT_STEPS = 50
# Checkpoints are this many steps apart, and each such chunk of steps has its own corpus seed: a resumed run reads what an
# unbroken one reads.
CHUNK_STEPS = 100
TOKENIZER_SAMPLES = 60000


def keep_freed_memory() -> None:
    """Let malloc keep large blocks: giving each activation back to the system costs more than computing it."""
    libc = ctypes.CDLL(None)
    m_trim_threshold, m_mmap_threshold = -1, -3
    libc.mallopt(m_mmap_threshold, 1 << 30)
    libc.mallopt(m_trim_threshold, (1 << 31) - 1)


def make_tokenizer(path: Path, n_vocab: int) -> Tokenizer:
    """The tokenizer of this corpus, learned once."""
    if not path.exists():
        tokenizer = Tokenizer([])
        counts: Counter = Counter()
        for sample in islice(samples(SEED), TOKENIZER_SAMPLES):
            for text, _ in render(sample):
                for part in tokenizer.special.split(text):
                    if part not in tokenizer.ids:
                        counts.update(pieces(part))
        Tokenizer(learn_merges(counts, n_vocab - len(tokenizer.tokens))).save(path)
    return Tokenizer.load(path)


def learning_rate(step: int, last: int, decay: int) -> float:
    """Warm up, stay, and fall linearly to zero over the last `decay` steps (warmup-stable-decay)."""
    return min(1.0, (step + 1) / WARMUP_STEPS, max(0.0, (last - step) / decay))


def loss_of(model: Llama, rows: Rows) -> torch.Tensor:
    """Summed cross entropy of the targets in the rows."""
    hidden = model.hidden(rows.tokens, positions(rows.segments), packed_mask(rows.segments))
    target = rows.learned[:, 1:] & (rows.segments[:, 1:] == rows.segments[:, :-1])
    return F.cross_entropy(model.logits(hidden[:, :-1][target]), rows.tokens[:, 1:][target], reduction="sum")


def save(path: Path, state: SharedState, config: ModelConfig, step: int, seconds: float) -> None:
    """Write a checkpoint, whole or not at all."""
    unfinished = path.with_suffix(".part")
    torch.save({"step": step, "seconds": seconds, "config": config.to_dict(), **state.buffers}, unfinished)
    unfinished.replace(path)


def grown(
    buffers: dict[str, torch.Tensor], before: ModelConfig, after: ModelConfig
) -> dict[str, torch.Tensor]:
    """The flat buffers for a model with more layers on top, which at first add nothing to what passes them."""
    result = {}
    for name, buffer in buffers.items():
        torch.manual_seed(SEED)  # weights and their average begin the new layers alike
        old, new = Llama(before), Llama(after)
        nn.utils.vector_to_parameters(buffer, old.parameters())
        kept = old.state_dict()
        for key, tensor in new.state_dict().items():
            if key in kept:
                tensor.copy_(kept[key])
            elif "moment" in name or "attn_output" in key or "ffn_down" in key:
                tensor.zero_()
        result[name] = nn.utils.parameters_to_vector(new.parameters()).detach()
    return result


@dataclass
class Span:
    """Some consecutive steps with a model of one shape, and what went before."""

    config: ModelConfig
    shares: dict[str, float]
    first: int
    last: int
    seconds: float = 0.0


def work(worker: int, options: argparse.Namespace, span: Span, state: SharedState, barrier, losses) -> None:
    """One process: its half of every batch, then its half of the update."""
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    keep_freed_memory()
    tokenizer = Tokenizer.load(options.folder / "tokenizer.json")
    model = Llama(span.config)
    state.attach(model, worker)
    optimizer = Optimizer(model, state, worker, WORKERS)
    began = reported = time.monotonic()
    for step in range(span.first, span.last):
        if step % CHUNK_STEPS == 0:
            corpus = samples(f"{SEED}/{worker}/{step // CHUNK_STEPS}", span.shares)
            chunk = batches(corpus, tokenizer, CHUNK_STEPS, TOKENS_PER_STEP // WORKERS)
        state.gradients[worker].zero_()
        for rows in chunk[step % CHUNK_STEPS]:
            loss = loss_of(model, rows)
            # Divided by a constant, not by this batch's targets, so that every target weighs the same.
            (loss / TOKENS_PER_STEP).backward()
            losses[worker] += torch.tensor([loss.item(), rows.learned.sum()])
        barrier.wait()
        optimizer.step(step, learning_rate(step, options.steps, options.decay))
        barrier.wait()
        done = step + 1
        now = time.monotonic()
        if worker == 0 and done % REPORT_STEPS == 0:
            total, count = losses.sum(0).tolist()
            losses.zero_()
            pace = (now - reported) / REPORT_STEPS
            reported = now
            passed = now - began + span.seconds
            print(f"step {done} loss {total / count:.4f} {pace:.2f} s/step {passed:.0f} s", flush=True)
        if worker == 0 and (done % CHUNK_STEPS == 0 or done == span.last):
            save(options.folder / "checkpoint.pt", state, span.config, done, now - began + span.seconds)


def train(options: argparse.Namespace, span: Span) -> None:
    """Run the steps of the span that the checkpoint has not behind it."""
    torch.manual_seed(SEED)
    state = SharedState(Llama(span.config), WORKERS)
    checkpoint = options.folder / "checkpoint.pt"
    if checkpoint.exists():
        saved = torch.load(checkpoint)
        span.first, span.seconds = saved["step"], saved["seconds"]
        if span.first >= span.last:
            return
        buffers = {name: saved[name] for name in state.buffers}
        if saved["config"] != span.config.to_dict():
            buffers = grown(buffers, ModelConfig(**saved["config"]), span.config)
        for name, buffer in buffers.items():
            state.buffers[name].copy_(buffer)
    losses = torch.zeros(WORKERS, 2, dtype=torch.float64).share_memory_()
    barrier = multiprocessing.get_context("spawn").Barrier(WORKERS)
    multiprocessing.spawn(work, (options, span, state, barrier, losses), nprocs=WORKERS)


def main() -> None:
    """Read the options, learn the vocabulary, train stage after stage."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("build/train"), help="where checkpoints are kept")
    parser.add_argument("--steps", type=int, default=4000, help="steps in all, a multiple of 100")
    parser.add_argument("--decay", type=int, default=800, help="last steps, which lower the learning rate")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    make_tokenizer(options.folder / "tokenizer.json", ModelConfig().n_vocab)
    first = 0
    for end, layers, shares in STAGES:
        last = end or options.steps
        train(options, Span(ModelConfig(n_layer=layers), shares, first, last))
        first = last


if __name__ == "__main__":
    main()
