// Where an answer for an editor ends, line by line: llama-server's n_indent and t_max_predict_ms.
#pragma once

#include <cstdint>
#include <string>

#include "apps/serve/api/answer_parts.h"

namespace hearth::serve::llama {

class LineLimits {
 public:
  /// `indent`: spaces and tabs that each line but the first begins with, at least. `milliseconds`: of
  /// writing, after which an answer ends that has come to a second line. 0: no limit.
  LineLimits(int64_t indent, int64_t milliseconds) : indent_(indent), milliseconds_(milliseconds) {}

  /// Whether the answer ends with its next part, which loses what stands behind its end.
  bool end_with(AnswerPart& part);

 private:
  bool is_outdented(char next);

  int64_t indent_;
  int64_t milliseconds_;
  bool has_line_ = false;      // another than the first
  bool is_beginning_ = false;  // of which all so far is indentation
  int64_t indented_ = 0;
};

}  // namespace hearth::serve::llama
