#include "engine/runtime/generation.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace hearth {

std::string cache_key_of(const AdapterSet* adapters, std::string_view salt) {
  std::string key = adapters == nullptr ? "" : adapters->key;
  if (!salt.empty()) key.append("\n").append(salt);  // no adapter's key has a line break
  return key;
}

void GenerationRequest::begin_answer(TokenId start) {
  source = static_cast<int32_t>(prompt.size());
  prompt.push_back(start);
  // What was read is a whole, of which nothing can be left out meanwhile; and the answer is a text of its
  // own.
  keep_tokens = -1;
  continues_text = false;
}

std::string_view finish_reason_name(FinishReason reason) {
  switch (reason) {
    case FinishReason::kNone:
      return "";
    case FinishReason::kStop:
      return "stop";
    case FinishReason::kLength:
      return "length";
    case FinishReason::kCancelled:
      return "cancelled";
    case FinishReason::kError:
      return "error";
    case FinishReason::kToolCalls:
      return "tool-calls";
  }
  return "error";
}

Error no_token_left() {
  return {
      ErrorCode::kInvalidModel,
      "the model gave no finite logit for any token: its weights are damaged, or every token is banned by "
      "logitBias"};
}

Generation::Generation(GenerationRequest request, Sampler sampler, std::shared_ptr<const AdapterSet> adapters,
                       const Tokenizer& tokenizer, Speculation speculation)
    : request_(std::move(request)),
      sampler_(std::move(sampler)),
      tokenizer_(tokenizer),
      decoder_(tokenizer, request_.continues_text),
      stop_matcher_(request_.stop),
      tokens_(request_.prompt),
      context_(request_.prompt),
      adapters_(std::move(adapters)),
      cache_key_(cache_key_of(adapters_.get(), request_.cache_salt)),
      sampler_of_step_(sampler_.state()),
      speculation_(speculation),
      draft_length_(request_.draft_tokens) {}

std::optional<GenerationEvent> Generation::next() {
  if (events_.empty()) return std::nullopt;
  GenerationEvent event = std::move(events_.front());
  events_.pop_front();
  return event;
}

bool Generation::ends_at(TokenId token) const {
  if (std::find(request_.stop_tokens.begin(), request_.stop_tokens.end(), token) !=
      request_.stop_tokens.end()) {
    return true;
  }
  return !request_.ignore_end && tokenizer_.ends_generation(token);
}

FinishReason Generation::accept(TokenId token, int32_t context_size) {
  if (!first_token_) first_token_ = Clock::now();
  if (ends_at(token)) {
    // Where an answer is asked for, the model has only thought so far.
    const bool owes_answer = answer_grammar_ != nullptr && reader_ && reader_->is_reasoning();
    return owes_answer ? end_reasoning(context_size) : FinishReason::kStop;
  }
  // What a grammar doesn't take in after all is an end token that was to end nothing.
  if (constraint_ && !constraint_->accept(token)) return FinishReason::kStop;
  tokens_.push_back(token);
  context_.push_back(token);
  add_text(stop_matcher_.push(decoder_.push(token, reader_ && reader_->is_mark(token))));
  push_news();
  if (reader_ && reader_->is_reasoning()) ++reasoning_tokens_;
  hold_part();
  if (stop_matcher_.stopped() || (constraint_ && constraint_->must_end())) return FinishReason::kStop;
  if (answer_length() == request_.max_tokens) return FinishReason::kLength;
  const bool full = static_cast<int64_t>(context_.size()) >= context_size;
  return full && request_.keep_tokens < 0 ? FinishReason::kLength : FinishReason::kNone;
}

Result<void> Generation::mask(std::span<float> logits) const {
  for (const TokenId never : tokenizer_.suppressed()) {
    if (static_cast<size_t>(never) < logits.size()) logits[never] = -std::numeric_limits<float>::infinity();
  }
  if (!constraint_) return {};
  HEARTH_ASSIGN(const TokenSet* allowed, constraint_->allowed());
  if (allowed->first() == kNoToken) {
    return Error{
        ErrorCode::kInvalidArgument,
        "no token of the model's vocabulary goes on as the grammar wants it: allow other characters there"};
  }
  allowed->mask(logits);
  return {};
}

std::optional<TokenId> Generation::sample_highest(const Highest& highest) {
  std::vector<Candidate> candidates;
  bool are_all = false;
  for (size_t i = 0; i < highest.columns.size(); ++i) {
    const TokenId token = highest.columns[i];
    if (token == Highest::kNone)
      are_all = true;
    else if (std::ranges::find(tokenizer_.suppressed(), token) == tokenizer_.suppressed().end())
      candidates.push_back({highest.values[i], token});
  }
  return sampler_.sample_highest(candidates, are_all, tokens_);
}

