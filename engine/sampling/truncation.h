// Samplers that leave only the likelier of the candidates. None leaves nothing.
#pragma once

#include "engine/base/random.h"
#include "engine/sampling/candidates.h"

namespace hearth {

/// Top-n-sigma: logits at least `n` standard deviations (of all that are left) below the highest stay, n > 0
/// (Tang et al. 2024, "Top-nσ: Not All Logits Are You Need").
void keep_top_n_sigma(Candidates& left, float n);

/// Locally typical: those whose surprise -ln p is nearest to the entropy -Σ p ln p stay, as few as hold more
/// than `mass` of the probability (Meister et al. 2022, "Locally Typical Sampling").
void keep_typical(Candidates& left, float mass);

/// Top-p: the fewest of the likeliest whose probabilities reach p stay (Holtzman et al. 2019, "The Curious
/// Case of Neural Text Degeneration"). Sorts only as many as that takes.
void keep_top_p(Candidates& left, float p);

/// Min-p: those at least min_p times as likely as the likeliest stay (Nguyen et al. 2024, "Turning Up the
/// Heat: Min-p Sampling").
void keep_min_p(Candidates& left, float min_p);

/// Exclude top choices: with that probability, of the candidates that are at least `threshold` likely only
/// the least likely stays, and all that are less likely (p-e-w 2024, the XTC sampler of
/// text-generation-webui). Draws one number.
void exclude_top_choices(Candidates& left, float probability, float threshold, RandomStream& random);

}  // namespace hearth
