// One text being generated: what was asked for, and what has come of it so far.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "engine/compute/highest.h"
#include "engine/grammar/constraint.h"
#include "engine/model/adapter_set.h"
#include "engine/model/states.h"
#include "engine/options/generation_options.h"
#include "engine/runtime/answer_reader.h"
#include "engine/runtime/call_grammars.h"
#include "engine/runtime/canvas.h"
#include "engine/runtime/speculation.h"
#include "engine/sampling/logprobs.h"
#include "engine/sampling/sampler.h"
#include "engine/sampling/stop_matcher.h"
#include "engine/text/tokenizer.h"

namespace hearth {

struct GenerationRequest : GenerationOptions {
  std::vector<TokenId> prompt;  // at least one token
  int32_t source = 0;           // so many of these, the first, are what an encoder reads

  /// Makes all of the prompt that, behind which the answer begins with `start`.
  void begin_answer(TokenId start);
};

enum class FinishReason {
  kNone,       // still going
  kStop,       // an end token or a stop string
  kLength,     // max_tokens reached, or the context is full
  kCancelled,  // by the caller
  kError,
  kToolCalls,  // as kStop, behind calls of tools
};

/// "stop", "length", "cancelled", "error", "tool-calls"; "" while still going.
std::string_view finish_reason_name(FinishReason reason);

struct Usage {
  int32_t prompt_tokens = 0;
  int32_t cached_tokens = 0;      // of the prompt, taken from an earlier generation's keys and values
  int32_t completion_tokens = 0;  // of the answer, without the token that ended it
  int32_t drafted_tokens = 0;     // by speculation
  int32_t accepted_tokens = 0;    // of the drafted ones, those that came true
};

struct Timings {
  double queued_ms = 0.0;   // waiting to be let in
  double prefill_ms = 0.0;  // from then to the first token
  double decode_ms = 0.0;   // from the first token to the last
};

/// As ModelInfo has them.
struct ComputedBy {
  std::string device, device_reason;
};

/// A piece of the answer, or its end. `usage` and `timings` are complete in the last one.
struct GenerationEvent {
  std::string text;  // whole UTF-8 characters; may be empty in the last event
  FinishReason finish = FinishReason::kNone;
  std::optional<Error> error;  // of kError
  std::string stop;            // the stop string that kStop is due to; empty for an end token
  Usage usage;
  Timings timings;
  /// Of the answer's tokens since the last event, where they were asked for.
  std::vector<ChosenLogprob> logprobs;
  /// What of the request is not kept as it was asked for, in the first one; and what has happened since.
  std::vector<std::string> warnings;
  /// What computes from here on, where that has changed.
  std::optional<ComputedBy> computed_by;
  // Where the answer is read as a conversation's:
  std::string reasoning;
  std::vector<AnswerDelta> calls;  // by which calls begin, grow and end
};

/// What keys and values depend on besides tokens, and who may find them again (prefix_tree.h).
std::string cache_key_of(const AdapterSet* adapters, std::string_view salt);

/// INVALID_MODEL of logits that leave no token to choose.
Error no_token_left();

/// Made by Scheduler::submit. Events are read on the scheduler's thread; `cancel` and `hold` work from any.
class Generation {
 public:
  /// The oldest event not read yet.
  std::optional<GenerationEvent> next();
  /// Ends the generation before the scheduler's next batch, with FinishReason::kCancelled.
  void cancel() noexcept { cancelled_.store(true, std::memory_order_relaxed); }
  /// While held, it computes nothing and its place is free for others. From any thread.
  void hold(bool held) noexcept { held_.store(held, std::memory_order_relaxed); }
  bool held() const noexcept { return held_.load(std::memory_order_relaxed); }
  /// Whether the last event has been made (it may still be unread).
  bool finished() const { return finished_; }
  /// The prompt and the answer so far.
  std::span<const TokenId> tokens() const { return tokens_; }
  /// Of these, what the model has before it: all, until the context was full
  /// (GenerationOptions::keep_tokens).
  std::span<const TokenId> context() const { return context_; }
  /// The seed in use, chosen or drawn.
  uint64_t seed() const { return sampler_.seed(); }

