// Macros as values, and the body of a call block, which its macro calls as `caller`.
#pragma once

#include <memory>

#include "engine/text/jinja/interpreter.h"

namespace hearth::jinja {

class MacroObject final : public Object {
 public:
  /// Borrows the body from the template, which outlives the rendering.
  MacroObject(const MacroBody& body, std::shared_ptr<Scope> closure, bool escapes)
      : body_(body), closure_(std::move(closure)), escapes_(escapes) {}

  std::string_view described() const override { return "a macro"; }
  std::string shown() const override;
  std::optional<Value> attribute(std::string_view name, Interpreter& interpreter) const override;
  bool is_callable() const override { return true; }
  Result<Value> call(Interpreter& interpreter, Arguments arguments) override {
    return interpreter.call_macro(body_, closure_, escapes_, std::move(arguments));
  }

 private:
  const MacroBody& body_;
  std::shared_ptr<Scope> closure_;
  const bool escapes_;
};

}  // namespace hearth::jinja
