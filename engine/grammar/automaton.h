// The automaton over bytes that follows a grammar's program, made as it is used.
//
// A configuration is everything that may be going on at a place of a text: a set of threads, each at a step
// of the program with a stack of what it goes back to. Stacks are lists that share their tails; equal stacks,
// and equal configurations, are one and have a number. Where a byte leads from a configuration is worked out
// once and kept. So a matcher is no more than a number: to copy it or to go back costs nothing.
//
// What has been worked out may be thrown away at any time (`forget`) but for the configurations still in use.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/grammar/hash_index.h"
#include "engine/grammar/number_sets.h"
#include "engine/grammar/program.h"

namespace hearth {

/// A configuration; kDead where nothing goes on.
using ConfigurationId = uint32_t;

/// A stack: its top, with what lies below; kBottom is the empty one.
using StackId = uint32_t;

struct GrammarThread {
  StepId step;
  uint32_t within;  // bytes read of the step's text, or the node within its character
  StackId stack;
  // Not a null pointer: NOLINTNEXTLINE(modernize-use-nullptr)
  auto operator<=>(const GrammarThread&) const = default;
};

class Automaton {
 public:
  static constexpr ConfigurationId kDead = 0;
  static constexpr StackId kBottom = 0;

  /// In no more than `reach` bytes to come, bounds that lie further off make no difference (see `near`).
  Automaton(GrammarProgram program, int32_t reach);

  const GrammarProgram& program() const { return program_; }
  ConfigurationId start() const { return start_; }

  ConfigurationId next(ConfigurationId from, uint8_t byte) {
    const uint32_t row = known_.configurations[from].row;
    if (row != kNoRow) {
      const ConfigurationId known = known_.rows[row + program_.byte_classes[byte]];
      if (known != kUnknown) return known;
    }
    return find_next(from, byte);
  }

  /// Where a token of the vocabulary leads whose text is `bytes`, read byte by byte or by rules that name
  /// tokens. Control tokens have no bytes; those that end answers don't belong here.
  ConfigurationId next(ConfigurationId from, TokenId token, std::string_view bytes);

  /// Whether the answer may end here.
  bool can_end(ConfigurationId id) const { return known_.configurations[id].can_end; }

  /// The only byte that may come next; -1 where there are several, or where the answer may end or a token
  /// come.
  int only_byte(ConfigurationId id) const;

  std::span<const GrammarThread> threads(ConfigurationId id) const {
    return std::span(known_.threads)
        .subspan(known_.configurations[id].begin, known_.configurations[id].count);
  }
  const GrammarStep& step(const GrammarThread& thread) const { return program_.steps[thread.step]; }
  /// How often the repetition at the stack's top may still begin, this time included; kNoLimit: any number.
  int32_t most_left(StackId stack) const { return known_.frames[stack].most; }

  /// What comes when the repetition at the stack's top has ended.
  ConfigurationId after_repetition(StackId stack);
  /// Whether a thread reads a byte with which a character of the set with this root begins.
  bool may_begin_alike(const GrammarThread& thread, CharacterBytes::Node root) const;

  /// The configuration that reads the same next `reach` bytes: counts that can't come to an end within them
  /// are endless. Far from their bounds, strings of limited length are all in one configuration so.
  ConfigurationId near(ConfigurationId id);

  /// Roughly what has been worked out, in bytes, and whether it is so much that it should be forgotten.
  size_t memory() const;
  bool is_large() const { return memory() > kLargeMemory; }
  /// Whether so much is going on at once that not all of it was followed: what was followed is right, but
  /// there may be more. Until `forget`.
  bool overflowed() const { return overflowed_; }
  /// Keeps nothing but the configurations named, which get other numbers.
  void forget(std::span<ConfigurationId* const> used);

 private:
  static constexpr uint32_t kNoRow = UINT32_MAX;
  static constexpr ConfigurationId kUnknown = UINT32_MAX;

  struct Configuration {
    uint32_t begin = 0;  // of its threads
    uint32_t count = 0;
    uint32_t row = kNoRow;  // of where each class of bytes leads
    ConfigurationId near = kUnknown;
    bool can_end = false;
  };

  /// A rule's return to `step`; or the repetition there and how often it must and may begin, this time
  /// included; or the list of members there, how many that are not required must and may follow, and which of
  /// those that come once were written.
  struct Frame {
    StepId step = 0;
    int32_t least = 0;
    int32_t most = 0;
    NumberSetId written = NumberSets::kEmpty;
    StackId below = kBottom;
    StackId near = kBottom;

    bool same(const Frame& other) const {
      return step == other.step && least == other.least && most == other.most && written == other.written &&
             below == other.below;
    }
    void count_down();
  };

  /// What has been worked out.
  struct Known {
    std::vector<Frame> frames;
    HashIndex frame_index;
    NumberSets sets;
    std::vector<GrammarThread> threads;  // of all configurations, one after another
    std::vector<Configuration> configurations;
    HashIndex configuration_index;
    std::vector<ConfigurationId> rows;
  };

  static constexpr size_t kLargeMemory = size_t{24} << 20;

  void begin();
  ConfigurationId find_next(ConfigurationId from, uint8_t byte);
  void read_byte(const GrammarThread& thread, uint8_t byte);
  void follow(StepId step, StackId stack);
  void follow_one(StepId id, StackId stack);
  void repeat(Frame frame);
  bool may_write(const Frame& frame, const GrammarStep& members) const;
  void write(const GrammarStep& member, StackId stack);
  void end_member(StackId stack);
  void visit(StepId step, StackId stack);
  StackId push(Frame frame);
  ConfigurationId intern_found();
  StackId copy_stack(const Known& old, StackId stack, std::vector<StackId>& copies);

  GrammarProgram program_;
  int32_t reach_;
  Known known_;
  ConfigurationId start_ = kDead;
  bool overflowed_ = false;

  // Room for one step, which is used again.
  std::vector<GrammarThread> found_;
  std::vector<std::pair<StepId, StackId>> visited_;  // in the order in which they are followed
  HashIndex visited_index_;
};

}  // namespace hearth
