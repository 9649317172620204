// Sums, products and functions in double precision, for all operations of this folder.
#pragma once

#include <span>
#include <vector>

#include "engine/compute/backend.h"

namespace hearth::reference {

double dot(std::span<const float> a, std::span<const float> b);

/// x * weight^T: [rows, weight.rows]. `x` is rows of weight.columns, one after the other.
std::vector<double> multiply(std::span<const float> x, const Weight& weight);

/// GELU of less than 10 is taken in halves, argument and result, as ggml does it: what models that use it are
/// measured by was computed so.
double activated(Activation activation, double x);

/// What `up` becomes behind a gate.
double gated(Activation activation, double gate, double up);

/// cap * tanh(x / cap).
double capped(double x, double cap);

/// values = e^values / sum of the same.
void softmax(std::span<double> values);

}  // namespace hearth::reference
