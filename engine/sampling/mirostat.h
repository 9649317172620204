// Mirostat (Basu et al. 2020, "Mirostat: A Neural Text Decoding Algorithm that Directly Controls
// Perplexity"): keeps the surprise -log2 p of the tokens drawn near `tau` bits by a limit `mu`, which begins
// at 2 tau. After each token:  mu -= eta * (its surprise among what was left - tau).
//
// Version 1 estimates Zipf's exponent s from the 100 likeliest and leaves the k likeliest of N tokens,
//   k = ((s - 1) * 2^mu / (1 - N^-(s - 1)))^(1/s);
// version 2 leaves those whose surprise is at most mu. The likeliest always stays.
#pragma once

#include "engine/sampling/candidates.h"

namespace hearth {

/// What version 1 or 2 leaves.
void keep_by_mirostat(Candidates& left, int32_t version, double mu);

}  // namespace hearth