  // What the scheduler does with it, on its thread:

  int32_t priority() const { return request_.priority; }
  bool cancelled() const noexcept { return cancelled_.load(std::memory_order_relaxed); }
  /// nullptr for none.
  const AdapterSet* adapters() const { return adapters_.get(); }
  /// Under which its keys and values are kept (PrefixTree): by its adapters and its salt.
  std::string_view cache_key() const { return cache_key_; }
  std::string_view cache_salt() const { return request_.cache_salt; }
  /// From now on it runs, and goes on behind the tokens that `state` holds.
  void let_in(SequenceState state);
  /// From now on it waits, and has no keys and values.
  void put_back();
  /// Drops the older half of the context behind the tokens to keep. The rest is read anew: keys and values
  /// that had seen what is gone would make the text depend on when it was put back.
  void shift_context();
  bool is_let_in() const { return state_.has_value(); }
  /// How many of the context's tokens, the first, an encoder reads: all in one step.
  int32_t source() const { return request_.source; }
  /// Whether it has yet to, while it is let in.
  bool has_unread_source() const { return state_->length() < source(); }
  /// While it is let in.
  SequenceState& state() { return *state_; }
  const SequenceState& state() const { return *state_; }
  /// Tokens whose keys and values are not computed yet, while it is let in.
  int32_t pending() const { return static_cast<int32_t>(context_.size()) - state_->length(); }

  /// Where states have one size, it goes to these lengths and no further in one step, to be kept there: whole
  /// pages of `length`, if it has not read as much yet; false where it has.
  bool stop_at(int32_t length);
  /// The next of them, or without end.
  int32_t next_stop() const;
  /// The last of them; without end where there are none.
  int32_t last_stop() const { return stops_.empty() ? INT32_MAX : stops_.back(); }
  /// Whether it is at one of them, or at the end of a page that it wrote.
  bool is_at_stop() const;

  /// Tokens to draft for the next step where it writes on; 0 where it has no use for any.
  int32_t wanted_draft(int32_t context_size);
  Speculation speculation() const { return speculation_; }
  /// What may come after the context, to be checked in this step.
  std::vector<TokenId>& draft() { return draft_; }
  const std::vector<TokenId>& draft() const { return draft_; }
  /// What has come since this was last asked.
  struct Progress {
    int32_t cached = 0;   // of the prompt's tokens, found
    int32_t read = 0;     // of the prompt's tokens, computed; none counts twice
    int32_t written = 0;  // of the answer's
  };
  Progress take_progress();

  /// Has its next event say so.
  void warn(std::string warning) { news_.warnings.push_back(std::move(warning)); }
  void tell(ComputedBy computed_by) { news_.computed_by = std::move(computed_by); }

  /// What it is written on, where its model writes by diffusion; nullptr elsewhere.
  Canvas* canvas() { return canvas_ ? &*canvas_ : nullptr; }
  const Canvas* canvas() const { return canvas_ ? &*canvas_ : nullptr; }
  /// Draws what may stand in place of the canvas's mask at `position`, by what the model told of it.
  /// INVALID_MODEL where that leaves no token.
  Result<void> guess(int32_t position, std::span<float> logits);
  /// Forgets the guesses of a step that does not end: its canvas is read again.
  void drop_guesses();

  /// What the draft model remembers of it.
  std::optional<SequenceState>& draft_state() { return draft_state_; }
  const std::optional<SequenceState>& draft_state() const { return draft_state_; }
  /// Forgets the draft before anything was computed for it.
  void drop_draft();
  /// Forgets the draft, of which the first `accepted` tokens came true: the states hold `length` positions of
  /// the context at most.
  void settle_draft(int32_t accepted, int32_t length);

 private:
  friend class Scheduler;
  using Clock = std::chrono::steady_clock;

  Generation(GenerationRequest request, Sampler sampler, std::shared_ptr<const AdapterSet> adapters,
             const Tokenizer& tokenizer, Speculation speculation);

