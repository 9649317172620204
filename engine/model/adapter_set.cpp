#include "engine/model/adapter_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace hearth {
namespace {

std::shared_ptr<const AdapterSet> set_of(std::vector<AdapterSet::Member> members) {
  if (members.empty()) return nullptr;
  auto set = std::make_shared<AdapterSet>();
  for (const AdapterSet::Member& member : members) {
    set->key += member.key;
    if (member.first_position > 0) set->key += fmt::format("@{}", member.first_position);
    set->key += ' ';
  }
  set->members = std::move(members);
  return set;
}

bool is_activated_by_tokens(const AdapterSet::Member& member) {
  return !member.adapter->invocation_tokens().empty();
}

}  // namespace

std::shared_ptr<const AdapterSet> activated(std::shared_ptr<const AdapterSet> set,
                                            std::span<const int32_t> prompt) {
  if (set == nullptr || std::ranges::none_of(set->members, is_activated_by_tokens)) return set;
  std::vector<AdapterSet::Member> members;
  for (AdapterSet::Member member : set->members) {
    if (is_activated_by_tokens(member)) {
      const std::span<const int32_t> tokens = member.adapter->invocation_tokens();
      const auto place = std::find_end(prompt.begin(), prompt.end(), tokens.begin(), tokens.end());
      if (place == prompt.end()) continue;
      member.first_position = static_cast<int32_t>(place - prompt.begin());
    }
    members.push_back(std::move(member));
  }
  return set_of(std::move(members));
}

std::shared_ptr<const AdapterSet> moved_up(std::shared_ptr<const AdapterSet> set, int32_t first,
                                           int32_t count) {
  if (set == nullptr || std::ranges::none_of(set->members, is_activated_by_tokens)) return set;
  std::vector<AdapterSet::Member> members = set->members;
  for (AdapterSet::Member& member : members) {
    if (member.first_position > first) {
      member.first_position = std::max(first, member.first_position - count);
    }
  }
  return set_of(std::move(members));
}

}  // namespace hearth
