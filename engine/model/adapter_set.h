// The adapters of a sequence.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/model/adapter.h"

namespace hearth {

/// Those of one sequence, each with how strongly it is added.
struct AdapterSet {
  struct Member {
    std::shared_ptr<const Adapter> adapter;
    float scale;
    int32_t first_position = 0;  // rows before it are without
    std::string key = {};        // tells adapters and scales apart
  };

  std::vector<Member> members;
  std::string key;  // tells sets and positions apart; "" for none
};

/// The set as a sequence that begins with `prompt` has it: what is activated by tokens is there from the last
/// place on where the prompt has them, and not at all where it has them nowhere. nullptr for none.
std::shared_ptr<const AdapterSet> activated(std::shared_ptr<const AdapterSet> set,
                                            std::span<const int32_t> prompt);
/// The same when the sequence has lost `count` rows from position `first` on.
std::shared_ptr<const AdapterSet> moved_up(std::shared_ptr<const AdapterSet> set, int32_t first,
                                           int32_t count);

}  // namespace hearth
