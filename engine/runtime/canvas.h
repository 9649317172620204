// A text as a model writes it by diffusion: what there is already, and masks in place of what comes (Nie et
// al. 2025, LLaDA; Ye et al. 2025, Dream). In each step the model tells of every mask of the present block
// what may stand there, and the guesses that it is surest of are revealed, for good: as many as make the
// block's steps equal, which is the linear schedule of both. The blocks are written one after the other.
//
// What is final is what is revealed with no mask before it: an answer is read from there, left to right.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/base/random.h"
#include "engine/model/spec.h"
#include "engine/text/tokenizer.h"

namespace hearth {

struct CanvasPlan {
  int32_t length = 0;        // tokens to write, at least one
  int32_t block_length = 0;  // 0: all is one block
  int32_t steps = 0;         // for all of them; 0: one for each token
  Reveal reveal = Reveal::kConfidence;
  TokenId mask = kNoToken;
};

class Canvas {
 public:
  /// `seed` is for Reveal::kRandom.
  Canvas(const CanvasPlan& plan, std::span<const TokenId> before, uint64_t seed);

  /// What the model reads: the text with its masks.
  std::span<const TokenId> tokens() const { return tokens_; }
  TokenId mask() const { return plan_.mask; }
  /// Positions of the present block's masks, the first one first.
  std::vector<int32_t> masks() const;
  /// That `token` was drawn for a mask by what the model told of it.
  void guess(int32_t position, TokenId token, std::span<const float> logits);
  /// Forgets a step's guesses, as if none had been made.
  void drop_guesses();
  /// Ends a step, in which all of the present block's masks were guessed.
  void reveal();
  /// The next final token, each once.
  std::optional<TokenId> take();
  /// Whether all are taken.
  bool is_done() const { return taken_ == tokens_.size(); }
  /// Goes on behind what is written with so many masks, at least one.
  void go_on(int32_t length);
  int32_t length() const { return plan_.length; }

  /// The number of the step that it was last read in, for those who take turns.
  int64_t last_step() const { return last_step_; }
  void set_last_step(int64_t step) { last_step_ = step; }

 private:
  struct Guess {
    int32_t position;
    TokenId token;
    double certainty;
  };
  double certainty_of(TokenId token, std::span<const float> logits);
  int32_t block_length() const { return plan_.block_length > 0 ? plan_.block_length : plan_.length; }
  /// Masks that the step at hand reveals of the block.
  size_t share() const;

  CanvasPlan plan_;
  std::vector<TokenId> tokens_;
  size_t begin_ = 0;  // of what is written by the plan
  size_t taken_;      // tokens, from the beginning of the text
  int32_t block_ = 0;
  int32_t step_ = 0;  // of the block
  std::vector<Guess> guesses_;
  RandomStream random_;
  RandomStream random_of_step_;  // as it was when the step began
  int64_t last_step_ = 0;
};

}  // namespace hearth
