// Watches what a request has a model do: how long it takes, and which tokens it is charged for.
#pragma once

#include <memory>
#include <string>

#include "apps/serve/operation/metrics.h"
#include "apps/serve/operation/request_record.h"
#include "bindings/engine_thread/engine_thread.h"

namespace hearth::serve {

class AnswerMeter {
 public:
  /// `model`: by which it is active, `counted_as` by which it is counted; `keep_text`: for the log.
  AnswerMeter(Metrics& metrics, std::shared_ptr<RequestRecord> record, std::string model,
              std::string counted_as, bool keep_text);
  AnswerMeter(const AnswerMeter&) = delete;
  AnswerMeter& operator=(const AnswerMeter&) = delete;
  ~AnswerMeter();

  /// Each event as it comes from the engine, whether somebody reads it or not.
  void see(const StreamEvent& event);

 private:
  using Clock = RequestRecord::Clock;

  void begin(const StreamEvent& event, Clock::time_point now);

  Metrics& metrics_;
  std::shared_ptr<RequestRecord> record_;
  std::string model_, counted_as_;
  bool keep_text_;
  bool begun_ = false;
  int32_t completion_tokens_ = 0;
  Clock::time_point last_ = Clock::now();
};

class UseMeter final : public UseWatch {
 public:
  UseMeter(Metrics& metrics, std::shared_ptr<RequestRecord> record, const ModelDescription& model,
           bool keep_text)
      : metrics_(metrics),
        record_(std::move(record)),
        model_(model.name),
        counted_as_(model.counted_as()),
        keep_text_(keep_text) {}

  AnswerWatch answer() override;
  void read(size_t tokens) override;

 private:
  Metrics& metrics_;
  std::shared_ptr<RequestRecord> record_;
  std::string model_, counted_as_;
  bool keep_text_;
};

}  // namespace hearth::serve
