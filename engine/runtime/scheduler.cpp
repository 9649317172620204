#include "engine/runtime/scheduler.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/runtime/memory_need.h"

namespace hearth {
namespace {

Result<LoadOptions> completed_options(const LoadOptions& options, const Model& model) {
  const LoadOptions completed = complete_options(options, model.spec(), model.network());
  if (completed.cache_positions >= completed.context_size) return completed;
  return Error{ErrorCode::kInvalidArgument,
               fmt::format("cachePositions must hold one conversation, whose contextSize is {}, not {}",
                           completed.context_size, completed.cache_positions)};
}

bool is_lost(const Result<void>& result) {
  return !result.ok() && result.error().code == ErrorCode::kDeviceLost;
}

}  // namespace

Result<std::unique_ptr<Scheduler>> Scheduler::create(const Model& model, const LoadOptions& options,
                                                     const Model* draft) {
  HEARTH_ASSIGN(const LoadOptions completed, completed_options(options, model));
  HEARTH_ASSIGN(auto states,
                StateStore::create(model.backend(), model.network().states(), completed.cache_positions,
                                   completed.kv_type, 2 * completed.max_sequences));
  std::unique_ptr<DraftModel> draft_model;
  if (draft != nullptr) {
    HEARTH_ASSIGN(draft_model, DraftModel::create(*draft, model, completed));
  }
  return std::unique_ptr<Scheduler>(
      new Scheduler(model, completed, std::move(states), std::move(draft_model)));
}

Scheduler::Scheduler(const Model& model, const LoadOptions& options, std::unique_ptr<StateStore> states,
                     std::unique_ptr<DraftModel> draft_model)
    : model_(model),
      options_(options),
      grammars_(model.tokenizer()),
      adapters_(model),
      states_(std::move(states)),
      forward_(std::make_unique<Forward>(model.network(), model.weights(), *states_, options.context_size)),
      prefixes_(*states_),
      queue_(*states_, prefixes_, options.max_sequences),
      speculator_(std::move(draft_model), options.context_size, !states_->has_slots()),
      outputs_(model) {
  if (model.spec().diffusion) writer_.emplace(model, options_.max_batch_rows);
  publish_activity();
}

Scheduler::~Scheduler() { fail_all({ErrorCode::kDisposed, "the model was closed"}); }

Result<void> Scheduler::check_known(std::span<const TokenId> tokens) const {
  for (const TokenId token : tokens) {
    if (token >= 0 && token < model_.spec().n_vocab()) continue;
    return Error{ErrorCode::kInvalidArgument, fmt::format("token {} is not in the vocabulary, 0 to {}", token,
                                                          model_.spec().n_vocab() - 1)};
  }
  return {};
}

Result<void> Scheduler::check_tokens(std::span<const TokenId> tokens) const {
  if (tokens.empty()) {
    return Error{ErrorCode::kInvalidArgument,
                 "there are no tokens to run: the text is empty and this vocabulary adds no beginning token"};
  }
  HEARTH_TRY(check_known(tokens));
  if (tokens.size() <= static_cast<size_t>(context_size())) return {};
  return Error{ErrorCode::kContextOverflow,
               fmt::format("{} tokens are more than the context of {} holds; shorten the text or load the "
                           "model with a larger context (it was trained for {})",
                           tokens.size(), context_size(), model_.spec().context_length)};
}

Result<void> Scheduler::check_answers() const {
  if (!model_.spec().is_encoder()) return {};
  return Error{ErrorCode::kUnsupported,
               fmt::format("a model of the architecture '{}' makes vectors of texts (embed) and answers none",
                           model_.spec().architecture)};
}

Result<std::shared_ptr<Generation>> Scheduler::submit(GenerationRequest request) {
  HEARTH_TRY(check_answers());
  HEARTH_TRY(check_tokens(request.prompt));
  if (model_.spec().is_encoder_decoder()) request.begin_answer(model_.spec().answer_start);
  HEARTH_ASSIGN(ReadAnswer answer, reader_of(request));
  if (request.prompt.size() >= static_cast<size_t>(context_size())) {
    return Error{ErrorCode::kContextOverflow,
                 fmt::format("the prompt's {} tokens fill the context and leave no room for an answer",
                             request.prompt.size())};
  }
  if (std::any_of(request.stop.begin(), request.stop.end(), [](const auto& stop) { return stop.empty(); })) {
    return Error{ErrorCode::kInvalidArgument, "a stop string must not be empty"};
  }
  HEARTH_TRY(check_known(request.stop_tokens));
  if (request.keep_tokens > context_size() / 2) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("keepTokens must leave half of the context to move on in: {} at most, not {}",
                             context_size() / 2, request.keep_tokens)};
  }
  const auto bytes_of = [&tokenizer = model_.tokenizer()](TokenId token) {
    return tokenizer.token_bytes(token, true);
  };
  HEARTH_ASSIGN(Sampler sampler, Sampler::create(request, model_.spec().n_vocab(), bytes_of));
  std::shared_ptr<const AdapterSet> adapters = used_adapters_;
  if (!request.adapters.empty()) {
    HEARTH_ASSIGN(adapters, adapters_.choose(request.adapters));
  }
  adapters = activated(std::move(adapters), request.prompt);
  HEARTH_ASSIGN(const Speculation speculation, speculator_.choose(request));
  std::optional<CanvasPlan> plan;
  if (writer_) {
    HEARTH_ASSIGN(plan, plan_canvas(model_, request, context_size()));
  } else {
    HEARTH_TRY(refuse_canvas_options(model_, request));
  }
  HEARTH_ASSIGN(auto grammar, grammar_of(request));
  // The text is what the grammar has read, to the byte.
  if (grammar != nullptr) request.continues_text = true;
  std::shared_ptr<Generation> generation(new Generation(
      std::move(request), std::move(sampler), std::move(adapters), model_.tokenizer(), speculation));
  const bool must_call = answer.reader != nullptr && answer.reader->must_call();
  if (answer.reader != nullptr) {
    generation->read_with(std::move(answer.reader), std::move(answer.calls));
  }
  if (grammar != nullptr && !must_call) generation->constrain(std::move(grammar));
  if (plan) generation->write_on(*plan);
  queue_.add(generation);
  publish_activity();
  return generation;
}

