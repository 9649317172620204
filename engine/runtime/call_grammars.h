// The grammars that hold the arguments of calls to their tools' schemas.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "engine/grammar/grammar_cache.h"
#include "engine/runtime/answer_reader.h"

namespace hearth {

struct CallGrammars {
  /// By the tool's name and AnswerReader's number of the notation.
  std::map<std::pair<std::string, size_t>, std::shared_ptr<TokenGrammar>> grammars;
  /// Of the call that the answer must begin with; none where it need not, or where nothing is left to hold.
  std::shared_ptr<TokenGrammar> required;
  /// For each tool whose schema no grammar keeps: its arguments are held to be an object, and no more.
  std::vector<std::string> warnings;
};

/// INVALID_ARGUMENT for a tool whose schema is none or that no value keeps to; UNSUPPORTED for a strict tool
/// whose schema cannot be kept, or not in calls of this model. Both name the tool and the place in its
/// schema. `salt` as GrammarCache has it.
Result<CallGrammars> call_grammars(const AnswerReader& reader, GrammarCache& cache, std::string_view salt);

}  // namespace hearth
