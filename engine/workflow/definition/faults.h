// What is wrong with a workflow's file, all of it at once, each fault with its place and rule.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/workflow/document/document.h"

namespace hearth::workflow {

enum class Severity : uint8_t {
  kError,        // the file says nothing that could run
  kUnsupported,  // it is right, but asks for what Hearth does not run; the message says what to use instead
  kWarning,      // it runs, though perhaps not as meant
};

struct Fault {
  Severity severity;
  std::string_view rule;  // a name such as "unknown-key", in docs/workflows.md
  Place place;
  std::string message;
};

class Faults {
 public:
  void add(Severity severity, std::string_view rule, Place place, std::string message) {
    faults_.push_back({severity, rule, place, std::move(message)});
  }
  void error(std::string_view rule, Place place, std::string message) {
    add(Severity::kError, rule, place, std::move(message));
  }

  /// In the order of their places.
  std::vector<Fault> sorted() const;
  /// Whether nothing keeps the workflow from running.
  bool runs() const;

 private:
  std::vector<Fault> faults_;
};

/// "FILE:3:5: error: ... [rule]", a line each.
std::string to_text(const std::vector<Fault>& faults, std::string_view file);
/// [{"severity", "rule", "line", "column", "message"}, ...]
nlohmann::ordered_json to_json(const std::vector<Fault>& faults);

}  // namespace hearth::workflow