  /// Reads the answer as a conversation's, and holds calls to their grammars.
  void read_with(std::unique_ptr<AnswerReader> reader, CallGrammars calls);
  /// Has it be written on a canvas.
  void write_on(const CanvasPlan& plan);
  /// Takes in what is final of the canvas, as `accept` does, and goes on with another one where the text
  /// does.
  FinishReason accept_revealed(int32_t context_size);
  /// Holds what is said to a grammar, from the end of the reasoning on.
  void constrain(std::shared_ptr<TokenGrammar> grammar);
  /// Holds what is being written to its grammar, or no longer.
  void hold_part();
  void hold_call();
  /// Takes in the end of reasoning that has gone on for long enough.
  FinishReason end_reasoning(int32_t context_size);

  int32_t answer_length() const { return static_cast<int32_t>(tokens_.size() - request_.prompt.size()); }
  bool ends_at(TokenId token) const;
  /// Takes in the next token; returns why the answer ends with it, or kNone. A full context ends it, unless
  /// the context is to be shifted then.
  FinishReason accept(TokenId token, int32_t context_size);
  /// Leaves only what the vocabulary and the grammar allow next. INVALID_ARGUMENT where the grammar allows
  /// nothing.
  Result<void> mask(std::span<float> logits) const;
  /// Whether the next token is not to be had from a row's highest logits, whatever they are.
  bool wants_all_logits() const {
    return request_.logprobs >= 0 || constraint_ || sampler_.wants_all_logits();
  }
  /// The next token, where these tell it (Sampler::sample_highest).
  std::optional<TokenId> sample_highest(const Highest& highest);
  /// The next token by all logits, which are changed; kNoToken where they leave none. INVALID_ARGUMENT where
  /// the grammar allows nothing.
  Result<TokenId> sample_all(std::span<float> logits);
  /// Takes in the tokens that the grammar forces now, as `accept` does.
  FinishReason accept_forced(int32_t context_size);
  /// Has the next event carry what the model held of `token`, which is to be accepted next.
  void keep_logprob(TokenId token, std::span<const float> logits);
  void finish(FinishReason reason, std::optional<Error> error = std::nullopt);
  /// Adds text to the next event: all of it is said, unless it is read otherwise.
  void add_text(std::string_view text);
  void add_deltas(std::vector<AnswerDelta> deltas);
  /// Hands out what has come together, if anything.
  void push_news();
  void push_event(FinishReason reason, std::optional<Error> error);

  GenerationRequest request_;
  Sampler sampler_;
  const Tokenizer& tokenizer_;
  StreamDecoder decoder_;
  StopMatcher stop_matcher_;
  std::unique_ptr<AnswerReader> reader_;          // none: all is said
  GenerationEvent news_;                          // what the next event says, so far
  std::shared_ptr<TokenGrammar> answer_grammar_;  // until the answer is held to it
  std::optional<Constraint> constraint_;          // what the grammar allows next
  bool holds_part_ = false;                       // it is a part of the answer that the grammar holds
  CallGrammars call_grammars_;
  int32_t reasoning_tokens_ = 0;
  std::vector<TokenId> tokens_;
  std::vector<TokenId> context_;
  std::shared_ptr<const AdapterSet> adapters_;  // until the generation ends
  std::string cache_key_;
  std::optional<SequenceState> state_;   // while the generation is let in
  std::vector<int32_t> stops_;           // likewise, the shortest first
  std::vector<ChosenLogprob> logprobs_;  // for the next event
  std::optional<Canvas> canvas_;
  SamplerState sampler_of_step_;                       // as it was when the canvas's step began
  std::map<int32_t, ChosenLogprob> guessed_logprobs_;  // by position, of the last guess; where asked for
  Speculation speculation_;
  DraftLength draft_length_;
  std::vector<TokenId> draft_;
  std::optional<SequenceState> draft_state_;
  int32_t drafted_tokens_ = 0;
  int32_t accepted_tokens_ = 0;
  std::deque<GenerationEvent> events_;
  std::atomic<bool> cancelled_ = false;
  std::atomic<bool> held_ = false;
  bool finished_ = false;
  int32_t cached_tokens_ = 0;
  Progress told_;  // by take_progress, so far
  Clock::time_point submitted_ = Clock::now();
  std::optional<Clock::time_point> admitted_, first_token_;
};

}  // namespace hearth
