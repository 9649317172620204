#include "apps/cli/model_summary.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "apps/cli/console.h"
#include "engine/base/escaped.h"
#include "engine/runtime/memory_need.h"

namespace hearth::cli {
namespace {

using nlohmann::ordered_json;

/// "system, tools", or "none".
std::string capability_names(const TemplateCapabilities& capabilities) {
  const ordered_json all = to_json(capabilities);
  std::vector<std::string> names;
  for (const auto& [name, has] : all.items()) {
    if (has.get<bool>()) names.push_back(name);
  }
  return names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

ordered_json memory_json(const Model& model, const LoadOptions& options, const std::string& kv_type) {
  const LoadOptions completed = complete_options(options, model.spec(), model.network());
  const uint64_t weights = model.info().file_size - model.info().left_in_file;
  const MemoryNeed need = memory_need(model.spec(), weights, completed);
  return {{"contextSize", completed.context_size},
          {"maxSequences", completed.max_sequences},
          {"kvType", kv_type},
          {"weights", need.weights},
          {"keysAndValues", need.keys_and_values},
          {"states", need.states},
          {"activations", need.activations},
          {"total", need.total()}};
}

std::string model_text(const Model& model, const LoadOptions& options, const std::string& kv_type) {
  const ModelInfo& info = model.info();
  const ordered_json memory = memory_json(model, options, kv_type);
  const auto bytes = [&](const char* part) { return readable_bytes(memory[part].get<uint64_t>()); };
  std::string text = styled(Style::kBold, "\nModel\n");
  text += fmt::format("  {} ({}), {:.1f} million parameters in {}\n", escaped(info.name),
                      escaped(info.architecture), static_cast<double>(info.parameter_count) / 1e6,
                      info.quantization);
  text += fmt::format("  {} layers of width {}, {} heads ({} for keys and values), {} tokens ({})\n",
                      info.layer_count, info.embedding_length, info.head_count, info.kv_head_count,
                      info.vocab_size, info.tokenizer);
  text += fmt::format("  trained for {} positions; chat template: {}; license: {}\n", info.context_length,
                      info.has_chat_template ? "yes" : "no",
                      info.license.empty() ? "not stated" : escaped(info.license));
  text += fmt::format("  capabilities of the template: {}\n", capability_names(info.template_capabilities));
  text += styled(Style::kBold, fmt::format("\nMemory at a context of {}, keys and values as {}\n",
                                           memory["contextSize"].get<int32_t>(), kv_type));
  const uint64_t state = model.network().states().whole_slot_bytes();
  text += fmt::format("  {} weights + {} keys and values{} + {} activations = {}\n", bytes("weights"),
                      bytes("keysAndValues"), state > 0 ? fmt::format(" + {} states", bytes("states")) : "",
                      bytes("activations"), bytes("total"));
  if (state > 0) {
    text += fmt::format("  {} requests run at once and more wait: the state of each takes {}\n",
                        memory["maxSequences"].get<int32_t>(), readable_bytes(state));
  }
  return text;
}

}  // namespace hearth::cli
