// What a model has read, as bytes that outlive it: the tokens, keys and values of texts in its tree of
// prefixes. A model that gets them back does not read those texts again. Of what is kept under a key, who
// knows the key saves one text and gets it back under it: adapters have other numbers in the next run, and a
// salt's texts are for nobody else to read.
//
// A header, then every text, the one used last first: its number of tokens (uint32), how many of them an
// earlier text has in its pages, too (uint32), the tokens (int32), and the pages of the others in order, each
// through all layers. Where the network has states of one size, each page is followed by whether there is one
// of its end (uint32, 0 or 1) and by that. Little-endian, as every machine that Hearth runs on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/model/states.h"
#include "engine/runtime/prefix_tree.h"

namespace hearth {

/// What is kept in a tree, the one used last at the end.
using KeptTexts = std::vector<PrefixTree::Text>;

/// Bytes that save_state will write.
uint64_t saved_state_size(const StateStore& states, const KeptTexts& kept);

/// Fills `state`, of saved_state_size bytes. `model` tells models apart (Model::identity).
/// DEVICE_LOST where they could not be read.
Result<void> save_state(uint64_t model, const StateStore& states, const KeptTexts& kept,
                        std::span<std::byte> state);

/// Adds what was saved to `prefixes` under the key, as used last; what is there already makes room where it
/// must, and of a state larger than the cache what was used last stays. INVALID_ARGUMENT for bytes that are
/// no state, or that of another model or another type of cache; INTEGRITY for damaged ones. Then nothing has
/// changed.
Result<void> restore_state(uint64_t model, std::span<const std::byte> state, StateStore& states,
                           PrefixTree& prefixes, std::string_view key = "");

}  // namespace hearth
