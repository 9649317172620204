"""Write a checkpoint as the GGUF file that Hearth ships: matrices in Q8_0, norms in F32."""

import argparse
from pathlib import Path

import gguf
import torch
from model import Llama, ModelConfig
from tokenizer import ADDED_TOKENS, CONTROL_TOKENS, END_OF_TURN, Tokenizer
from torch import nn

NORMAL, CONTROL, USER_DEFINED = 1, 3, 4
MOSTLY_Q8_0 = 7  # general.file_type of llama.cpp


def tensor_name(parameter: str) -> str:
    """GGUF's name of a parameter: `layers.0.attn_q.weight` is `blk.0.attn_q.weight`."""
    return parameter.replace("layers.", "blk.")


def metadata(config: ModelConfig, tokenizer: Tokenizer, parameter_count: int) -> dict:
    """All metadata of the file."""
    types = [CONTROL] * len(CONTROL_TOKENS) + [USER_DEFINED] * len(ADDED_TOKENS)
    types += [NORMAL] * (len(tokenizer.tokens) - len(types))
    return {
        "general.architecture": "llama",
        "general.type": "model",
        "general.name": "Hearth Spark",
        "general.description": (
            "The small chat model that comes with Hearth, trained from scratch on generated text."
        ),
        "general.license": "MIT",
        "general.size_label": f"{parameter_count / 1e6:.1f}M",
        "general.languages": ["en"],
        "general.file_type": MOSTLY_Q8_0,
        "general.quantization_version": 2,
        "llama.block_count": config.n_layer,
        "llama.context_length": config.n_context,
        "llama.embedding_length": config.n_embd,
        "llama.feed_forward_length": config.n_ff,
        "llama.attention.head_count": config.n_head,
        "llama.attention.head_count_kv": config.n_head_kv,
        "llama.attention.layer_norm_rms_epsilon": config.norm_epsilon,
        "llama.rope.dimension_count": config.head_size,
        "llama.rope.freq_base": config.rope_theta,
        "llama.vocab_size": config.n_vocab,
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": "refact",
        "tokenizer.ggml.tokens": tokenizer.tokens,
        "tokenizer.ggml.token_type": types,
        "tokenizer.ggml.merges": [f"{left} {right}" for left, right in tokenizer.merges],
        "tokenizer.ggml.bos_token_id": tokenizer.ids["<|im_start|>"],
        "tokenizer.ggml.eos_token_id": tokenizer.ids[END_OF_TURN],
        "tokenizer.ggml.padding_token_id": tokenizer.ids["<|endoftext|>"],
        "tokenizer.ggml.add_bos_token": False,
        "tokenizer.chat_template": Path(__file__).with_name("chat_template.jinja").read_text(),
    }


def main() -> None:
    """Read the options and write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("build/train"), help="where the checkpoint is")
    parser.add_argument(
        "--weights", choices=["weights", "average"], default="weights", help="last or running average"
    )
    parser.add_argument("--out", type=Path, default=Path("models/hearth-spark.gguf"), help="file to write")
    options = parser.parse_args()
    saved = torch.load(options.folder / "checkpoint.pt")
    config = ModelConfig(**saved["config"])
    model = Llama(config)
    nn.utils.vector_to_parameters(saved[options.weights], model.parameters())
    tokenizer = Tokenizer.load(options.folder / "tokenizer.json")
    tensors = {tensor_name(name): parameter.detach().numpy() for name, parameter in model.named_parameters()}
    parameter_count = sum(tensor.size for tensor in tensors.values())
    options.out.parent.mkdir(exist_ok=True)
    gguf.write(options.out, metadata(config, tokenizer, parameter_count), tensors)
    print(
        f"{options.out}: step {saved['step']}, {parameter_count} parameters,"
        f" {options.out.stat().st_size} bytes"
    )


if __name__ == "__main__":
    main()
