#include "engine/grammar/program.h"

#include <fmt/format.h>

#include <algorithm>
#include <bitset>
#include <optional>
#include <utility>

#include "engine/grammar/program_analysis.h"

namespace hearth {
namespace {

constexpr StepId kReturnStep = 0;

// Members that are this few have their names apart, so that each can be told where none of them came.
constexpr size_t kMostNamesApart = 8;
/// Of names that begin alike, one within another.
constexpr int kMostBranches = 100;

/// Compiles expressions from their ends: each function gets the step that follows and gives the one to begin
/// with.
class GrammarCompiler {
 public:
  GrammarCompiler(const Grammar& grammar, const FindToken& find_token)
      : grammar_(grammar),
        expressions_(grammar.expressions()),
        find_token_(find_token),
        inlined_(find_rules_to_inline(grammar)),
        entries_(grammar.rules().size() * 2) {
    program_.steps.push_back({.operation = StepOperation::kReturn});
  }

  Result<GrammarProgram> compile() {
    program_.start = entry_of(grammar_.root(), false);
    while (!pending_.empty()) {
      const Entry entry = pending_.back();
      pending_.pop_back();
      const ExpressionId body = grammar_.rules()[entry.rule.index].body;
      set_targets(entry.step, {entry.reads_something ? reading(body, kReturnStep) : any(body, kReturnStep)});
    }
    if (fault_) return *std::move(fault_);
    find_byte_classes();
    find_runs(program_);
    return std::move(program_);
  }

 private:
  struct Entry {
    RuleId rule;
    bool reads_something;  // the rule without the empty text
    StepId step;
  };

  StepId add(GrammarStep step) {
    if (program_.steps.size() > kMostGrammarStates) {
      fail(fmt::format("the grammar comes to more than {} states: make it smaller", kMostGrammarStates));
      return kReturnStep;
    }
    program_.steps.push_back(step);
    return static_cast<StepId>(program_.steps.size() - 1);
  }

  void fail(std::string message) {
    if (!fault_) fault_ = Error{ErrorCode::kInvalidArgument, std::move(message)};
    pending_.clear();
  }

  void set_targets(StepId split, std::span<const StepId> targets) {
    GrammarStep& step = program_.steps[split];
    step.begin = static_cast<uint32_t>(program_.targets.size());
    step.count = static_cast<uint32_t>(targets.size());
    program_.targets.insert(program_.targets.end(), targets.begin(), targets.end());
  }
  void set_targets(StepId split, std::initializer_list<StepId> targets) {
    set_targets(split, std::span(targets.begin(), targets.size()));
  }

  StepId add_split(std::span<const StepId> targets) {
    if (targets.size() == 1) return targets[0];
    const StepId split = add({.operation = StepOperation::kSplit});
    if (split != kReturnStep) set_targets(split, targets);
    return split;
  }

  StepId entry_of(RuleId rule, bool reads_something) {
    std::optional<StepId>& entry = entries_[rule.index * 2 + (reads_something ? 1 : 0)];
    if (!entry) {
      entry = add({.operation = StepOperation::kSplit});
      pending_.push_back({rule, reads_something, *entry});
    }
    return *entry;
  }

  /// What the expression reads, then `next`. Requires that it can end.
  StepId any(ExpressionId id, StepId next) {
    const Expression& expression = expressions_[id];
    switch (expression.kind) {
      case ExpressionKind::kText:
        return add_text(expressions_.text(expression), next);
      case ExpressionKind::kCharacters:
        return add_characters(expressions_.ranges(expression), next);
      case ExpressionKind::kToken:
        return add_token(expression, next);
      case ExpressionKind::kSequence: {
        const auto parts = expressions_.parts(expression);
        for (size_t index = parts.size(); index > 0; --index) next = any(parts[index - 1], next);
        return next;
      }
      case ExpressionKind::kChoice: {
        std::vector<StepId> targets;
        for (const ExpressionId part : expressions_.parts(expression)) {
          if (grammar_.can_end(part)) targets.push_back(any(part, next));
        }
        return add_split(targets);
      }
      case ExpressionKind::kRepeat:
        return add_repetition(expression, false, next);
      case ExpressionKind::kMembers: {
        const StepId either[] = {add_members(expression, next), next};
        return grammar_.can_be_empty(id) ? add_split(either) : either[0];
      }
      case ExpressionKind::kReference:
        return add_reference(expression.rule, false, next);
    }
    return next;
  }

  /// What the expression reads other than the empty text, then `next`.
  StepId reading(ExpressionId id, StepId next) {
    if (!grammar_.can_be_empty(id)) return any(id, next);
    const Expression& expression = expressions_[id];
    switch (expression.kind) {
      case ExpressionKind::kSequence:
        return sequence_that_reads(expressions_.parts(expression), next);
      case ExpressionKind::kChoice: {
        std::vector<StepId> targets;
        for (const ExpressionId part : expressions_.parts(expression)) {
          if (grammar_.can_end(part)) targets.push_back(reading(part, next));
        }
        return add_split(targets);
      }
      case ExpressionKind::kRepeat:
        return add_repetition(expression, true, next);
      case ExpressionKind::kMembers:
        return add_members(expression, next);
      case ExpressionKind::kReference:
        return add_reference(expression.rule, true, next);
      default:
        return next;  // the others are never empty
    }
  }

