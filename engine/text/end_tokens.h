// Which tokens end an answer. Metadata names one or two; the rest are known by their spelling, as files do
// not list them.
#pragma once

#include <span>
#include <vector>

#include "engine/text/tokenizer.h"
#include "engine/text/vocabulary.h"

namespace hearth {

/// The tokens that end an answer, sorted: special.eos, special.eot, `also` (kNoToken among them is none) and
/// those known by name. Sets special.eot where it is kNoToken and a known end of turn is in the vocabulary.
/// special.eos and those known by name become control tokens, even if the file calls them otherwise, so that
/// no user can write them.
std::vector<TokenId> find_end_tokens(Vocabulary& vocabulary, SpecialTokens& special,
                                     std::span<const TokenId> also = {});

}  // namespace hearth
