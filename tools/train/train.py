"""Train Hearth Spark from scratch, or go on from the last checkpoint.

Two processes of one thread each compute half of every batch and half of the update. On cores that other work shares
this is much faster than one process of two threads, which must wait for its slower thread after every operation.
"""

import argparse
import ctypes
import os
import time
from collections import Counter
from itertools import islice
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"

import torch  # noqa: E402
import torch.multiprocessing as multiprocessing  # noqa: E402
from batches import Rows, positions, steps  # noqa: E402
from chat_format import render  # noqa: E402
from corpus import samples  # noqa: E402
from model import Llama, ModelConfig, packed_mask  # noqa: E402
from optimizer import Optimizer, SharedState  # noqa: E402
from tokenizer import Tokenizer, learn_merges, pieces  # noqa: E402
from torch.nn import functional as F  # noqa: E402

SEED = 20240
WORKERS = 2
TOKENS_PER_STEP = 2048
WARMUP_STEPS = 100
CHUNK_STEPS = (
    100  # a chunk of steps has its own corpus seed, so a resumed run reads what an unbroken one reads
)
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


def work(
    worker: int, options: argparse.Namespace, state: SharedState, barrier, losses, first: int, before: float
) -> None:
    """One process: its half of every batch, then its half of the update."""
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    keep_freed_memory()
    config = ModelConfig()
    tokenizer = Tokenizer.load(options.folder / "tokenizer.json")
    model = Llama(config)
    state.attach(model, worker)
    optimizer = Optimizer(model, state, worker, WORKERS)
    began, reported = time.monotonic(), time.monotonic()
    for step in range(first, options.steps):
        if step % CHUNK_STEPS == 0:
            seed = f"{SEED}/{worker}/{step // CHUNK_STEPS}"
            chunk = steps(tokenizer, seed, CHUNK_STEPS, TOKENS_PER_STEP // WORKERS)
        state.gradients[worker].zero_()
        loss_sum, target_count = 0.0, 0
        for rows in chunk[step % CHUNK_STEPS]:
            loss = loss_of(model, rows)
            # Divided by a constant, not by this batch's targets, so that every target weighs the same.
            (loss / TOKENS_PER_STEP).backward()
            loss_sum += loss.item()
            target_count += int(rows.learned.sum())
        losses[worker, 0] += loss_sum
        losses[worker, 1] += target_count
        barrier.wait()
        optimizer.step(step, learning_rate(step, options.steps, options.decay))
        barrier.wait()
        if worker == 0 and (step + 1) % 50 == 0:
            now = time.monotonic()
            total, count = losses.sum(0).tolist()
            losses.zero_()
            print(
                (
                    f"step {step + 1} loss {total / count:.4f} {(now - reported) / 50:.2f} s/step"
                    f" {now - began + before:.0f} s"
                ),
                flush=True,
            )
            reported = now
        if worker == 0 and ((step + 1) % options.every == 0 or step + 1 == options.steps):
            save(options.folder / "checkpoint.pt", state, config, step + 1, time.monotonic() - began + before)


def main() -> None:
    """Read the options, prepare shared memory, start the workers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("build/train"), help="where checkpoints are kept")
    parser.add_argument("--steps", type=int, default=7000, help="steps in all")
    parser.add_argument(
        "--decay", type=int, default=1200, help="how many of the last steps lower the learning rate"
    )
    parser.add_argument(
        "--every", type=int, default=CHUNK_STEPS, help="steps between checkpoints, a multiple of 100"
    )
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    config = ModelConfig()
    make_tokenizer(options.folder / "tokenizer.json", config.n_vocab)
    torch.manual_seed(SEED)
    state = SharedState(Llama(config), WORKERS)
    first, seconds = 0, 0.0
    checkpoint = options.folder / "checkpoint.pt"
    if checkpoint.exists():
        saved = torch.load(checkpoint)
        first, seconds = saved["step"], saved["seconds"]
        for name, buffer in state.buffers.items():
            buffer.copy_(saved[name])
    losses = torch.zeros(WORKERS, 2, dtype=torch.float64).share_memory_()
    barrier = multiprocessing.get_context("spawn").Barrier(WORKERS)
    arguments = (options, state, barrier, losses, first, seconds)
    multiprocessing.spawn(work, arguments, nprocs=WORKERS)


if __name__ == "__main__":
    main()
