// A grammar as a program for the automaton: small steps, each of which reads bytes or says where to go on.
//
// Steps stand in one list and name each other by their places in it. What is repeated stands there once; the
// automaton counts. A repetition's body never reads the empty text (what can be empty is rewritten without
// it), so that the automaton never turns in a circle.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/grammar/character_bytes.h"
#include "engine/grammar/grammar.h"

namespace hearth {

enum class StepOperation : uint8_t {
  kReturn,      // from a rule; from the root, the answer may end
  kText,        // reads bytes
  kCharacters,  // reads a character of a set
  kToken,       // reads a token
  kSplit,       // goes on at any of several places
  kCall,        // a rule, then `next`
  kRepeat,      // the body at `target`, counted, then `next`
  kAgain,       // the end of the body of the repetition at `target`
  kMembers,     // the list of members `target`, then `next`
  kMayWrite,    // goes on where one of `count` members from `begin` on may come; none: one that repeats
  kWrite,       // takes down that the member `begin` has come; no `count`: one that repeats
  kMembersEnd,  // the end of a member: another, or what follows
};

/// Whether a character may be followed by more of its own set with nothing else changed: then all tokens of
/// such characters are possible, and known beforehand.
enum class CharacterRun : uint8_t {
  kNone,
  kCounted,  // as often as the repetition at the top of the stack allows
  kEndless,
};

using StepId = uint32_t;

struct GrammarStep {
  StepOperation operation;
  bool negated = false;                    // of a token
  CharacterRun run = CharacterRun::kNone;  // of characters
  StepId next = 0;
  // Of a call, a repetition or its end: a step. Of characters: the set's root. Of members: their list.
  uint32_t target = 0;
  uint32_t begin = 0;  // of a text's bytes, a split's targets or a set's ranges
  uint32_t count = 0;  // and how many there are
  TokenId token = kNoToken;
  int32_t least = 0;  // of a repetition
  int32_t most = 0;   // kNoLimit: no limit
};

/// Members that come in any order, those that may come once numbered from 0.
struct MemberList {
  StepId first = 0;            // where a member begins
  StepId separator = 0;        // where what leads to a further one begins, if one may be written
  std::vector<bool> required;  // of those that may come once
};

struct GrammarProgram {
  std::vector<GrammarStep> steps;  // the first is kReturn
  StepId start = 0;
  std::string text;
  std::vector<StepId> targets;
  std::vector<MemberList> members;
  std::vector<CodePointRange> ranges;
  CharacterBytes characters;
  /// Bytes that no step tells apart have the same class, counted from 0.
  std::array<uint8_t, 256> byte_classes{};
  uint32_t class_count = 0;

  std::string_view text_of(const GrammarStep& step) const {
    return std::string_view(text).substr(step.begin, step.count);
  }
  std::span<const StepId> targets_of(const GrammarStep& step) const {
    return std::span(targets).subspan(step.begin, step.count);
  }
  std::span<const CodePointRange> ranges_of(const GrammarStep& step) const {
    return std::span(ranges).subspan(step.begin, step.count);
  }
};

/// Finds a token by its text; kNoToken where there is none.
using FindToken = std::function<TokenId(std::string_view text)>;

/// Without `find_token`, tokens that are named by their text are that text, and numbered ones are written as
/// the grammar writes them, <[42]>: so grammars can be tried without a vocabulary. INVALID_ARGUMENT for a
/// token that the vocabulary hasn't, or where the grammar comes to too many steps.
Result<GrammarProgram> compile_grammar(const Grammar& grammar, const FindToken& find_token);

}  // namespace hearth