Result<Scheduler::ReadAnswer> Scheduler::reader_of(GenerationRequest& request) {
  ReadAnswer answer;
  if (request.chat.empty()) return answer;
  const bool may_think = request.reasoning_budget != 0;
  HEARTH_ASSIGN(answer.reader, AnswerReader::create(model_.chat(), request.chat, request.prompt, may_think));
  if (writer_) {
    HEARTH_ASSIGN(answer.calls, free_calls(model_, *answer.reader));
  } else {
    HEARTH_ASSIGN(answer.calls, call_grammars(*answer.reader, grammars_, request.cache_salt));
  }
  if (answer.reader->forced().empty()) return answer;
  const std::vector<TokenId> forced = model_.tokenizer().encode(answer.reader->forced(), false);
  request.prompt.insert(request.prompt.end(), forced.begin(), forced.end());
  request.continues_text = true;
  return answer;
}

Result<std::shared_ptr<TokenGrammar>> Scheduler::grammar_of(const GenerationRequest& request) {
  HEARTH_ASSIGN(const auto source, grammar_asked_for(request));
  if (!source) return std::shared_ptr<TokenGrammar>();
  return grammars_.get(*source, request.cache_salt);
}

Result<void> Scheduler::use_adapters(std::span<const AdapterChoice> choices) {
  HEARTH_ASSIGN(used_adapters_, adapters_.choose(choices));
  return {};
}

void Scheduler::compute_through(std::unique_ptr<Backend> device) {
  end_step();
  forward_.reset();
  device_ = std::move(device);
  forward_ = std::make_unique<Forward>(model_.network(), model_.weights(), *states_, options_.context_size,
                                       device_.get());
}

bool Scheduler::step() {
  begin_step();
  end_step();
  return is_busy();
}

void Scheduler::begin_step() {
  if (flight_ || speculator_.is_drafting() || is_writing()) return;
  drop_cancelled();
  queue_.update();
  publish_activity();
  if (writer_) return writer_->begin(queue_, *forward_);
  speculator_.begin(queue_);
  if (!speculator_.is_drafting()) begin_planned();
}

/// Once the drafts are there.
void Scheduler::begin_planned() {
  const int32_t most = options_.max_batch_rows;
  // Where a GPU is given layers anew in every step, that takes as long for a few rows as for many.
  const bool is_streamed =
      options_.gpu_streaming && model_.weight_statistics().layers_resident < std::ssize(model_.spec().layers);
  const bool is_cut = queue_.running().size() > 1 && !is_streamed;
  StepPlan planned = StepPlan::make(queue_, most, is_cut ? pace_.rows() : most);
  if (planned.members.empty()) return;
  begun_at_ = std::chrono::steady_clock::now();
  begun_ = begin(planned);
  if (!begun_.ok() && begun_.error().code == ErrorCode::kAborted) {
    planned.undo();
    drop_cancelled();
    return publish_activity();
  }
  flight_ = std::move(planned);
}

