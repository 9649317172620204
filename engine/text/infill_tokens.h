// The tokens around what a model is given where it is to write the middle of a text. Files name them rarely;
// most are known by their spelling.
#pragma once

#include "engine/text/tokenizer.h"
#include "engine/text/vocabulary.h"

namespace hearth {

/// `named` with those filled in that are kNoToken and whose known spelling is a control token of the
/// vocabulary. None where a prefix, suffix or middle is lacking, without which nothing can be asked for.
InfillTokens find_infill_tokens(const Vocabulary& vocabulary, InfillTokens named);

}  // namespace hearth
