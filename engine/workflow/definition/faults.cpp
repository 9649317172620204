#include "engine/workflow/definition/faults.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>

namespace hearth::workflow {
namespace {

std::string_view name_of(Severity severity) {
  switch (severity) {
    case Severity::kError:
      return "error";
    case Severity::kUnsupported:
      return "unsupported";
    case Severity::kWarning:
      break;
  }
  return "warning";
}

}  // namespace

std::vector<Fault> Faults::sorted() const {
  std::vector<Fault> sorted = faults_;
  std::stable_sort(sorted.begin(), sorted.end(), [](const Fault& a, const Fault& b) {
    return std::tie(a.place.line, a.place.column) < std::tie(b.place.line, b.place.column);
  });
  return sorted;
}

bool Faults::runs() const {
  return std::all_of(faults_.begin(), faults_.end(),
                     [](const Fault& fault) { return fault.severity == Severity::kWarning; });
}

std::string to_text(const std::vector<Fault>& faults, std::string_view file) {
  std::string text;
  for (const Fault& fault : faults) {
    text += fmt::format("{}:{}:{}: {}: {} [{}]\n", file, fault.place.line, fault.place.column,
                        name_of(fault.severity), fault.message, fault.rule);
  }
  return text;
}

nlohmann::ordered_json to_json(const std::vector<Fault>& faults) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Fault& fault : faults) {
    list.push_back({{"severity", name_of(fault.severity)},
                    {"rule", fault.rule},
                    {"line", fault.place.line},
                    {"column", fault.place.column},
                    {"message", fault.message}});
  }
  return list;
}

}  // namespace hearth::workflow
