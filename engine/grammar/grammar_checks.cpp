#include "engine/grammar/grammar_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <utility>

namespace hearth {
namespace {

/// Finds for which expressions something holds that holds for a sequence if it does for all of its parts, for
/// a choice if it does for any, for members if it does for as many as there must be, and for a reference if
/// it does for the rule. Each fact is followed once, to the expressions that it matters to, so that this
/// takes time in proportion to the grammar.
class Spread {
 public:
  Spread(const Expressions& expressions, std::span<const Rule> rules)
      : expressions_(expressions), holds_(expressions.size()), missing_(expressions.size()) {
    users_.resize(expressions.size());
    member_users_.resize(expressions.size());
    for (uint32_t index = 0; index < expressions.size(); ++index) {
      const Expression& expression = expressions[{index}];
      if (expression.kind == ExpressionKind::kReference) {
        users_[rules[expression.rule.index].body.index].push_back({index});
      } else if (has_parts(expression)) {
        for (const ExpressionId part : expressions.parts(expression)) users_[part.index].push_back({index});
      }
      missing_[index] = expression.kind == ExpressionKind::kSequence ? expression.count : 1;
      if (expression.kind == ExpressionKind::kMembers) add_members({index});
    }
  }

  /// Given what holds for expressions by themselves.
  template <typename Holds>
  std::vector<bool> from(Holds&& holds_by_itself) {
    for (uint32_t index = 0; index < expressions_.size(); ++index) {
      if (missing_[index] == 0 || holds_by_itself(expressions_[{index}])) found({index});
    }
    while (!pending_.empty()) {
      const ExpressionId id = pending_.back();
      pending_.pop_back();
      for (const ExpressionId user : users_[id.index]) one_less(user);
      for (const MemberUser& user : member_users_[id.index]) {
        uint32_t& missing = missing_members_[user.members.index];
        if (missing == 0) continue;
        missing = user.repeated ? 0 : missing - 1;
        if (missing == 0) one_less(user.members);
      }
    }
    return std::move(holds_);
  }

 private:
  struct MemberUser {
    ExpressionId members;
    bool repeated;
  };

  static bool has_parts(const Expression& expression) {
    return expression.kind == ExpressionKind::kSequence || expression.kind == ExpressionKind::kChoice ||
           expression.kind == ExpressionKind::kRepeat;
  }

  /// It must hold for all required ones and, as if they were one more, for enough of the others.
  void add_members(ExpressionId id) {
    const Expression& members = expressions_[id];
    missing_[id.index] = members.required + (members.least > 0 ? 1 : 0);
    for (const ExpressionId part : expressions_.required(members)) users_[part.index].push_back(id);
    if (members.least == 0) return;
    missing_members_[id.index] = static_cast<uint32_t>(members.least);
    for (const ExpressionId part : expressions_.optional(members)) {
      member_users_[part.index].push_back({id, false});
    }
    for (const ExpressionId part : expressions_.repeated(members)) {
      member_users_[part.index].push_back({id, true});
    }
  }

  void one_less(ExpressionId user) {
    if (missing_[user.index] > 0 && --missing_[user.index] == 0) found(user);
  }

  void found(ExpressionId id) {
    if (holds_[id.index]) return;
    holds_[id.index] = true;
    missing_[id.index] = 0;
    pending_.push_back(id);
  }

  const Expressions& expressions_;
  std::vector<bool> holds_;
  std::vector<uint32_t> missing_;                 // parts for which it must hold yet
  std::vector<std::vector<ExpressionId>> users_;  // of each expression, once per use
  // The same of members that are not required, and for how many of them it must hold yet.
  std::vector<std::vector<MemberUser>> member_users_;
  std::map<uint32_t, uint32_t> missing_members_;
  std::vector<ExpressionId> pending_;
};

/// Follows rules to those that they may begin with, depth first and without recursion.
class LeftRecursion {
 public:
  LeftRecursion(const Expressions& expressions, std::span<const Rule> rules)
      : expressions_(expressions),
        rules_(rules),
        can_be_empty_(find_what_can_be_empty(expressions, rules)),
        visited_(expressions.size(), kNobody),
        places_(rules.size(), kNew) {}