  /// The parts before the first that reads something are empty: any part may be the first. Requires that all
  /// of them can be empty.
  StepId sequence_that_reads(std::span<const ExpressionId> parts, StepId next) {
    std::vector<StepId> targets;
    for (size_t index = parts.size(); index > 0; --index) {
      targets.push_back(reading(parts[index - 1], next));
      if (index > 1) next = any(parts[index - 1], next);
    }
    return add_split(targets);
  }

  StepId add_text(std::string_view text, StepId next) {
    const auto begin = static_cast<uint32_t>(program_.text.size());
    program_.text += text;
    return add({.operation = StepOperation::kText,
                .next = next,
                .begin = begin,
                .count = static_cast<uint32_t>(text.size())});
  }

  StepId add_characters(std::span<const CodePointRange> ranges, StepId next) {
    const auto begin = static_cast<uint32_t>(program_.ranges.size());
    program_.ranges.insert(program_.ranges.end(), ranges.begin(), ranges.end());
    return add({.operation = StepOperation::kCharacters,
                .next = next,
                .target = program_.characters.add(ranges),
                .begin = begin,
                .count = static_cast<uint32_t>(ranges.size())});
  }

  StepId add_token(const Expression& expression, StepId next) {
    TokenId token = expression.token;
    const std::string_view name = expressions_.text(expression);
    if (!find_token_) {
      constexpr CodePointRange kAny[] = {{0, 0xD7FF}, {0xE000, 0x10FFFF}};
      if (expression.negated) return add_characters(kAny, next);
      return add_text(token == kNoToken ? name : fmt::format("<[{}]>", token), next);
    }
    if (token == kNoToken) token = find_token_(name);
    if (token == kNoToken) {
      fail(fmt::format("the grammar names the token {}, which the model's vocabulary hasn't", name));
    }
    return add(
        {.operation = StepOperation::kToken, .negated = expression.negated, .next = next, .token = token});
  }

  StepId add_reference(RuleId rule, bool reads_something, StepId next) {
    if (inlined_[rule.index]) {
      const ExpressionId body = grammar_.rules()[rule.index].body;
      return reads_something ? reading(body, next) : any(body, next);
    }
    return add({.operation = StepOperation::kCall, .next = next, .target = entry_of(rule, reads_something)});
  }

  StepId add_repetition(const Expression& expression, bool reads_something, StepId next) {
    const ExpressionId part = expressions_.parts(expression)[0];
    if (!grammar_.can_end(part)) return reads_something ? add_split({}) : next;
    int32_t least = grammar_.can_be_empty(part) ? 0 : expression.least;
    if (reads_something) least = std::max(least, 1);
    if (expression.most == kNoLimit && least <= 1) {
      const StepId again = add({.operation = StepOperation::kSplit});
      const StepId body = reading(part, again);
      set_targets(again, {body, next});
      return least == 0 ? again : body;
    }
    if (expression.most == 1) {
      const StepId body = reading(part, next);
      const StepId either[] = {body, next};
      return least == 0 ? add_split(either) : body;
    }
    const StepId repetition =
        add({.operation = StepOperation::kRepeat, .next = next, .least = least, .most = expression.most});
    const StepId body = reading(part, add({.operation = StepOperation::kAgain, .target = repetition}));
    program_.steps[repetition].target = body;
    return repetition;
  }

  /// A member that may come once.
  struct Member {
    std::string_view name;  // the text that it begins with, if it does
    ExpressionId part;
    bool required;
  };

  std::string_view name_of(ExpressionId part) const {
    const Expression& expression = expressions_[part];
    if (expression.kind == ExpressionKind::kText) return expressions_.text(expression);
    if (expression.kind != ExpressionKind::kSequence || expression.count == 0) return {};
    return name_of(expressions_.parts(expression)[0]);
  }

  /// What follows the member's name.
  StepId behind_name(ExpressionId part, StepId next) {
    const Expression& expression = expressions_[part];
    if (expression.kind == ExpressionKind::kText) return next;
    if (name_of(part).empty()) return any(part, next);
    const auto parts = expressions_.parts(expression);
    for (size_t index = parts.size(); index > 1; --index) next = any(parts[index - 1], next);
    return behind_name(parts[0], next);
  }

  std::vector<Member> members_by_name(const Expression& expression) const {
    std::vector<Member> members;
    for (const ExpressionId part : expressions_.required(expression)) {
      members.push_back({name_of(part), part, true});
    }
    for (const ExpressionId part : expressions_.optional(expression)) {
      if (grammar_.can_end(part)) members.push_back({name_of(part), part, false});
    }
    std::stable_sort(members.begin(), members.end(),
                     [](const Member& a, const Member& b) { return a.name < b.name; });
    return members;
  }

