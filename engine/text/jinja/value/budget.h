// What one rendering may use, so that no template, however hostile, takes more than a moment or more than
// the memory it was given.
//
// A spent budget is sticky: whoever loops or recurses asks exhausted() and leaves with whatever it has; the
// interpreter then turns the reason into the error of the rendering.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hearth::jinja {

struct Limits {
  /// One unit stands for at most about 50 ns and 32 bytes: a node evaluated, an element visited, 32 bytes of
  /// text produced. 4 million are therefore about a fifth of a second and 128 MB, two hundred times
  /// what a long conversation takes.
  uint64_t work = 4'000'000;
  /// The longest text, the rendered prompt included.
  size_t text_bytes = size_t{32} << 20;
  /// Levels of nesting: nodes within nodes, macros within macros, lists within lists. A level takes up to
  /// 1 KiB of stack in an optimised build.
  int depth = 400;
};

class Budget {
 public:
  explicit Budget(const Limits& limits) : limits_(limits), work_left_(limits.work) {}
  Budget(const Budget&) = delete;
  Budget& operator=(const Budget&) = delete;

  void spend(uint64_t units) {
    if (units <= work_left_) {
      work_left_ -= units;
    } else {
      stop("does more work than a template may; look for a loop that never ends");
    }
  }
  void spend_bytes(uint64_t bytes) { spend(bytes / 32 + 1); }

  /// Ends the rendering. The first reason stays; it completes the sentence "the template ...".
  void stop(std::string_view reason) {
    if (reason_.empty()) reason_ = reason;
    work_left_ = 0;
  }

  bool exhausted() const { return !reason_.empty(); }
  const std::string& reason() const { return reason_; }
  const Limits& limits() const { return limits_; }

 private:
  friend class Level;
  const Limits limits_;
  uint64_t work_left_;
  int depth_ = 0;
  std::string reason_;
};

/// One level of recursion, for as long as it lives. False when it is one too many (the budget is then
/// exhausted).
class Level {
 public:
  explicit Level(Budget& budget) : budget_(budget) {
    if (++budget_.depth_ > budget_.limits_.depth) {
      budget_.stop("nests deeper than a template may; look for a macro that never stops calling itself");
    }
  }
  ~Level() { --budget_.depth_; }
  Level(const Level&) = delete;
  Level& operator=(const Level&) = delete;

  explicit operator bool() const { return !budget_.exhausted(); }

 private:
  Budget& budget_;
};

}  // namespace hearth::jinja
