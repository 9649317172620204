#include "engine/runtime/canvas.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace hearth {
namespace {

/// A logit that is NaN counts as minus infinity, as to the sampler.
double logit_or_none(float logit) {
  return std::isnan(logit) ? -std::numeric_limits<double>::infinity() : static_cast<double>(logit);
}

/// The softmax of logits, as far as certainty needs it.
struct Softmax {
  double best = -std::numeric_limits<double>::infinity();
  double second = best;
  double sum = 0.0;       // of exp(logit - best)
  double weighted = 0.0;  // of the same times (logit - best)

  explicit Softmax(std::span<const float> logits) {
    for (const float each : logits) {
      const double logit = logit_or_none(each);
      second = std::max(second, std::min(logit, best));
      best = std::max(best, logit);
    }
    for (const float each : logits) {
      const double below = below_best(logit_or_none(each));
      const double part = std::exp(below);
      sum += part;
      if (part > 0.0) weighted += part * below;
    }
  }

  double below_best(double logit) const {
    return logit == best ? 0.0 : logit - best;
  }  // both may be infinite
  double log_probability(double logit) const { return below_best(logit) - std::log(sum); }
  double margin() const { return (1.0 - std::exp(below_best(second))) / sum; }
  double negative_entropy() const { return weighted / sum - std::log(sum); }
};

}  // namespace

Canvas::Canvas(const CanvasPlan& plan, std::span<const TokenId> before, uint64_t seed)
    : plan_(plan),
      tokens_(before.begin(), before.end()),
      taken_(before.size()),
      random_(seed),
      random_of_step_(random_) {
  go_on(plan.length);
}

void Canvas::go_on(int32_t length) {
  plan_.length = length;
  begin_ = tokens_.size();
  tokens_.resize(begin_ + static_cast<size_t>(length), plan_.mask);
  block_ = 0;
  step_ = 0;
}

std::vector<int32_t> Canvas::masks() const {
  const size_t first = begin_ + static_cast<size_t>(block_) * static_cast<size_t>(block_length());
  const size_t end = std::min(tokens_.size(), first + static_cast<size_t>(block_length()));
  std::vector<int32_t> positions;
  for (size_t position = first; position < end; ++position) {
    if (tokens_[position] == plan_.mask) positions.push_back(static_cast<int32_t>(position));
  }
  return positions;
}

double Canvas::certainty_of(TokenId token, std::span<const float> logits) {
  if (plan_.reveal == Reveal::kRandom) return random_.uniform();
  const Softmax softmax(logits);
  if (plan_.reveal == Reveal::kEntropy) return softmax.negative_entropy();
  if (plan_.reveal == Reveal::kMargin) return softmax.margin();
  return softmax.log_probability(logit_or_none(logits[static_cast<size_t>(token)]));
}

void Canvas::guess(int32_t position, TokenId token, std::span<const float> logits) {
  guesses_.push_back({position, token, certainty_of(token, logits)});
}

void Canvas::drop_guesses() {
  guesses_.clear();
  random_ = random_of_step_;
}

/// Steps are shared by the blocks, and a block's masks by its steps, as equally as whole numbers can be, the
/// larger shares first (LLaDA's generate.py).
size_t Canvas::share() const {
  if (plan_.steps == 0) return 1;
  const int32_t blocks = (plan_.length - 1) / block_length() + 1;
  const int32_t steps = plan_.steps / blocks + (block_ < plan_.steps % blocks ? 1 : 0);
  const auto left = static_cast<size_t>(std::max(1, steps - step_));
  return (guesses_.size() - 1) / left + 1;
}

void Canvas::reveal() {
  const auto less_sure = [](const Guess& a, const Guess& b) { return a.certainty < b.certainty; };
  for (size_t count = share(); count > 0; --count) {
    const auto surest = std::max_element(guesses_.begin(), guesses_.end(), less_sure);  // of equals the first
    tokens_[static_cast<size_t>(surest->position)] = surest->token;
    guesses_.erase(surest);
  }
  ++step_;
  if (guesses_.empty()) {
    ++block_;
    step_ = 0;
  }
  guesses_.clear();
  random_of_step_ = random_;
}

std::optional<TokenId> Canvas::take() {
  if (is_done() || tokens_[taken_] == plan_.mask) return std::nullopt;
  return tokens_[taken_++];
}

}  // namespace hearth
