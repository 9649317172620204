#include "engine/grammar/automaton.h"

#include <algorithm>
#include <limits>

namespace hearth {
namespace {

/// How often a repetition must begin that needn't be told from more often.
constexpr int32_t kFar = std::numeric_limits<int32_t>::max();

// A grammar that means something has few threads at once; one that can be read in many ways at once, without
// end, stops growing here.
constexpr size_t kMostThreads = 4'000;
constexpr size_t kMostVisited = 40'000;
constexpr size_t kMostMemory = size_t{96} << 20;

constexpr uint64_t hash_of(StepId step, StackId stack) { return mix_hash(step, stack); }

}  // namespace

Automaton::Automaton(GrammarProgram program, int32_t reach) : program_(std::move(program)), reach_(reach) {
  begin();
}

void Automaton::begin() {
  known_.frames.push_back({});
  known_.configurations.push_back({});
  follow(program_.start, kBottom);
  start_ = intern_found();
}

StackId Automaton::push(Frame frame) {
  uint64_t hash = mix_hash((uint64_t{frame.step} << 32) | frame.written, frame.below);
  hash = mix_hash(hash,
                  (uint64_t{static_cast<uint32_t>(frame.least)} << 32) | static_cast<uint32_t>(frame.most));
  const auto [id, is_new] =
      known_.frame_index.find_or_add(hash, static_cast<StackId>(known_.frames.size()),
                                     [&](StackId other) { return known_.frames[other].same(frame); });
  if (!is_new) return id;
  Frame near = frame;
  if (near.least > reach_) near.least = kFar;
  if (near.most > reach_) near.most = kNoLimit;
  near.below = known_.frames[frame.below].near;
  frame.near = id;
  known_.frames.push_back(frame);
  if (!near.same(frame)) {
    const StackId found = push(near);
    known_.frames[id].near = found;
  }
  return id;
}

void Automaton::visit(StepId step, StackId stack) {
  const std::pair<StepId, StackId> wanted{step, stack};
  const auto number = static_cast<uint32_t>(visited_.size());
  if (number >= kMostVisited) {
    overflowed_ = true;
    return;
  }
  const auto [at, is_new] = visited_index_.find_or_add(
      hash_of(step, stack), number, [&](uint32_t other) { return visited_[other] == wanted; });
  if (is_new) visited_.push_back(wanted);
}

/// Finds the threads that a place of the program comes to without reading anything.
void Automaton::follow(StepId step, StackId stack) {
  size_t next = visited_.size();
  visit(step, stack);
  for (; next < visited_.size(); ++next) follow_one(visited_[next].first, visited_[next].second);
}

void Automaton::follow_one(StepId id, StackId stack) {
  const GrammarStep& step = program_.steps[id];
  switch (step.operation) {
    case StepOperation::kReturn: {
      if (stack == kBottom) {
        found_.push_back({id, 0, kBottom});
      } else {
        const Frame& frame = known_.frames[stack];
        visit(frame.step, frame.below);
      }
      break;
    }
    case StepOperation::kText:
    case StepOperation::kToken:
      found_.push_back({id, 0, stack});
      break;
    case StepOperation::kCharacters:
      found_.push_back({id, step.target, stack});
      break;
    case StepOperation::kSplit:
      for (const StepId target : program_.targets_of(step)) visit(target, stack);
      break;
    case StepOperation::kCall: {
      // A call that ends a rule needs no way back into it: right recursion goes on for ever in one frame.
      const bool last = program_.steps[step.next].operation == StepOperation::kReturn;
      visit(step.target, last ? stack : push({.step = step.next, .below = stack}));
      break;
    }
    case StepOperation::kRepeat:
      repeat({.step = id, .least = step.least, .most = step.most, .below = stack});
      break;
    case StepOperation::kAgain: {
      Frame frame = known_.frames[stack];
      frame.count_down();
      repeat(frame);
      break;
    }
    case StepOperation::kMembers: {
      const MemberList& list = program_.members[step.target];
      visit(list.first, push({.step = id, .least = step.least, .most = step.most, .below = stack}));
      break;
    }
    case StepOperation::kMayWrite:
      if (may_write(known_.frames[stack], step)) visit(step.next, stack);
      break;
    case StepOperation::kWrite:
      write(step, stack);
      break;
    case StepOperation::kMembersEnd:
      end_member(stack);
      break;
  }
}

void Automaton::Frame::count_down() {
  if (least != kFar && least > 0) --least;
  if (most != kNoLimit) --most;
}

void Automaton::repeat(Frame frame) {
  const GrammarStep& step = program_.steps[frame.step];
  if (frame.least == 0) visit(step.next, frame.below);
  if (frame.most != 0) visit(step.target, push(frame));
}

bool Automaton::may_write(const Frame& frame, const GrammarStep& members) const {
  const bool more = frame.most != 0;  // of those that are not required
  if (members.count == 0) return more;
  const std::vector<bool>& required = program_.members[program_.steps[frame.step].target].required;
  for (uint32_t member = members.begin; member < members.begin + members.count; ++member) {
    if ((more || required[member]) && !known_.sets.has(frame.written, member)) return true;
  }
  return false;
}

void Automaton::write(const GrammarStep& member, StackId stack) {
  Frame frame = known_.frames[stack];
  const MemberList& list = program_.members[program_.steps[frame.step].target];
  const bool once = member.count > 0;
  if (once) frame.written = known_.sets.with(frame.written, member.begin);
  if (!once || !list.required[member.begin]) frame.count_down();
  visit(member.next, push(frame));
}

void Automaton::end_member(StackId stack) {
  const Frame& frame = known_.frames[stack];
  const GrammarStep& members = program_.steps[frame.step];
  const MemberList& list = program_.members[members.target];
  bool complete = frame.least == 0;
  for (uint32_t member = 0; complete && member < list.required.size(); ++member) {
    complete = !list.required[member] || known_.sets.has(frame.written, member);
  }
  if (complete) visit(members.next, frame.below);
  visit(list.separator, stack);
}

void Automaton::read_byte(const GrammarThread& thread, uint8_t byte) {
  const GrammarStep& step = program_.steps[thread.step];
  if (step.operation == StepOperation::kText) {
    if (static_cast<uint8_t>(program_.text[step.begin + thread.within]) != byte) return;
    if (thread.within + 1 == step.count) {
      follow(step.next, thread.stack);
    } else {
      found_.push_back({thread.step, thread.within + 1, thread.stack});
    }
  } else if (step.operation == StepOperation::kCharacters) {
    const CharacterBytes::Node node = program_.characters.next(thread.within, byte);
    if (node == CharacterBytes::kWhole) {
      follow(step.next, thread.stack);
    } else if (node != CharacterBytes::kNone) {
      found_.push_back({thread.step, node, thread.stack});
    }
  }
}

ConfigurationId Automaton::intern_found() {
  visited_.clear();
  visited_index_.clear();
  std::sort(found_.begin(), found_.end());
  found_.erase(std::unique(found_.begin(), found_.end()), found_.end());
  if (found_.size() > kMostThreads) {
    overflowed_ = true;
    found_.resize(kMostThreads);
  }
  uint64_t hash = found_.size();
  for (const GrammarThread& thread : found_) {
    hash = mix_hash(hash, (uint64_t{thread.step} << 32) | thread.within);
    hash = mix_hash(hash, thread.stack);
  }
  Configuration configuration{.begin = static_cast<uint32_t>(known_.threads.size()),
                              .count = static_cast<uint32_t>(found_.size())};
  // The steps are in order, and kReturn at the empty stack is the first of all.
  configuration.can_end = !found_.empty() && found_[0].step == 0;
  ConfigurationId id = kDead;
  if (!found_.empty()) {
    const auto [known, is_new] = known_.configuration_index.find_or_add(
        hash, static_cast<ConfigurationId>(known_.configurations.size()),
        [&](ConfigurationId other) { return std::ranges::equal(threads(other), found_); });
    if (is_new) {
      known_.threads.insert(known_.threads.end(), found_.begin(), found_.end());
      known_.configurations.push_back(configuration);
    }
    id = known;
  }
  found_.clear();
  return id;
}

ConfigurationId Automaton::find_next(ConfigurationId from, uint8_t byte) {
  if (from == kDead) return kDead;
  if (memory() > kMostMemory) {
    overflowed_ = true;
    return kDead;
  }
  if (known_.configurations[from].row == kNoRow) {
    known_.configurations[from].row = static_cast<uint32_t>(known_.rows.size());
    known_.rows.resize(known_.rows.size() + program_.class_count, kUnknown);
  }
  // By number, as finding more moves the list of threads.
  const Configuration configuration = known_.configurations[from];
  for (uint32_t index = 0; index < configuration.count; ++index) {
    read_byte(known_.threads[configuration.begin + index], byte);
  }
  const ConfigurationId found = intern_found();
  known_.rows[configuration.row + program_.byte_classes[byte]] = found;
  return found;
}

ConfigurationId Automaton::next(ConfigurationId from, TokenId token, std::string_view bytes) {
  ConfigurationId by_bytes = bytes.empty() ? kDead : from;
  for (const char byte : bytes) by_bytes = next(by_bytes, static_cast<uint8_t>(byte));
  for (const GrammarThread& thread : threads(from)) {
    const GrammarStep& step = program_.steps[thread.step];
    if (step.operation == StepOperation::kToken && (step.token == token) != step.negated) {
      follow(step.next, thread.stack);
    }
  }
  if (found_.empty()) return by_bytes;
  const auto read = threads(by_bytes);
  found_.insert(found_.end(), read.begin(), read.end());
  return intern_found();
}

ConfigurationId Automaton::near(ConfigurationId id) {
  if (known_.configurations[id].near == kUnknown) {
    for (const GrammarThread& thread : threads(id)) {
      found_.push_back({thread.step, thread.within, known_.frames[thread.stack].near});
    }
    const ConfigurationId found = intern_found();
    known_.configurations[id].near = found;
  }
  return known_.configurations[id].near;
}

ConfigurationId Automaton::after_repetition(StackId stack) {
  const Frame frame = known_.frames[stack];
  follow(program_.steps[frame.step].next, frame.below);
  return intern_found();
}

bool Automaton::may_begin_alike(const GrammarThread& thread, CharacterBytes::Node root) const {
  const GrammarStep& reading = step(thread);
  const CharacterBytes& characters = program_.characters;
  if (reading.operation == StepOperation::kText) {
    const char byte = program_.text[reading.begin + thread.within];
    return characters.next(root, static_cast<uint8_t>(byte)) != CharacterBytes::kNone;
  }
  if (reading.operation != StepOperation::kCharacters) return false;
  const auto edges = characters.edges(thread.within);
  return std::any_of(edges.begin(), edges.end(), [&](const CharacterBytes::Edge& edge) {
    const auto others = characters.edges(root);
    return std::any_of(others.begin(), others.end(), [&](const CharacterBytes::Edge& other) {
      return other.first <= edge.last && edge.first <= other.last;
    });
  });
}

int Automaton::only_byte(ConfigurationId id) const {
  int only = -1;
  for (const GrammarThread& thread : threads(id)) {
    int byte = -1;
    const GrammarStep& wanted = step(thread);
    if (wanted.operation == StepOperation::kText) {
      byte = static_cast<uint8_t>(program_.text[wanted.begin + thread.within]);
    } else if (wanted.operation == StepOperation::kCharacters) {
      const auto edges = program_.characters.edges(thread.within);
      if (edges.size() == 1 && edges[0].first == edges[0].last) byte = edges[0].first;
    }
    if (byte < 0 || (only >= 0 && byte != only)) return -1;
    only = byte;
  }
  return only;
}

size_t Automaton::memory() const {
  return known_.frames.size() * sizeof(Frame) + known_.threads.size() * sizeof(GrammarThread) +
         known_.configurations.size() * sizeof(Configuration) + known_.rows.size() * sizeof(ConfigurationId) +
         known_.frame_index.memory() + known_.sets.memory() + known_.configuration_index.memory();
}

StackId Automaton::copy_stack(const Known& old, StackId stack, std::vector<StackId>& copies) {
  std::vector<StackId> missing;
  while (copies[stack] == kBottom && stack != kBottom) {
    missing.push_back(stack);
    stack = old.frames[stack].below;
  }
  StackId copy = copies[stack];
  for (; !missing.empty(); missing.pop_back()) {
    Frame frame = old.frames[missing.back()];
    frame.below = copy;
    frame.written = known_.sets.add(old.sets.words(frame.written));
    copy = copies[missing.back()] = push(frame);
  }
  return copy;
}

void Automaton::forget(std::span<ConfigurationId* const> used) {
  const Known old = std::exchange(known_, {});
  overflowed_ = false;
  begin();
  std::vector<StackId> copies(old.frames.size(), kBottom);
  for (ConfigurationId* const id : used) {
    const Configuration& configuration = old.configurations[*id];
    for (uint32_t index = 0; index < configuration.count; ++index) {
      GrammarThread thread = old.threads[configuration.begin + index];
      thread.stack = copy_stack(old, thread.stack, copies);
      found_.push_back(thread);
    }
    *id = intern_found();
  }
}

}  // namespace hearth
