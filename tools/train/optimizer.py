"""Weights and optimizer state in flat shared memory, and the update that several processes divide among themselves.

Matrices inside the layers are updated by Muon (Jordan et al., 2024): momentum, made orthogonal by Newton-Schulz steps.
The embedding and the norms are updated by Adam (Kingma and Ba, 2015).
"""

import torch
from model import Llama
from torch import nn

MATRIX_RATE = 0.015
ADAM_RATE = 0.002
MOMENTUM = 0.95
ADAM_BETAS = (0.9, 0.98)
WEIGHT_DECAY = 0.1
AVERAGE_DECAY = 0.996


def orthogonalise(matrix: torch.Tensor) -> torch.Tensor:
    """The nearest matrix with singular values near one: five quintic Newton-Schulz steps with Muon's coefficients."""
    a, b, c = 3.4445, -4.7750, 2.0315
    tall = matrix.shape[0] > matrix.shape[1]
    x = matrix.t() if tall else matrix
    x = x / (x.norm() + 1e-7)
    for _ in range(5):
        gram = x @ x.t()
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.t() if tall else x


class SharedState:
    """Everything that a checkpoint keeps, one flat tensor each: weights, their running average, optimizer moments."""

    NAMES = ("weights", "average", "first_moment", "second_moment")

    def __init__(self, model: Llama, workers: int):
        size = sum(parameter.numel() for parameter in model.parameters())
        self.buffers = {name: torch.zeros(size).share_memory_() for name in self.NAMES}
        self.gradients = torch.zeros(workers, size).share_memory_()
        self.buffers["weights"].copy_(nn.utils.parameters_to_vector(model.parameters()).detach())
        self.buffers["average"].copy_(self.buffers["weights"])

    def attach(self, model: Llama, worker: int) -> None:
        """Make the model's parameters and gradients views of the shared memory."""
        place = 0
        for parameter in model.parameters():
            end = place + parameter.numel()
            parameter.data = self.buffers["weights"][place:end].view_as(parameter)
            parameter.grad = self.gradients[worker, place:end].view_as(parameter)
            place = end


class Optimizer:
    """One worker's share of the update: every so-many-th parameter tensor."""

    def __init__(self, model: Llama, state: SharedState, worker: int, workers: int):
        self.state = state
        self.slices = []
        place = 0
        for index, (name, parameter) in enumerate(model.named_parameters()):
            end = place + parameter.numel()
            if index % workers == worker:
                self.slices.append((place, end, parameter.shape, name))
            place = end

    @torch.no_grad()
    def step(self, number: int, rate: float) -> None:
        """Update this worker's tensors from the sum of all workers' gradients; `rate` scales the learning rates."""
        buffers = self.state.buffers
        for place, end, shape, name in self.slices:
            gradient = self.state.gradients[:, place:end].sum(0)
            weights = buffers["weights"][place:end]
            first = buffers["first_moment"][place:end]
            if len(shape) == 2 and "embd" not in name:
                first.mul_(MOMENTUM).add_(gradient)
                update = orthogonalise((gradient + MOMENTUM * first).view(shape)).reshape(-1)
                learning_rate = rate * MATRIX_RATE
                weights.mul_(1 - learning_rate * WEIGHT_DECAY)
                weights.add_(update, alpha=-learning_rate * max(1.0, shape[0] / shape[1]) ** 0.5)
            else:
                second = buffers["second_moment"][place:end]
                first.lerp_(gradient, 1 - ADAM_BETAS[0])
                second.lerp_(gradient.square(), 1 - ADAM_BETAS[1])
                corrected = (second / (1 - ADAM_BETAS[1] ** (number + 1))).sqrt_().add_(1e-8)
                weights.addcdiv_(
                    first / (1 - ADAM_BETAS[0] ** (number + 1)), corrected, value=-rate * ADAM_RATE
                )
            buffers["average"][place:end].lerp_(weights, 1 - min(AVERAGE_DECAY, (number + 1) / (number + 10)))