Result<TokenId> Generation::sample_all(std::span<float> logits) {
  // Embeddings are often padded with rows that stand for no token.
  const auto known = static_cast<size_t>(tokenizer_.vocabulary_size());
  logits = logits.first(std::min(known, logits.size()));
  std::vector<float> of_model;  // sampling changes them
  if (request_.logprobs >= 0) of_model.assign(logits.begin(), logits.end());
  HEARTH_TRY(mask(logits));
  const TokenId token = sampler_.sample(logits, tokens_);
  if (token != kNoToken && !of_model.empty()) keep_logprob(token, of_model);
  return token;
}

void Generation::write_on(const CanvasPlan& plan) {
  // A stream of its own: which masks are revealed changes no draw of tokens.
  canvas_.emplace(plan, tokens_, ~sampler_.seed());
}

void Generation::drop_guesses() {
  canvas_->drop_guesses();
  sampler_.restore(sampler_of_step_);
}

Result<void> Generation::guess(int32_t position, std::span<float> logits) {
  const auto known = static_cast<size_t>(tokenizer_.vocabulary_size());
  logits = logits.first(std::min(known, logits.size()));
  std::vector<float> of_model(logits.begin(), logits.end());  // sampling changes them
  HEARTH_TRY(mask(logits));
  logits[static_cast<size_t>(canvas_->mask())] = -std::numeric_limits<float>::infinity();
  const TokenId token = sampler_.sample(logits, tokens_);
  if (token == kNoToken) return no_token_left();
  if (request_.logprobs >= 0) {
    guessed_logprobs_.insert_or_assign(position, logprob_of(token, of_model, request_.logprobs, tokenizer_));
  }
  of_model[static_cast<size_t>(canvas_->mask())] = -std::numeric_limits<float>::infinity();
  canvas_->guess(position, token, of_model);
  return {};
}

FinishReason Generation::accept_revealed(int32_t context_size) {
  sampler_of_step_ = sampler_.state();
  while (const auto token = canvas_->take()) {
    const auto logprob = guessed_logprobs_.extract(static_cast<int32_t>(tokens_.size()));
    if (!logprob.empty() && !ends_at(*token)) logprobs_.push_back(std::move(logprob.mapped()));
    const FinishReason reason = accept(*token, context_size);
    if (reason != FinishReason::kNone) return reason;
  }
  if (!canvas_->is_done()) return FinishReason::kNone;
  const auto room = context_size - static_cast<int32_t>(context_.size());  // else the context is full
  canvas_->go_on(std::min(canvas_->length(), room));
  return FinishReason::kNone;
}

FinishReason Generation::accept_forced(int32_t context_size) {
  if (reader_ && reader_->is_reasoning() && request_.reasoning_budget >= 0 &&
      reasoning_tokens_ >= request_.reasoning_budget) {
    return end_reasoning(context_size);
  }
  // Whoever wants to know how likely tokens were has each computed.
  if (!constraint_ || request_.logprobs >= 0) return FinishReason::kNone;
  const int64_t room = context_size - static_cast<int64_t>(context_.size()) - 1;
  FinishReason reason = FinishReason::kNone;
  for (const TokenId token : constraint_->forced(static_cast<size_t>(std::max<int64_t>(room, 0)))) {
    if (reason == FinishReason::kNone) reason = accept(token, context_size);
  }
  return reason;
}

void Generation::shift_context() {
  const auto kept = context_.begin() + request_.keep_tokens;
  const auto count = (context_.end() - kept + 1) / 2;
  context_.erase(kept, kept + count);
  adapters_ = moved_up(std::move(adapters_), request_.keep_tokens, static_cast<int32_t>(count));
  cache_key_ = cache_key_of(adapters_.get(), request_.cache_salt);
}

void Generation::keep_logprob(TokenId token, std::span<const float> logits) {
  if (ends_at(token)) return;
  logprobs_.push_back(logprob_of(token, logits, request_.logprobs, tokenizer_));
}

void Generation::finish(FinishReason reason, std::optional<Error> error) {
  add_text(stop_matcher_.push(decoder_.finish()) + stop_matcher_.finish());
  if (reader_) add_deltas(reader_->finish());
  if (reason == FinishReason::kStop && reader_ && reader_->has_calls()) reason = FinishReason::kToolCalls;
  finished_ = true;
  adapters_.reset();
  push_event(reason, std::move(error));
  put_back();
  canvas_.reset();
  constraint_.reset();
}

void Generation::let_in(SequenceState state) {
  put_back();
  state_ = std::move(state);
  if (admitted_) return;
  admitted_ = Clock::now();
  cached_tokens_ = state_->length();
}

Generation::Progress Generation::take_progress() {
  Progress all{cached_tokens_, told_.read, answer_length()};
  if (state_) {
    const int32_t there = std::min(state_->length(), static_cast<int32_t>(request_.prompt.size()));
    all.read = std::max(all.read, there - cached_tokens_);
  }
  const Progress before = std::exchange(told_, all);
  return {all.cached - before.cached, all.read - before.read, all.written - before.written};
}

void Generation::put_back() {
  state_.reset();
  stops_.clear();
  draft_.clear();
  draft_state_.reset();
}

bool Generation::stop_at(int32_t length) {
  length = length / kPagePositions * kPagePositions;
  if (length <= state_->length()) return false;
  const auto place = std::ranges::lower_bound(stops_, length);
  if (place == stops_.end() || *place != length) stops_.insert(place, length);
  return true;
}