bool Scheduler::step_ready() {
  if (is_writing()) {
    if (!writer_->is_ready(*forward_)) return false;
    take_canvases();
    return true;
  }
  if (speculator_.is_drafting()) {
    speculator_.advance();
    if (speculator_.is_drafting()) return false;
    begin_planned();
  }
  if (!flight_) return true;
  const Result<bool> ready = begun_.ok() ? device().ready() : Result<bool>(true);
  if (ready.ok() && !*ready) return false;
  if (!ready.ok()) begun_ = ready.error();
  take_tokens();
  return !flight_;
}

void Scheduler::end_step() {
  if (is_writing()) return take_canvases();
  if (speculator_.is_drafting()) {
    speculator_.finish();
    begin_planned();
  }
  while (flight_) {
    if (begun_.ok()) begun_ = device().wait();
    take_tokens();
  }
}

/// Ends the step in flight, whose outputs are there, but for those whose outputs do not tell their tokens:
/// they stay until all their logits are there.
void Scheduler::take_tokens() {
  StepPlan planned = std::move(*flight_);
  flight_.reset();
  if (is_lost(begun_)) {
    begun_ = leave_device(begun_.error());
    if (begun_.ok()) return publish_activity();
  }
  if (!begun_.ok()) {
    for (const auto& member : planned.members) {
      finish(*member.generation, FinishReason::kError, begun_.error());
    }
    return;
  }
  const auto took = std::chrono::steady_clock::now() - begun_at_;
  std::erase_if(planned.members, [this](const StepPlan::Member& member) { return take_member(member); });
  if (!planned.members.empty()) {
    flight_ = std::move(planned);
    return;
  }
  pace_.add(std::ssize(planned.rows.tokens), took);
  ++counted_.steps;
  publish_activity();
}

/// False where its tokens are yet to be told.
bool Scheduler::take_member(const StepPlan::Member& member) {
  Generation& generation = *member.generation;
  const int32_t before = generation.state().length() - member.rows;
  if (member.outputs > 0) {
    const std::optional<Ending> ending = take_draft(generation, member.first_output);
    if (!ending) return false;
    if (ending->reason != FinishReason::kNone) {
      finish(generation, ending->reason, ending->error);
      return true;
    }
  }
  count(generation);
  const bool has_new_page = before / kPagePositions < generation.state().length() / kPagePositions;
  if (has_new_page && (!states_->has_slots() || generation.is_at_stop())) queue_.keep(generation);
  if (std::ssize(generation.context()) >= context_size()) {
    generation.shift_context();
    queue_.begin_anew(generation);
  }
  return true;
}

/// Samples row by row, as long as all that comes is what was drafted. None where a row's logits are yet to
/// come: then it goes on there.
std::optional<Scheduler::Ending> Scheduler::take_draft(Generation& generation, size_t first_output) {
  const std::vector<TokenId>& draft = generation.draft();
  const size_t length = static_cast<size_t>(generation.state().length()) - draft.size();
  size_t accepted = generation.context().size() - length;
  std::optional<Ending> ending;
  do {
    ending = sample(generation, first_output + accepted);
    if (!ending) return std::nullopt;
    if (ending->reason == FinishReason::kNone) ending->reason = generation.accept_forced(context_size());
    const std::span<const TokenId> come = generation.context().subspan(length);
    while (accepted < std::min(draft.size(), come.size()) && come[accepted] == draft[accepted]) ++accepted;
  } while (ending->reason == FinishReason::kNone && generation.context().size() == length + accepted);
  generation.settle_draft(static_cast<int32_t>(accepted), static_cast<int32_t>(length + accepted));
  return ending;
}

/// Ends the step of canvases in flight, which leaves nothing in the states.
void Scheduler::take_canvases() {
  std::vector<DiffusionWriter::Outcome> outcomes = writer_->end(*forward_);
  // A step is lost for all of its canvases.
  if (!outcomes.empty() && is_lost(outcomes.front().result)) {
    const Result<void> left = leave_device(outcomes.front().result.error());
    if (left.ok()) return publish_activity();
    for (auto& outcome : outcomes) outcome.result = left;
  }
  for (auto& [generation, result] : outcomes) {
    Ending ending;
    if (result.ok())
      ending.reason = generation->accept_revealed(context_size());
    else
      ending = {FinishReason::kError, result.error()};
    count(*generation);
    generation->state().truncate(0);
    if (ending.reason != FinishReason::kNone) finish(*generation, ending.reason, ending.error);
  }
  ++counted_.steps;
  publish_activity();
}

