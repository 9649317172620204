// Several answers that are written at once.
#pragma once

#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

#include "apps/serve/api/answer_parts.h"

namespace hearth::serve::openai {

class Choices {
 public:
  struct Part {
    size_t choice;  // the answer's number
    AnswerPart part;
  };

  /// With `no_tokens`, each ends before its first one.
  explicit Choices(bool no_tokens) : no_tokens_(no_tokens) {}

  /// Asked of each part of an answer, by its number, whether the answer ends there, for which it may cut it.
  using End = std::function<bool(size_t choice, AnswerPart& part)>;
  void end_where(End end) { end_ = std::move(end); }

  void add(AnswerReader answer) { running_.push_back({running_.size(), std::move(answer)}); }

  /// Whether all have ended.
  bool done() const { return running_.empty(); }
  /// The next part of one of them, which take turns: the engine writes them in step.
  Awaitable<Part> next();
  /// Each as a whole, by number.
  Awaitable<std::vector<AnswerPart>> wholes();

 private:
  struct Running {
    size_t choice;
    AnswerReader answer;
  };

  bool no_tokens_;
  End end_;
  std::vector<Running> running_;
  size_t turn_ = 0;
};

}  // namespace hearth::serve::openai
