"""The network: a llama-architecture decoder, in the tensor layout that llama.cpp's `llama` models use.

Rotary pairs are neighbouring elements (2i, 2i+1), as llama.cpp's "NORM" rope has them, so that exported q and k
rows need no permutation.
"""

import math
from dataclasses import asdict, dataclass

import torch
from torch import nn
from torch.nn import functional as F


@dataclass(frozen=True)
class ModelConfig:
    """Shape of the model. Every row length is a multiple of 32, the block size of Q8_0."""

    n_vocab: int = 1536
    n_layer: int = 5
    n_embd: int = 192
    n_head: int = 6
    n_head_kv: int = 3
    n_ff: int = 512
    n_context: int = 512
    rope_theta: float = 10000.0
    norm_epsilon: float = 1e-5

    @property
    def head_size(self) -> int:
        """Elements of one attention head."""
        return self.n_embd // self.n_head

    def to_dict(self) -> dict:
        """Plain values, for a checkpoint."""
        return asdict(self)


class RMSNorm(nn.Module):
    """x / sqrt(mean(x^2) + epsilon) * weight (Zhang and Sennrich, 2019)."""

    def __init__(self, size: int, epsilon: float):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.epsilon = epsilon

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        scale = torch.rsqrt(x.square().mean(-1, keepdim=True) + self.epsilon)
        return x * scale * self.weight


def rope_table(positions: torch.Tensor, config: ModelConfig) -> torch.Tensor:
    """Rotations as unit complex numbers: positions [rows, time] -> [rows, time, 1, head_size / 2]."""
    exponents = torch.arange(0, config.head_size, 2, dtype=torch.float32) / config.head_size
    angles = positions.float()[..., None, None] * config.rope_theta**-exponents
    return torch.polar(torch.ones_like(angles), angles)


def rotate(x: torch.Tensor, rope: torch.Tensor) -> torch.Tensor:
    """Turn each neighbouring pair of x [rows, time, heads, head_size] by its angle."""
    return torch.view_as_real(torch.view_as_complex(x.unflatten(-1, (-1, 2))) * rope).flatten(-2)


class Layer(nn.Module):
    """One decoder layer: grouped-query attention and a SwiGLU feed-forward, each behind an RMSNorm."""

    def __init__(self, config: ModelConfig):
        super().__init__()
        self.config = config
        width, kv_width = config.n_embd, config.n_head_kv * config.head_size
        self.attn_norm = RMSNorm(width, config.norm_epsilon)
        self.attn_q = nn.Linear(width, width, bias=False)
        self.attn_k = nn.Linear(width, kv_width, bias=False)
        self.attn_v = nn.Linear(width, kv_width, bias=False)
        self.attn_output = nn.Linear(width, width, bias=False)
        self.ffn_norm = RMSNorm(width, config.norm_epsilon)
        self.ffn_gate = nn.Linear(width, config.n_ff, bias=False)
        self.ffn_up = nn.Linear(width, config.n_ff, bias=False)
        self.ffn_down = nn.Linear(config.n_ff, width, bias=False)

    def attend(
        self, x: torch.Tensor, rope: torch.Tensor, mask: torch.Tensor, cache: list | None
    ) -> torch.Tensor:
        """Attention of x [rows, time, n_embd]; `cache` (past keys and values) is extended in place when given."""
        heads, kv_heads, size = self.config.n_head, self.config.n_head_kv, self.config.head_size
        query = rotate(self.attn_q(x).unflatten(-1, (heads, size)), rope).transpose(1, 2)
        key = rotate(self.attn_k(x).unflatten(-1, (kv_heads, size)), rope).transpose(1, 2)
        value = self.attn_v(x).unflatten(-1, (kv_heads, size)).transpose(1, 2)
        if cache is not None:
            if cache:
                key, value = torch.cat((cache[0], key), 2), torch.cat((cache[1], value), 2)
            cache[:] = [key, value]
        # The query heads that share a key head are stacked along time: one product per key head.
        group = heads // kv_heads
        rows, _, time, _ = query.shape
        query = query.reshape(rows, kv_heads, group * time, size) * size**-0.5
        scores = (query @ key.transpose(2, 3)).unflatten(2, (group, time)) + mask[:, None, None]
        mixed = scores.softmax(-1).flatten(2, 3) @ value
        mixed = mixed.view(rows, heads, time, size).transpose(1, 2).flatten(2)
        return self.attn_output(mixed)

    def forward(
        self, x: torch.Tensor, rope: torch.Tensor, mask: torch.Tensor, cache: list | None = None
    ) -> torch.Tensor:
        x = x + self.attend(self.attn_norm(x), rope, mask, cache)
        hidden = self.ffn_norm(x)
        return x + self.ffn_down(F.silu(self.ffn_gate(hidden)) * self.ffn_up(hidden))


class Llama(nn.Module):
    """The whole decoder; the token embedding is also the output matrix."""

    def __init__(self, config: ModelConfig):
        super().__init__()
        self.config = config
        self.token_embd = nn.Embedding(config.n_vocab, config.n_embd)
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.n_layer))
        self.output_norm = RMSNorm(config.n_embd, config.norm_epsilon)
        self.initialise()

    def initialise(self) -> None:
        """Normal weights; the matrices that write to the residual stream start smaller, by depth (GPT-2's rule)."""
        residual = 1.0 / math.sqrt(2 * self.config.n_layer)
        for name, parameter in self.named_parameters():
            if parameter.dim() == 2:
                scale = residual if "attn_output" in name or "ffn_down" in name else 1.0
                nn.init.normal_(
                    parameter, std=scale * (0.02 if "embd" in name else parameter.shape[1] ** -0.5)
                )

    def hidden(
        self, tokens: torch.Tensor, positions: torch.Tensor, mask: torch.Tensor, caches=None
    ) -> torch.Tensor:
        """Normalised last hidden states [rows, time, n_embd] of tokens [rows, time]; mask is added to the scores."""
        rope = rope_table(positions, self.config)
        x = self.token_embd(tokens)
        for index, layer in enumerate(self.layers):
            x = layer(x, rope, mask, caches[index] if caches is not None else None)
        return self.output_norm(x)

    def logits(self, hidden: torch.Tensor) -> torch.Tensor:
        """Scores of every token of the vocabulary for hidden [..., n_embd]."""
        return hidden @ self.token_embd.weight.t()


def packed_mask(segments: torch.Tensor) -> torch.Tensor:
    """Mask [rows, time, time]: 0 where a token may look (its own sample, not later), else -inf."""
    time = segments.shape[1]
    allowed = (segments[:, :, None] == segments[:, None, :]) & torch.ones(time, time, dtype=torch.bool).tril()
    return torch.zeros(allowed.shape).masked_fill_(~allowed, float("-inf"))
