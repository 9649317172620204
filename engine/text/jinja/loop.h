// The `loop` variable of a for block.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/text/jinja/interpreter.h"

namespace hearth::jinja {

class LoopObject final : public Object {
 public:
  /// Borrows the statement from the template. `depth` is 1 for a loop that no recursion of itself encloses.
  LoopObject(const For& loop, std::shared_ptr<Scope> closure, std::vector<Value> items, int depth)
      : loop_(loop), closure_(std::move(closure)), items_(std::move(items)), depth_(depth) {}

  const std::vector<Value>& items() const { return items_; }
  void move_to(size_t index) { index_ = index; }

  std::string_view described() const override { return "the loop variable"; }
  std::string shown() const override;
  std::optional<Value> attribute(std::string_view name, Interpreter& interpreter) const override;
  /// loop(children): the same loop over them, in a recursive one.
  bool is_callable() const override { return true; }
  Result<Value> call(Interpreter& interpreter, Arguments arguments) override;

  /// loop.cycle(a, b, ...): the argument whose turn it is.
  Result<Value> cycle(const std::vector<Value>& choices, Interpreter& interpreter) const;
  /// loop.changed(...): whether the arguments differ from those of the last call.
  bool changed(std::vector<Value> now, Interpreter& interpreter);

 private:
  const For& loop_;
  std::shared_ptr<Scope> closure_;
  std::vector<Value> items_;
  size_t index_ = 0;
  int depth_;
  std::optional<std::vector<Value>> last_seen_;
};

}  // namespace hearth::jinja
