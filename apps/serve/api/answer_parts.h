// What a model answers, read from its events into the parts that each API writes in a form of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "apps/serve/models/answer.h"

namespace hearth::serve {

/// A piece of a tool's call.
struct CallPart {
  size_t index = 0;       // of the call, among those of the answer
  std::string id, name;   // of its first piece; empty in the others
  std::string arguments;  // JSON, as far as this piece has it
  bool whole = false;     // nothing of the call follows
};

struct AnswerFigures {
  int32_t prompt_tokens = 0, cached_tokens = 0;
  int32_t completion_tokens = 0, reasoning_tokens = 0;  // the second are among the first
  int32_t drafted_tokens = 0, accepted_tokens = 0;
  double queued_ms = 0, prefill_ms = 0, decode_ms = 0;
  uint64_t seed = 0;
};

/// What an event says, or several in a row.
struct AnswerPart {
  std::string text;
  std::string reasoning;
  std::vector<CallPart> calls;
  nlohmann::ordered_json logprobs =
      nlohmann::ordered_json::array();  // as engine/runtime/event_json.h has them
  std::vector<std::string> warnings;
  hearth_finish_reason finish = HEARTH_FINISH_NONE;
  std::string stop;       // the stop text that ended it; empty where none did
  AnswerFigures figures;  // up to here

  bool ended() const { return finish != HEARTH_FINISH_NONE; }
  /// Whether the client is to be told of it.
  bool says_something() const;
  /// What follows it; pieces of a call become one.
  void append(AnswerPart next);
  void add(CallPart piece);
};

class AnswerReader {
 public:
  /// With `one_call`, the answer ends behind the first call of a tool.
  explicit AnswerReader(std::unique_ptr<Answer> answer, bool one_call = false)
      : answer_(std::move(answer)), one_call_(one_call) {}

  /// The last part has a `finish`: stop, length or tool calls. Throws a Refusal where the answer failed.
  Awaitable<AnswerPart> next();
  /// All that is still to come, as one.
  Awaitable<AnswerPart> rest();

 private:
  std::unique_ptr<Answer> answer_;
  bool one_call_;
  int32_t reasoning_tokens_ = 0;
};

/// What an event says by itself. A call always begins with an id: where the model writes it behind the
/// arguments, one is made.
AnswerPart part_of(const StreamEvent& event);

/// Ends it behind the first call of the answer, where that ends in it.
void end_behind_first_call(AnswerPart& part);

}  // namespace hearth::serve
