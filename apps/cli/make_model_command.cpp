// hearth make-model: writes a model with random weights in the shape of a real one.
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "apps/cli/commands.h"
#include "apps/cli/console.h"
#include "apps/cli/interrupt.h"
#include "apps/cli/output_file.h"
#include "apps/cli/table_option.h"
#include "engine/base/escaped.h"
#include "engine/format/gguf_writer.h"
#include "engine/options/embedding_options.h"
#include "testing/synthetic/synthetic_model.h"

namespace hearth::cli {
namespace {

struct MakeModelOptions {
  std::string shape_name;
  std::string path;
  std::string type = "Q8_0";
  uint64_t seed = 1;
  int32_t lora_rank = 0;  // above 0: an adapter instead
  bool list = false;
  bool json = false;
  // Replace the shape's own sizes where they are above 0.
  int32_t n_layer = 0;
  int32_t n_embd = 0;
  int32_t n_ff = 0;
  int32_t n_head = 0;
  int32_t n_head_kv = 0;
  int32_t head_dimension = 0;
  int32_t n_vocab = 0;
  int32_t context_length = 0;
  std::string pooling;
  float attention_gain = 1.0F;
  float later_gain = 1.0F;
};

Result<void> list_shapes(bool as_json) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  std::string lines;
  for (const SyntheticShape& shape : synthetic_shapes()) {
    if (as_json) {
      list.push_back({{"name", shape.name},
                      {"architecture", shape.architecture},
                      {"encoder", shape.is_encoder},
                      {"ranks", shape.labels > 0}});
    } else {
      lines += fmt::format("{:<24} {:<16} {:>2} layers, width {}, {} heads, {} tokens\n", shape.name,
                           shape.architecture, shape.n_layer, shape.n_embd, shape.n_head, shape.n_vocab);
    }
  }
  return as_json ? put_json(list) : put(lines);
}

SyntheticShape with_overrides(SyntheticShape shape, const MakeModelOptions& options) {
  const auto replace = [](int32_t& size, int32_t wanted) {
    if (wanted > 0) size = wanted;
  };
  replace(shape.n_layer, options.n_layer);
  replace(shape.n_embd, options.n_embd);
  replace(shape.n_ff, options.n_ff);
  replace(shape.n_head, options.n_head);
  replace(shape.n_head_kv, options.n_head_kv);
  replace(shape.head_dimension, options.head_dimension);
  replace(shape.n_vocab, options.n_vocab);
  replace(shape.context_length, options.context_length);
  // The format numbers them from 1, as "model" is none.
  const auto* const pooling = std::find(std::begin(kPoolings), std::end(kPoolings), options.pooling);
  if (pooling != std::end(kPoolings)) shape.pooling = static_cast<int32_t>(pooling - std::begin(kPoolings));
  shape.attention_gain = options.attention_gain;
  shape.later_gain = options.later_gain;
  return shape;
}

Result<void> make_model(const MakeModelOptions& options) {
  if (options.list) return list_shapes(options.json);
  const SyntheticShape* shape = find_synthetic_shape(options.shape_name);
  if (shape == nullptr) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("no shape is called '{}'; 'hearth make-model --list' shows those there are",
                             options.shape_name)};
  }
  if (options.path.empty()) return Error{ErrorCode::kInvalidArgument, "name the file to write"};
  HEARTH_ASSIGN(const TypeMix mix, find_plain_mix(options.type));
  GgufWriter writer;
  const SyntheticShape sized = with_overrides(*shape, options);
  HEARTH_TRY(options.lora_rank > 0 ? add_synthetic_adapter(sized, options.lora_rank, options.seed, writer)
                                   : add_synthetic_model(sized, mix, options.seed, writer));
  catch_interrupts();
  ProgressLine line;
  uint64_t size = 0;
  HEARTH_TRY(writer.write(options.path, [&](const GgufWriter::State& state) {
    line.show("written", state.done, state.total);
    size = state.total;
    return !interrupted();
  }));
  if (is_standard_output(options.path)) return {};
  const std::string kind =
      options.lora_rank > 0 ? fmt::format("an adapter of rank {}", options.lora_rank) : std::string(mix.name);
  if (options.json) {
    const nlohmann::ordered_json summary = {{"file", options.path},
                                            {"shape", shape->name},
                                            {"type", mix.name},
                                            {"seed", options.seed},
                                            {"bytes", size}};
    return put_json(summary);
  }
  return put(fmt::format("{}: {} with random weights, {}, {:.1f} MB\n", escaped(options.path), shape->name,
                         kind, static_cast<double>(size) / 1e6));
}

}  // namespace

void add_make_model_command(CLI::App& app) {
  auto options = std::make_shared<MakeModelOptions>();
  CLI::App* command = app.add_subcommand(
      "make-model", "Write a model with random weights in the shape of a real one, for tests and benchmarks");
  command->add_option("shape", options->shape_name, "tinyllama-1.1b, qwen2.5-0.5b, ...; --list shows all");
  command->add_option("file", options->path, "The GGUF file to write");
  command->add_option("--type", options->type, "Block type of the weights, or Q4_K_S, Q4_K_M, Q5_K_S, Q5_K_M")
      ->capture_default_str();
  command->add_option("--seed", options->seed, "Same seed, same bytes")
      ->transform(whole_number(0, INT64_MAX))
      ->capture_default_str();
  command
      ->add_option("--lora-rank", options->lora_rank,
                   "Write a random adapter of this rank for such a model instead")
      ->transform(whole_number(1, 4096));
  command->add_flag("--list", options->list, "List the shapes");
  command->add_flag("--json", options->json, "Print what was written as JSON");
  const std::string group = "Sizes that replace the shape's own";
  const auto add_size = [&](const char* flag, int32_t& into, const char* help) {
    command->add_option(flag, into, help)->transform(whole_number(1, INT32_MAX))->group(group);
  };
  add_size("--layers", options->n_layer, "Layers");
  add_size("--embedding", options->n_embd, "Width of the residual stream");
  add_size("--feed-forward", options->n_ff, "Width within the feed-forward");
  add_size("--heads", options->n_head, "Query heads");
  add_size("--kv-heads", options->n_head_kv, "Key and value heads");
  add_size("--head-dimension", options->head_dimension, "Dimensions of a head");
  add_size("--vocabulary", options->n_vocab, "Tokens");
  add_size("--context", options->context_length, "Positions");
  command
      ->add_option("--pooling", options->pooling, "What the file asks to be made of a text's hidden states")
      ->check(CLI::IsMember(std::vector<std::string>(std::next(std::begin(kPoolings)), std::end(kPoolings))))
      ->group(group);
  const std::string gains = "What is added to the residual stream, to measure speculation";
  command
      ->add_option("--attention-gain", options->attention_gain,
                   "By attention; with 0, a token hangs on the last alone")
      ->check(CLI::Range(0.0, 1.0))
      ->group(gains)
      ->capture_default_str();
  command
      ->add_option("--later-gain", options->later_gain,
                   "By layers after the first; near 0, a model with --layers 1 and the same seed drafts well")
      ->check(CLI::Range(0.0, 1.0))
      ->group(gains)
      ->capture_default_str();
  command->callback([options] { leave_on_error(make_model(*options)); });
}

}  // namespace hearth::cli