void Scheduler::fail_all(const Error& error) {
  end_step();
  for (const auto* members : {&queue_.running(), &queue_.waiting()}) {
    while (!members->empty()) finish(*std::shared_ptr(members->back()), FinishReason::kError, error);
  }
  publish_activity();
}

void Scheduler::count(Generation& generation) {
  const Generation::Progress progress = generation.take_progress();
  counted_.prompt_tokens += static_cast<uint64_t>(progress.read);
  counted_.cached_tokens += static_cast<uint64_t>(progress.cached);
  counted_.completion_tokens += static_cast<uint64_t>(progress.written);
}

Activity Scheduler::activity() const {
  const std::scoped_lock lock(published_mutex_);
  return published_;
}

void Scheduler::publish_activity() {
  Activity now = counted_;
  for (const auto& generation : queue_.running()) ++(generation->held() ? now.held : now.running);
  for (const auto& generation : queue_.waiting()) ++(generation->held() ? now.held : now.waiting);
  now.cache_positions = int64_t{states_->page_count()} * kPagePositions;
  now.cache_positions_used = int64_t{states_->page_count() - states_->free_pages()} * kPagePositions;
  const std::scoped_lock lock(published_mutex_);
  published_ = now;
}

void Scheduler::drop_cancelled() {
  for (const auto* members : {&queue_.running(), &queue_.waiting()}) {
    for (const auto& generation : std::deque(*members)) {
      if (generation->cancelled()) finish(*generation, FinishReason::kCancelled);
    }
  }
}

/// Has outputs_ receive what the output rows tell. ABORTED where the batch became unwanted.
Result<void> Scheduler::begin(const StepPlan& planned) {
  Batch batch = planned.rows.batch();
  batch.is_unwanted = [&planned] { return planned.is_unwanted(); };
  std::vector<bool> wants_all;
  for (const StepPlan::Member& member : planned.members) {
    wants_all.insert(wants_all.end(), static_cast<size_t>(member.outputs),
                     member.generation->wants_all_logits());
  }
  return outputs_.begin(*forward_, batch, wants_all);
}

/// None where the row's logits are yet to come.
std::optional<Scheduler::Ending> Scheduler::sample(Generation& generation, size_t output) {
  const std::span<float> logits = outputs_.logits(output);
  Result<TokenId> token = kNoToken;
  if (!logits.empty()) {
    token = generation.sample_all(logits);
  } else {
    std::optional<TokenId> told;
    if (!generation.wants_all_logits()) told = generation.sample_highest(outputs_.highest(output));
    if (!told) {
      outputs_.begin_logits(*forward_, output);
      return std::nullopt;
    }
    token = *told;
  }
  if (!token.ok()) return Ending{FinishReason::kError, token.error()};
  if (*token == kNoToken) return Ending{FinishReason::kError, no_token_left()};
  return Ending{generation.accept(*token, context_size()), std::nullopt};
}

/// Ends a generation and keeps its keys and values for a later one with the same beginning.
void Scheduler::finish(Generation& generation, FinishReason reason, std::optional<Error> error) {
  if (reason != FinishReason::kError) count(generation);
  if (generation.state_ && reason != FinishReason::kError) {
    queue_.keep(generation);
    speculator_.keep(generation);
  }
  generation.finish(reason, std::move(error));
  queue_.remove(generation);
}

KeptTexts Scheduler::kept_text(std::span<const TokenId> tokens, std::string_view salt) const {
  return {prefixes_.text(tokens, cache_key_of(nullptr, salt))};
}

void Scheduler::forget_text(std::span<const TokenId> tokens, std::string_view salt) {
  prefixes_.forget(tokens, cache_key_of(nullptr, salt));
}

Result<void> Scheduler::save_state(const KeptTexts& texts, std::span<std::byte> state) const {
  return hearth::save_state(model_.identity(), *states_, texts, state);
}

Result<void> Scheduler::restore_state(std::span<const std::byte> state, std::string_view salt) {
  end_step();
  return hearth::restore_state(model_.identity(), state, *states_, prefixes_, cache_key_of(nullptr, salt));
}

}  // namespace hearth
