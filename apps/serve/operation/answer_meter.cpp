#include "apps/serve/operation/answer_meter.h"

#include <utility>

namespace hearth::serve {

namespace {

double seconds_between(RequestRecord::Clock::time_point from, RequestRecord::Clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

}  // namespace

AnswerMeter::AnswerMeter(Metrics& metrics, std::shared_ptr<RequestRecord> record, std::string model,
                         std::string counted_as, bool keep_text)
    : metrics_(metrics),
      record_(std::move(record)),
      model_(std::move(model)),
      counted_as_(std::move(counted_as)),
      keep_text_(keep_text) {
  ++metrics_.activity(model_).waiting;
}

AnswerMeter::~AnswerMeter() {
  Metrics::Activity& activity = metrics_.activity(model_);
  --(begun_ ? activity.running : activity.waiting);
  if (activity.running + activity.waiting == 0) metrics_.forget_activity(model_);
}

void AnswerMeter::begin(const StreamEvent& event, Clock::time_point now) {
  begun_ = true;
  Metrics::Activity& activity = metrics_.activity(model_);
  --activity.waiting;
  ++activity.running;
  record_->prompt_tokens += event.prompt_tokens;
  record_->cached_tokens += event.cached_tokens;
  metrics_.count_prompt(counted_as_, record_->key_id(), event.prompt_tokens, event.cached_tokens);
  if (event.completion_tokens == 0) return;
  if (!record_->first_token) record_->first_token = now;
  metrics_.observe_first_token(counted_as_, seconds_between(last_, now));
}

void AnswerMeter::see(const StreamEvent& event) {
  const Clock::time_point now = Clock::now();
  const int32_t more = event.completion_tokens - completion_tokens_;
  if (!begun_) {
    begin(event, now);
  } else if (more > 0) {
    metrics_.observe_token(counted_as_, seconds_between(last_, now) / more);
  }
  if (more > 0) {
    completion_tokens_ = event.completion_tokens;
    record_->completion_tokens += more;
    metrics_.count_completion(counted_as_, record_->key_id(), more);
    last_ = now;
  }
  if (keep_text_) record_->answers += event.text;
  if (event.finish != HEARTH_FINISH_NONE) metrics_.count_answer(counted_as_, event.finish);
}

AnswerWatch UseMeter::answer() {
  const auto meter = std::make_shared<AnswerMeter>(metrics_, record_, model_, counted_as_, keep_text_);
  return [meter](const StreamEvent& event) { meter->see(event); };
}

void UseMeter::read(size_t tokens) {
  record_->prompt_tokens += static_cast<int64_t>(tokens);
  metrics_.count_prompt(counted_as_, record_->key_id(), static_cast<int64_t>(tokens), 0);
}

}  // namespace hearth::serve