  /// The rules of a circle, the first again at the end; empty where there is none.
  std::vector<RuleId> find_from(RuleId start) {
    if (places_[start.index] == kDone) return {};
    enter(start);
    while (!path_.empty()) {
      Step& step = path_.back();
      if (step.next == step.firsts.size()) {
        places_[step.rule.index] = kDone;
        path_.pop_back();
        continue;
      }
      const RuleId first = step.firsts[step.next++];
      if (places_[first.index] == kNew) {
        enter(first);
      } else if (places_[first.index] == kOpen) {
        return circle_from(first);
      }
    }
    return {};
  }

 private:
  static constexpr uint32_t kNobody = UINT32_MAX;
  enum Place : uint8_t { kNew, kOpen, kDone };

  struct Step {
    RuleId rule;
    std::vector<RuleId> firsts;
    size_t next;
  };

  void enter(RuleId rule) {
    places_[rule.index] = kOpen;
    path_.push_back({rule, firsts_of(rule), 0});
  }

  /// The rules that this one may begin with.
  std::vector<RuleId> firsts_of(RuleId rule) {
    std::vector<RuleId> firsts;
    std::vector<ExpressionId> pending{rules_[rule.index].body};
    while (!pending.empty()) {
      const ExpressionId id = pending.back();
      pending.pop_back();
      if (std::exchange(visited_[id.index], rule.index) == rule.index) continue;
      const Expression& expression = expressions_[id];
      if (expression.kind == ExpressionKind::kReference) {
        firsts.push_back(expression.rule);
      } else if (expression.kind == ExpressionKind::kSequence) {
        for (const ExpressionId part : expressions_.parts(expression)) {
          pending.push_back(part);
          if (!can_be_empty_[part.index]) break;
        }
      } else if (expression.kind == ExpressionKind::kMembers) {
        const auto parts = expressions_.parts(expression).subspan(1);
        pending.insert(pending.end(), parts.begin(), parts.end());
      } else if (expression.kind == ExpressionKind::kChoice || expression.kind == ExpressionKind::kRepeat) {
        const auto parts = expressions_.parts(expression);
        pending.insert(pending.end(), parts.begin(), parts.end());
      }
    }
    return firsts;
  }

  std::vector<RuleId> circle_from(RuleId first) const {
    std::vector<RuleId> circle;
    const auto begin =
        std::find_if(path_.begin(), path_.end(), [&](const Step& step) { return step.rule == first; });
    std::transform(begin, path_.end(), std::back_inserter(circle),
                   [](const Step& step) { return step.rule; });
    circle.push_back(first);
    return circle;
  }

  const Expressions& expressions_;
  std::span<const Rule> rules_;
  std::vector<bool> can_be_empty_;
  std::vector<uint32_t> visited_;  // for which rule each expression was last looked at
  std::vector<uint8_t> places_;    // of each rule: a Place
  std::vector<Step> path_;
};

}  // namespace

std::vector<bool> find_what_can_end(const Expressions& expressions, std::span<const Rule> rules) {
  return Spread(expressions, rules).from([](const Expression& expression) {
    return expression.kind == ExpressionKind::kText || expression.kind == ExpressionKind::kCharacters ||
           expression.kind == ExpressionKind::kToken ||
           (expression.kind == ExpressionKind::kRepeat && expression.least == 0);
  });
}

std::vector<bool> find_what_can_be_empty(const Expressions& expressions, std::span<const Rule> rules) {
  return Spread(expressions, rules).from([](const Expression& expression) {
    return expression.kind == ExpressionKind::kRepeat && expression.least == 0;
  });
}

Result<void> check_left_recursion(const Expressions& expressions, std::span<const Rule> rules) {
  LeftRecursion left_recursion(expressions, rules);
  for (uint32_t index = 0; index < rules.size(); ++index) {
    const std::vector<RuleId> circle = left_recursion.find_from({index});
    if (circle.empty()) continue;
    std::string way = rules[circle.front().index].name;
    for (size_t step = 1; step < circle.size(); ++step)
      way += fmt::format(" -> {}", rules[circle[step].index].name);
    return Error{
        ErrorCode::kInvalidArgument,
        fmt::format("left recursion: the rule {} may begin with itself ({}); write it as a repetition or "
                    "with the recursion at its end",
                    rules[circle.front().index].name, way)};
  }
  return {};
}

}  // namespace hearth
