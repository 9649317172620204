#include "engine/grammar/program_analysis.h"

#include <algorithm>

namespace hearth {
namespace {

/// Of a rule that is written out wherever it is used.
constexpr size_t kMostInlinedSteps = 16;

/// A rule's steps, up to one more than may be inlined, and the rules that it refers to.
struct SmallRule {
  size_t steps = 0;
  std::vector<RuleId> references;

  void measure(const Expressions& expressions, ExpressionId id) {
    if (++steps > kMostInlinedSteps) return;
    const Expression& expression = expressions[id];
    if (expression.kind == ExpressionKind::kReference) {
      references.push_back(expression.rule);
    } else if (expression.kind == ExpressionKind::kMembers) {
      steps = kMostInlinedSteps + 1;
    } else if (expression.kind == ExpressionKind::kSequence || expression.kind == ExpressionKind::kChoice ||
               expression.kind == ExpressionKind::kRepeat) {
      for (const ExpressionId part : expressions.parts(expression)) {
        if (steps <= kMostInlinedSteps) measure(expressions, part);
      }
    }
  }
};

/// Follows from a character what reads nothing and leaves the stack as it is.
class RunFinder {
 public:
  explicit RunFinder(const GrammarProgram& program) : program_(program) {}

  CharacterRun find(StepId characters) {
    seen_.clear();
    after_body_ = kNoStep;
    visit(program_.steps[characters].next);
    if (follow(characters)) return CharacterRun::kEndless;
    if (after_body_ == kNoStep) return CharacterRun::kNone;
    seen_.clear();
    visit(after_body_);
    return follow(characters) ? CharacterRun::kCounted : CharacterRun::kNone;
  }

 private:
  static constexpr StepId kNoStep = UINT32_MAX;
  // Characters that run on are found near; a search in everything that may follow would take long.
  static constexpr size_t kMostSeen = 64;

  void visit(StepId step) {
    if (seen_.size() < kMostSeen && std::find(seen_.begin(), seen_.end(), step) == seen_.end()) {
      seen_.push_back(step);
    }
  }

  bool follow(StepId wanted) {
    for (size_t index = 0; index < seen_.size(); ++index) {
      if (seen_[index] == wanted) return true;
      const GrammarStep& step = program_.steps[seen_[index]];
      if (step.operation == StepOperation::kSplit) {
        for (const StepId target : program_.targets_of(step)) visit(target);
      } else if (step.operation == StepOperation::kCall &&
                 program_.steps[step.next].operation == StepOperation::kReturn) {
        visit(step.target);
      } else if (step.operation == StepOperation::kAgain) {
        after_body_ = program_.steps[step.target].target;
      }
    }
    return false;
  }

  const GrammarProgram& program_;
  std::vector<StepId> seen_;  // in the order in which they are followed
  StepId after_body_ = kNoStep;
};

}  // namespace

std::vector<bool> find_rules_to_inline(const Grammar& grammar) {
  const std::span<const Rule> rules = grammar.rules();
  std::vector<bool> inlined(rules.size());
  std::vector<SmallRule> small(rules.size());
  for (size_t index = 0; index < rules.size(); ++index)
    small[index].measure(grammar.expressions(), rules[index].body);
  const auto is_small = [&](size_t rule) { return small[rule].steps <= kMostInlinedSteps; };
  // From rules that refer to no small ones upwards; those that refer to each other in a circle are never
  // ready.
  std::vector<std::vector<uint32_t>> users(rules.size());
  std::vector<size_t> open(rules.size());  // references to small rules that are not decided yet
  std::vector<uint32_t> ready;
  for (uint32_t index = 0; index < rules.size(); ++index) {
    if (!is_small(index)) continue;
    for (const RuleId reference : small[index].references) {
      if (!is_small(reference.index)) continue;
      users[reference.index].push_back(index);
      ++open[index];
    }
    if (open[index] == 0) ready.push_back(index);
  }
  while (!ready.empty()) {
    const uint32_t rule = ready.back();
    ready.pop_back();
    for (const RuleId reference : small[rule].references) {
      if (inlined[reference.index]) small[rule].steps += small[reference.index].steps;
    }
    inlined[rule] = is_small(rule);
    for (const uint32_t user : users[rule]) {
      if (--open[user] == 0) ready.push_back(user);
    }
  }
  return inlined;
}

void find_runs(GrammarProgram& program) {
  RunFinder finder(program);
  for (StepId id = 0; id < program.steps.size(); ++id) {
    if (program.steps[id].operation == StepOperation::kCharacters) program.steps[id].run = finder.find(id);
  }
}

}  // namespace hearth
