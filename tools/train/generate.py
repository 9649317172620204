"""Load an exported file and let it answer greedily, many prompts at once."""

import argparse
from collections import defaultdict
from pathlib import Path

import gguf
import torch
from chat_format import prompt
from corpus import Conversation
from model import Llama, ModelConfig
from tokenizer import END_OF_TURN, Tokenizer


def load(path: Path) -> tuple[Llama, Tokenizer]:
    """The model and the tokenizer of the file; weights as Q8_0 left them."""
    metadata, tensors = gguf.read(path)
    config = ModelConfig(
        n_vocab=metadata["llama.vocab_size"],
        n_layer=metadata["llama.block_count"],
        n_embd=metadata["llama.embedding_length"],
        n_head=metadata["llama.attention.head_count"],
        n_head_kv=metadata["llama.attention.head_count_kv"],
        n_ff=metadata["llama.feed_forward_length"],
        n_context=metadata["llama.context_length"],
        rope_theta=metadata["llama.rope.freq_base"],
        norm_epsilon=metadata["llama.attention.layer_norm_rms_epsilon"],
    )
    model = Llama(config)
    model.load_state_dict(
        {name.replace("blk.", "layers."): torch.tensor(data) for name, data in tensors.items()}
    )
    merges = [tuple(line.split(" ")) for line in metadata["tokenizer.ggml.merges"]]
    return model.eval(), Tokenizer(merges)


@torch.no_grad()
def continue_batch(model: Llama, prompts: list[list[int]], end: int, limit: int) -> list[list[int]]:
    """Greedy continuations, up to the end token, of prompts of one length."""
    count, length = len(prompts), len(prompts[0])
    caches = [[] for _ in model.layers]
    mask = torch.full((1, length, length), float("-inf")).triu(1)
    tokens = torch.tensor(prompts)
    places = torch.arange(length).expand(count, -1)
    written = [[] for _ in prompts]
    finished = torch.zeros(count, dtype=torch.bool)
    for _ in range(limit):
        hidden = model.hidden(tokens, places, mask, caches)[:, -1:]
        tokens = model.logits(hidden).argmax(-1)
        for index, token in enumerate(tokens[:, 0].tolist()):
            finished[index] |= token == end
            if not finished[index]:
                written[index].append(token)
        if finished.all():
            break
        places = places[:, -1:] + 1
        mask = torch.zeros(1, 1, 1)
    return written


def answers(
    model: Llama, tokenizer: Tokenizer, prompts: list[str], limit: int = 250, batch: int = 128
) -> list[str]:
    """The model's greedy answer to each prompt text."""
    by_length = defaultdict(list)
    encoded = [tokenizer.encode(text) for text in prompts]
    for index, ids in enumerate(encoded):
        by_length[len(ids)].append(index)
    result = [""] * len(prompts)
    for indices in by_length.values():
        for first in range(0, len(indices), batch):
            chosen = indices[first : first + batch]
            written = continue_batch(model, [encoded[i] for i in chosen], tokenizer.ids[END_OF_TURN], limit)
            for index, ids in zip(chosen, written):
                result[index] = tokenizer.decode(ids)
    return result


def main() -> None:
    """Answer the questions of the command line, each on its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("questions", nargs="+")
    options = parser.parse_args()
    torch.set_num_threads(1)
    model, tokenizer = load(options.model)
    chats = [Conversation([{"role": "user", "content": question}]) for question in options.questions]
    for question, answer in zip(
        options.questions, answers(model, tokenizer, [prompt(chat) for chat in chats])
    ):
        print(f"> {question}\n{answer}\n")


if __name__ == "__main__":
    main()