  StepId add_members(const Expression& expression, StepId next) {
    const auto number = static_cast<uint32_t>(program_.members.size());
    program_.members.emplace_back();
    const StepId list = add({.operation = StepOperation::kMembers,
                             .next = next,
                             .target = number,
                             .least = expression.least,
                             .most = expression.most});
    const StepId end = add({.operation = StepOperation::kMembersEnd});
    const std::vector<Member> members = members_by_name(expression);
    std::vector<StepId> ways;
    add_ways(members, {0, static_cast<uint32_t>(members.size()), 0, 0}, end, ways);
    const size_t ways_once = ways.size();
    for (const ExpressionId part : expressions_.repeated(expression)) {
      if (!grammar_.can_end(part)) continue;
      const StepId body = any(part, end);
      ways.push_back(add_guard(0, 0, add({.operation = StepOperation::kWrite, .next = body})));
    }
    const bool repeats = ways.size() > ways_once;
    const StepId first = add_split(ways);
    const StepId between = any(expressions_.parts(expression)[0], first);
    ways.clear();
    if (!members.empty()) ways.push_back(add_guard(0, static_cast<uint32_t>(members.size()), between));
    if (repeats) ways.push_back(add_guard(0, 0, between));
    MemberList& made = program_.members[number];
    made.first = first;
    made.separator = add_split(ways);
    for (const Member& member : members) made.required.push_back(member.required);
    return list;
  }

  StepId add_guard(uint32_t first, uint32_t count, StepId next) {
    return add({.operation = StepOperation::kMayWrite, .next = next, .begin = first, .count = count});
  }

  /// Members from one to another in the order of their names, which are alike up to `depth`.
  struct Names {
    uint32_t first;
    uint32_t last;
    size_t depth;
    int branches;  // that lead here
  };

  /// A way for each byte that comes next in the names, so that those that begin alike are read as one.
  void add_ways(const std::vector<Member>& members, Names names, StepId end, std::vector<StepId>& ways) {
    const bool shared = members.size() > kMostNamesApart && names.branches < kMostBranches;
    while (names.first < names.last) {
      const std::string_view name = members[names.first].name.substr(names.depth);
      Names alike = names;
      alike.last = names.first + 1;
      ++alike.branches;
      while (shared && !name.empty() && alike.last < names.last &&
             members[alike.last].name.substr(names.depth).starts_with(name[0])) {
        ++alike.last;
      }
      ways.push_back(add_guard(alike.first, alike.last - alike.first, add_names(members, alike, end)));
      names.first = alike.last;
    }
  }

  StepId add_names(const std::vector<Member>& members, Names names, StepId end) {
    const std::string_view name = members[names.first].name.substr(names.depth);
    if (names.last - names.first == 1) {
      const StepId rest = behind_name(members[names.first].part, end);
      const StepId written =
          add({.operation = StepOperation::kWrite, .next = rest, .begin = names.first, .count = 1});
      return name.empty() ? written : add_text(name, written);
    }
    const std::string_view last = members[names.last - 1].name.substr(names.depth);
    const auto differ = std::mismatch(name.begin(), name.end(), last.begin(), last.end()).first;
    const auto alike = static_cast<size_t>(differ - name.begin());
    names.depth += alike;
    std::vector<StepId> ways;
    add_ways(members, names, end, ways);
    return add_text(name.substr(0, alike), add_split(ways));
  }

  void find_byte_classes() {
    std::bitset<257> begins;
    begins.set(0);
    for (const char byte : program_.text) {
      begins.set(static_cast<uint8_t>(byte));
      begins.set(static_cast<uint8_t>(byte) + 1U);
    }
    for (CharacterBytes::Node node = 0; node < program_.characters.size(); ++node) {
      for (const CharacterBytes::Edge& edge : program_.characters.edges(node)) {
        begins.set(edge.first);
        begins.set(edge.last + 1U);
      }
    }
    uint32_t classes = 0;
    for (size_t byte = 0; byte < 256; ++byte) {
      if (begins[byte]) ++classes;
      program_.byte_classes[byte] = static_cast<uint8_t>(classes - 1);
    }
    program_.class_count = classes;
  }

  const Grammar& grammar_;
  const Expressions& expressions_;
  const FindToken& find_token_;
  std::vector<bool> inlined_;
  std::vector<std::optional<StepId>> entries_;  // of each rule: as it is, and without the empty text
  std::vector<Entry> pending_;
  std::optional<Error> fault_;
  GrammarProgram program_;
};

}  // namespace

Result<GrammarProgram> compile_grammar(const Grammar& grammar, const FindToken& find_token) {
  return GrammarCompiler(grammar, find_token).compile();
}

}  // namespace hearth
