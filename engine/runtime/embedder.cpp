#include "engine/runtime/embedder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace hearth {
namespace {

Pooling pooling_of(const ModelSpec& spec, std::string_view name) {
  constexpr Pooling kNamed[] = {Pooling::kMean, Pooling::kCls, Pooling::kLast, Pooling::kRank};
  const auto* const found = std::ranges::find(kPoolings, name);
  const auto index = found - std::begin(kPoolings);
  return index == 0 ? spec.pooling.value_or(Pooling::kMean) : kNamed[index - 1];
}

void softmax(std::span<float> values) {
  const float largest = *std::ranges::max_element(values);
  float sum = 0.0F;
  for (float& value : values) sum += value = std::exp(value - largest);
  for (float& value : values) value /= sum;
}

}  // namespace

Result<void> require_finite(std::span<const float> values, const char* what) {
  if (std::ranges::all_of(values, [](float value) { return std::isfinite(value); })) return {};
  return Error{
      ErrorCode::kInvalidModel,
      fmt::format("the model gave {} that are no finite numbers: its weights are damaged, or its keys and "
                  "values are beyond what the cache's type holds (try f32)",
                  what)};
}

Embedder::Embedder(const Model& model, Forward& forward, StateStore& states,
                   std::shared_ptr<const AdapterSet> adapters, int32_t max_batch_rows, MakeRoom make_room)
    : model_(model),
      forward_(forward),
      states_(states),
      adapters_(std::move(adapters)),
      max_batch_rows_(static_cast<size_t>(max_batch_rows)),
      make_room_(std::move(make_room)),
      width_(static_cast<size_t>(model.spec().n_embd())) {}

Result<Embeddings> Embedder::embed(TokenisedTexts texts, const EmbeddingOptions& options) {
  const ModelSpec& spec = model_.spec();
  pooling_ = pooling_of(spec, options.pooling);
  const bool ranks = pooling_ == Pooling::kRank;
  if (ranks && model_.network().n_class() == 0) {
    return Error{
        ErrorCode::kInvalidArgument,
        "the pooling 'rank' needs a model with a classifier (cls.output.weight), and this one has none; "
        "choose mean, cls or last"};
  }
  if (static_cast<size_t>(options.dimensions) > width_ || (ranks && options.dimensions > 0)) {
    return Error{ErrorCode::kInvalidArgument,
                 ranks ? "scores are not cut: leave dimensions out with the pooling 'rank'"
                       : fmt::format("dimensions must be at most this model's {}, not {}", width_,
                                     options.dimensions)};
  }
  if (ranks) pooling_ = spec.rank_pooling;
  HEARTH_ASSIGN(const std::vector<double> pooled, pool(texts));
  if (ranks) return score(texts, pooled);
  Embeddings embeddings = cut(texts, pooled, options);
  HEARTH_TRY(require_finite(embeddings.values, "hidden states"));
  return embeddings;
}

Result<std::vector<double>> Embedder::pool(TokenisedTexts texts) {
  readings_.clear();
  next_ = 0;
  std::vector<double> pooled(texts.size() * width_);
  std::vector<float> states;
  while (true) {
    HEARTH_ASSIGN(const Plan batch, plan(texts));
    if (batch.parts.empty()) return pooled;
    states.resize(batch.rows.outputs.size() * width_);
    HEARTH_TRY(forward_.begin_embeddings(batch.rows.batch(), states));
    HEARTH_TRY(forward_.device().wait());
    for (const Part& part : batch.parts) {
      double* const into = &pooled[part.text * width_];
      for (size_t i = part.first_output * width_; i < part.end_output * width_; ++i) {
        into[i % width_] += static_cast<double>(states[i]);
      }
    }
  }
}

/// Goes on with the text of which something was read, and takes as many more as there is room for.
Result<Embedder::Plan> Embedder::plan(TokenisedTexts texts) {
  std::erase_if(readings_, [&](const Reading& reading) {
    return static_cast<size_t>(reading.state.length()) == texts[reading.text].size();
  });
  Plan planned;
  for (Reading& reading : readings_) HEARTH_TRY(add(texts, reading, planned));
  while (next_ < texts.size()) {
    const size_t source = model_.spec().is_encoder_decoder() ? texts[next_].size() : 0;
    readings_.push_back(
        {next_, SequenceState(states_, static_cast<int32_t>(source)), activated(adapters_, texts[next_])});
    HEARTH_ASSIGN(const bool added, add(texts, readings_.back(), planned));
    if (!added) {
      readings_.pop_back();
      break;
    }
    ++next_;
  }
  return planned;
}