int32_t Generation::next_stop() const {
  const auto next = std::ranges::upper_bound(stops_, state_->length());
  return next == stops_.end() ? INT32_MAX : *next;
}

bool Generation::is_at_stop() const {
  const bool writes = pending() <= 1 && state_->length() % kPagePositions == 0;
  return writes || std::ranges::binary_search(stops_, state_->length());
}

int32_t Generation::wanted_draft(int32_t context_size) {
  if (speculation_ == Speculation::kOff) return 0;
  // Behind a draft that comes true, one more token is sampled.
  int32_t room = context_size - static_cast<int32_t>(context_.size()) - 1;
  if (request_.max_tokens > 0) room = std::min(room, request_.max_tokens - answer_length() - 1);
  return room <= 0 ? 0 : std::min(room, draft_length_.next());
}

void Generation::drop_draft() {
  draft_.clear();
  const auto length = static_cast<int32_t>(context_.size()) - 1;
  if (draft_state_ && draft_state_->length() > length) draft_state_->truncate(length);
}

void Generation::settle_draft(int32_t accepted, int32_t length) {
  const auto drafted = static_cast<int32_t>(draft_.size());
  if (drafted > 0) draft_length_.learn(drafted, accepted);
  drafted_tokens_ += drafted;
  accepted_tokens_ += accepted;
  draft_.clear();
  if (state_->length() > length) state_->truncate(length);
  if (draft_state_ && draft_state_->length() > length) draft_state_->truncate(length);
}

void Generation::read_with(std::unique_ptr<AnswerReader> reader, CallGrammars calls) {
  reader_ = std::move(reader);
  news_.warnings = std::move(calls.warnings);
  call_grammars_ = std::move(calls);
  add_deltas(reader_->take_begun());
  if (call_grammars_.required != nullptr) {
    constraint_.emplace(std::move(call_grammars_.required));
    holds_part_ = true;
  }
  hold_part();
}

void Generation::constrain(std::shared_ptr<TokenGrammar> grammar) {
  answer_grammar_ = std::move(grammar);
  hold_part();
}

void Generation::hold_part() {
  if (holds_part_ && constraint_ && constraint_->can_end()) constraint_.reset();
  if (constraint_ || (reader_ && reader_->is_reasoning())) return;
  if (answer_grammar_ != nullptr) {
    constraint_.emplace(std::move(answer_grammar_));
    holds_part_ = false;
  } else if (reader_) {
    hold_call();
  }
}

void Generation::hold_call() {
  const auto call = reader_->take_open_call();
  if (!call) return;
  const auto grammar = call_grammars_.grammars.find({call->tool, call->notation});
  if (grammar == call_grammars_.grammars.end()) return;
  constraint_.emplace(grammar->second);
  holds_part_ = true;
  const bool begins = call->text.empty() || constraint_->begin_with(call->text);
  if (!begins || constraint_->can_end()) constraint_.reset();
}

FinishReason Generation::end_reasoning(int32_t context_size) {
  FinishReason reason = FinishReason::kNone;
  for (const TokenId token : tokenizer_.encode(reader_->reasoning_end(), false)) {
    if (ends_at(token)) return FinishReason::kStop;
    if (reason == FinishReason::kNone) reason = accept(token, context_size);
  }
  return reason;
}

void Generation::add_text(std::string_view text) {
  if (reader_)
    add_deltas(reader_->push(text));
  else
    news_.text += text;
}

void Generation::add_deltas(std::vector<AnswerDelta> deltas) {
  for (AnswerDelta& delta : deltas) {
    if (delta.kind == AnswerDelta::Kind::kContent)
      news_.text += delta.text;
    else if (delta.kind == AnswerDelta::Kind::kReasoning)
      news_.reasoning += delta.text;
    else
      news_.calls.push_back(std::move(delta));
  }
}

void Generation::push_news() {
  const bool has_any = !news_.text.empty() || !news_.reasoning.empty() || !news_.calls.empty();
  if (has_any) push_event(FinishReason::kNone, std::nullopt);
}

void Generation::push_event(FinishReason reason, std::optional<Error> error) {
  const auto milliseconds = [](Clock::duration span) {
    return std::chrono::duration<double, std::milli>(span).count();
  };
  const Clock::time_point now = Clock::now();
  const Clock::time_point admitted = admitted_.value_or(now);
  const Clock::time_point first = first_token_.value_or(now);
  GenerationEvent event = std::exchange(news_, {});
  event.finish = reason;
  event.error = std::move(error);
  event.stop = stop_matcher_.found();
  event.usage = {static_cast<int32_t>(request_.prompt.size()), cached_tokens_, answer_length(),
                 drafted_tokens_, accepted_tokens_};
  event.timings = {milliseconds(admitted - submitted_), milliseconds(first - admitted),
                   milliseconds(now - first)};
  event.logprobs = std::exchange(logprobs_, {});
  events_.push_back(std::move(event));
}

}  // namespace hearth
