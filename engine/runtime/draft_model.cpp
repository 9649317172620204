#include "engine/runtime/draft_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace hearth {
namespace {

Result<void> require_same_vocabulary(const Tokenizer& draft, const Tokenizer& target) {
  const auto differs = [](std::string what) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("the draft model has another vocabulary: {}; choose a smaller model of the same "
                             "family",
                             what)};
  };
  if (draft.kind() != target.kind()) {
    return differs(fmt::format("its tokenizer is {}, not {}", draft.kind(), target.kind()));
  }
  if (draft.vocabulary_size() != target.vocabulary_size()) {
    return differs(
        fmt::format("it has {} tokens, not {}", draft.vocabulary_size(), target.vocabulary_size()));
  }
  for (TokenId token = 0; token < target.vocabulary_size(); ++token) {
    if (draft.token_name(token) == target.token_name(token)) continue;
    return differs(fmt::format("its token {} is '{}', not '{}'", token, draft.token_name(token),
                               target.token_name(token)));
  }
  return {};
}

/// Of an output row; some token where no logit is above minus infinity.
TokenId likeliest_of(StepOutputs& outputs, size_t row, int32_t vocabulary) {
  if (const std::span<const float> logits = outputs.logits(row); !logits.empty()) {
    return static_cast<TokenId>(std::max_element(logits.begin(), logits.begin() + vocabulary) -
                                logits.begin());
  }
  const Highest& highest = outputs.highest(row);
  Candidate best{-std::numeric_limits<float>::infinity(), 0};
  for (size_t i = 0; i < highest.columns.size(); ++i) {
    const Candidate candidate{highest.values[i], highest.columns[i]};
    if (candidate.token != Highest::kNone && better(candidate, best)) best = candidate;
  }
  return best.token;
}

}  // namespace

Result<std::unique_ptr<DraftModel>> DraftModel::create(const Model& model, const Model& target,
                                                       const LoadOptions& options) {
  if (model.spec().reads_whole()) {
    return Error{
        ErrorCode::kInvalidArgument,
        fmt::format("a model of the architecture '{}' reads texts as a whole and drafts nothing; choose a "
                    "smaller model that goes on with them",
                    model.spec().architecture)};
  }
  if (target.network().states().whole_slot_bytes() > 0) {
    return Error{
        ErrorCode::kInvalidArgument,
        fmt::format("nothing is drafted for a model of the architecture '{}', which remembers in states "
                    "of one size and can't go back: load it without a draft model",
                    target.spec().architecture)};
  }
  if (target.spec().diffusion) {
    return Error{
        ErrorCode::kUnsupported,
        fmt::format("a model of the architecture '{}' writes by diffusion and takes no drafts; load it "
                    "without the option draft",
                    target.spec().architecture)};
  }
  HEARTH_TRY(require_same_vocabulary(model.tokenizer(), target.tokenizer()));
  std::unique_ptr<DraftModel> draft(new DraftModel(model, options));
  draft->vocabulary_ = target.tokenizer().vocabulary_size();
  HEARTH_ASSIGN(draft->states_,
                StateStore::create(model.backend(), model.network().states(), options.cache_positions,
                                   options.kv_type, options.max_sequences));
  if (draft->states_->has_slots()) {
    return Error{ErrorCode::kInvalidArgument,
                 "a draft model must be able to go back, which networks with a state of one size are not"};
  }
  draft->forward_ =
      std::make_unique<Forward>(model.network(), model.weights(), *draft->states_, options.context_size);
  draft->prefixes_ = std::make_unique<PrefixTree>(*draft->states_);
  return draft;
}

void DraftModel::ask(std::shared_ptr<Generation> generation, int32_t count) {
  wishes_.push_back({std::move(generation), count});
}

bool DraftModel::begin_round() {
  rows_ = {};
  if (wishes_.empty()) return false;
  const auto count = static_cast<int32_t>(wishes_.size());
  const int32_t share = std::max(1, options_.max_batch_rows / count);
  std::erase_if(wishes_, [&](Wish& wish) { return !add_rows(wish, share, rows_); });
  if (wishes_.empty()) return false;
  begun_ = outputs_.begin(*forward_, rows_.batch(), std::vector<bool>(rows_.outputs.size(), false));
  return true;
}

/// Reads what is new of its text, at most `share` tokens, and what was drafted.
bool DraftModel::add_rows(Wish& wish, int32_t share, Rows& rows) {
  Generation& generation = *wish.generation;
  const std::span<const TokenId> context = generation.context();
  if (!generation.draft_state())
    generation.draft_state() = prefixes_->find(context.first(context.size() - 1), generation.cache_salt());
  SequenceState& state = *generation.draft_state();
  const auto known = static_cast<int32_t>(context.size() + generation.draft().size());
  wish.rows = std::min(share, known - state.length());
  wish.completes = wish.rows == known - state.length();
  if (!extend(state, wish.rows)) return false;
  rows.add(context, state, wish.rows, wish.completes ? 1 : 0, generation.draft());
  return true;
}

bool DraftModel::extend(SequenceState& state, int32_t count) {
  while (!state.extend(count).ok()) {
    if (!prefixes_->evict_oldest()) return false;
  }
  return true;
}

bool DraftModel::round_ready() {
  const Result<bool> ready = begun_.ok() ? model_.backend().ready() : Result<bool>(true);
  if (!ready.ok()) begun_ = ready.error();
  return !ready.ok() || *ready;
}

void DraftModel::wait_for_round() {
  if (begun_.ok()) begun_ = model_.backend().wait();
}

void DraftModel::end_round() {
  // A draft that cannot be made is none: the answer does not need it.
  if (!begun_.ok()) {
    is_lost_ = begun_.error().code == ErrorCode::kDeviceLost;
    for (Wish& wish : wishes_) {
      wish.generation->draft_state().reset();
      if (is_lost_) {
        wish.generation->warn(fmt::format("the draft model is left out: {}", begun_.error().message));
      }
    }
    wishes_.clear();
    return;
  }
  size_t row = 0;
  for (Wish& wish : wishes_) {
    if (!wish.completes) {
      wish.count = 0;  // the rest of its text is read before the next drafts
      continue;
    }
    wish.generation->draft().push_back(likeliest_of(outputs_, row++, vocabulary_));
    --wish.count;
  }
  std::erase_if(wishes_, [](const Wish& wish) { return wish.count == 0; });
}

void DraftModel::keep(const Generation& generation) {
  if (!generation.draft_state()) return;
  prefixes_->store(generation.context(), *generation.draft_state(), generation.cache_salt());
}

}  // namespace hearth