/// A text that is seen both ways goes into one batch as a whole, however long it is. False where there is no
/// room for it.
Result<bool> Embedder::add(TokenisedTexts texts, Reading& reading, Plan& plan) {
  const std::vector<TokenId>& tokens = texts[reading.text];
  const size_t taken = plan.rows.tokens.size();
  const size_t left = max_batch_rows_ - std::min(max_batch_rows_, taken);
  const size_t pending = tokens.size() - static_cast<size_t>(reading.state.length());
  const bool is_whole = model_.spec().reads_whole();
  if (taken > 0 && left < (is_whole ? pending : 1)) return false;

  const size_t count = is_whole ? pending : std::min(pending, left);
  const auto positions = reading.state.length() + static_cast<int32_t>(count);
  const int32_t pages = pages_for(positions) - static_cast<int32_t>(reading.state.pages().size());
  make_room_(pages, taken == 0);
  const bool lacks_slot = states_.has_slots() && reading.state.slot() < 0 && states_.free_slots() == 0;
  if (taken > 0 && (states_.free_pages() < pages || lacks_slot)) return false;
  HEARTH_TRY(reading.state.extend(static_cast<int32_t>(count)));
  const size_t first_output = plan.rows.outputs.size();
  want_outputs(tokens, reading, static_cast<int32_t>(count), plan.rows);
  plan.parts.push_back({reading.text, first_output, plan.rows.outputs.size()});
  return true;
}

void Embedder::want_outputs(std::span<const TokenId> tokens, const Reading& reading, int32_t count,
                            Rows& rows) const {
  const SequenceState& state = reading.state;
  const AdapterSet* const adapters = reading.adapters.get();
  const auto first_row = static_cast<int32_t>(rows.tokens.size());
  const bool begins = state.length() == count;
  const bool ends = static_cast<size_t>(state.length()) == tokens.size();
  const int32_t last = ends ? 1 : 0;
  switch (pooling_) {
    case Pooling::kMean:
      return rows.add(tokens, state, count, count, {}, adapters);
    case Pooling::kCls:
      rows.add(tokens, state, count, 0, {}, adapters);
      if (begins) rows.outputs.push_back(first_row);
      return;
    case Pooling::kLast:
    case Pooling::kRank:
      return rows.add(tokens, state, count, last, {}, adapters);
  }
}

double Embedder::share_of(std::span<const TokenId> tokens) const {
  return pooling_ == Pooling::kMean ? static_cast<double>(tokens.size()) : 1.0;
}

Result<Embeddings> Embedder::score(TokenisedTexts texts, std::span<const double> pooled) {
  Embeddings scores;
  scores.width = static_cast<size_t>(model_.network().n_class());
  scores.values.resize(texts.size() * scores.width);
  std::vector<float> vectors;
  for (size_t first = 0; first < texts.size(); first += max_batch_rows_) {
    const size_t count = std::min(max_batch_rows_, texts.size() - first);
    vectors.clear();
    for (size_t i = first * width_; i < (first + count) * width_; ++i) {
      vectors.push_back(static_cast<float>(pooled[i] / share_of(texts[i / width_])));
    }
    HEARTH_TRY(forward_.begin_scores(
        vectors, std::span(scores.values).subspan(first * scores.width, count * scores.width)));
    HEARTH_TRY(forward_.device().wait());
  }
  HEARTH_TRY(require_finite(scores.values, "scores"));
  for (size_t text = 0; model_.spec().classifier.softmax && text < texts.size(); ++text) {
    softmax(std::span(scores.values).subspan(text * scores.width, scores.width));
  }
  return scores;
}

Embeddings Embedder::cut(TokenisedTexts texts, std::span<const double> pooled,
                         const EmbeddingOptions& options) const {
  Embeddings cut;
  cut.width = options.dimensions > 0 ? static_cast<size_t>(options.dimensions) : width_;
  cut.values.reserve(texts.size() * cut.width);
  for (size_t text = 0; text < texts.size(); ++text) {
    const std::span<const double> vector = pooled.subspan(text * width_, cut.width);
    double squares = 0.0;
    for (const double value : vector) squares += value * value;
    double scale = 1.0 / share_of(texts[text]);
    if (options.normalize) scale = squares > 0.0 ? 1.0 / std::sqrt(squares) : 0.0;
    for (const double value : vector) cut.values.push_back(static_cast<float>(value * scale));
  }
  return cut;
}

}  // namespace hearth
