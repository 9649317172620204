#include "apps/serve/api/reasoning.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "apps/serve/refusal.h"

namespace hearth::serve {

namespace {

struct Effort {
  std::string_view asked, given;  // templates know three
};
constexpr Effort kEfforts[] = {
    {"minimal", "low"}, {"low", "low"}, {"medium", "medium"}, {"high", "high"}, {"xhigh", "high"}};

}  // namespace

void set_reasoning_effort(std::string_view effort, std::string_view param, nlohmann::ordered_json& chat,
                          nlohmann::ordered_json& options) {
  nlohmann::ordered_json& variables = chat["variables"];
  if (effort == "none") {
    variables["enable_thinking"] = false;
    options["reasoningBudget"] = 0;
    return;
  }
  const auto* found = std::find_if(std::begin(kEfforts), std::end(kEfforts),
                                   [&](const Effort& known) { return known.asked == effort; });
  if (found == std::end(kEfforts)) {
    refuse_param(std::string(param), "must be one of none, minimal, low, medium, high, xhigh");
  }
  variables["reasoning_effort"] = found->given;
  variables["enable_thinking"] = true;
}

}  // namespace hearth::serve
