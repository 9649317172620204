// hearth convert: writes a model in another block type.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>
#include <vector>

#include "apps/cli/commands.h"
#include "apps/cli/console.h"
#include "apps/cli/interrupt.h"
#include "apps/cli/model_argument.h"
#include "apps/cli/output_file.h"
#include "apps/cli/table_option.h"
#include "engine/base/escaped.h"
#include "engine/base/thread_pool.h"
#include "engine/model/convert/convert.h"
#include "engine/model/hugging_face/hugging_face.h"

namespace hearth::cli {
namespace {

struct ConvertOptions {
  std::string from;
  std::string to;
  std::string type;
  int threads = 0;
  std::string importance;
  std::vector<std::string> tensor_types;
  std::string output_type;
  std::string embedding_type;
  bool pure = false;
  bool keep_output = false;
  bool json = false;
};

/// "18 Q4_K, 3 Q6_K"
std::string as_text(const TensorTypes& types) {
  std::vector<std::string> counts;
  for (const auto& [type, count] : types)
    counts.push_back(fmt::format("{} {}", count, block_layout(type).name));
  return fmt::format("{}", fmt::join(counts, ", "));
}

nlohmann::ordered_json as_json(const TensorTypes& types) {
  nlohmann::ordered_json counts = nlohmann::ordered_json::object();
  for (const auto& [type, count] : types) counts[std::string(block_layout(type).name)] = count;
  return counts;
}

nlohmann::ordered_json as_json(const std::vector<Fallback>& fallbacks) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Fallback& fallback : fallbacks) {
    list.push_back({{"tensor", fallback.tensor},
                    {"columns", fallback.columns},
                    {"wanted", block_layout(fallback.wanted).name},
                    {"type", block_layout(fallback.got).name}});
  }
  return list;
}

/// "PATTERN=TYPE"
Result<std::pair<TensorPattern, BlockType>> parse_override(const std::string& text) {
  const size_t equals = text.rfind('=');
  if (equals == std::string::npos || equals == 0) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("--tensor-type '{}': expected PATTERN=TYPE, such as 'attn_v=Q8_0'", text)};
  }
  HEARTH_ASSIGN(auto pattern, TensorPattern::compile(text.substr(0, equals)));
  HEARTH_ASSIGN(const BlockType type, find_weight_type(text.substr(equals + 1)));
  return std::pair{std::move(pattern), type};
}

Result<std::optional<BlockType>> parse_type(const std::string& name) {
  if (name.empty()) return std::optional<BlockType>();
  HEARTH_ASSIGN(const BlockType type, find_weight_type(name));
  return std::optional(type);
}

Result<Conversion> conversion_of(const ConvertOptions& options) {
  Conversion conversion;
  HEARTH_ASSIGN(conversion.mix, find_type_mix(options.type));
  conversion.pure = options.pure;
  conversion.keep_output = options.keep_output;
  conversion.threads = options.threads;
  HEARTH_ASSIGN(conversion.output_type, parse_type(options.output_type));
  HEARTH_ASSIGN(conversion.embedding_type, parse_type(options.embedding_type));
  for (const std::string& text : options.tensor_types) {
    HEARTH_ASSIGN(auto replacement, parse_override(text));
    conversion.overrides.push_back(std::move(replacement));
  }
  return conversion;
}

/// What did not become as asked, on standard error.
void tell_exceptions(const Converted& converted) {
  for (const Fallback& fallback : converted.fallbacks) {
    fmt::print(stderr, "{}: rows of {} are no whole blocks of {}; it becomes {}\n", escaped(fallback.tensor),
               fallback.columns, block_layout(fallback.wanted).name, block_layout(fallback.got).name);
  }
  if (converted.without_importance.empty()) return;
  fmt::print(stderr, "the importance matrix has nothing of {} weights, the first of them {}\n",
             converted.without_importance.size(), escaped(converted.without_importance.front()));
}

Result<uint64_t> write_file(const GgufWriter& writer, const std::string& path) {
  ProgressLine line;
  uint64_t size = 0;
  HEARTH_TRY(writer.write(path, [&](const GgufWriter::State& state) {
    line.show(fmt::format("{} of {}, {} of {}, {}", state.number, state.tensors, readable_bytes(state.done),
                          readable_bytes(state.total), escaped(state.tensor)),
              state.done, state.total);
    size = state.total;
    return !interrupted();
  }));
  return size;
}

/// A GGUF file, or a folder of Hugging Face's.
Result<ModelFile> open_model(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::is_directory(path, ignored) ? open_hugging_face(path) : ModelFile::open(path);
}

/// Of a folder, too, no file may be written over.
Result<void> refuse_file_of_folder(const std::string& folder, const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::is_directory(folder, ignored)) return {};
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    const std::filesystem::path kind = entry.path().extension();
    const bool is_input = kind == ".json" || kind == ".safetensors" || kind == ".model" || kind == ".jinja";
    if (is_input) HEARTH_TRY(refuse_input(entry.path().string(), path));
  }
  return {};
}

Result<void> convert(const ConvertOptions& options) {
  catch_interrupts();
  HEARTH_ASSIGN(Conversion conversion, conversion_of(options));
  ImportanceMatrix importance;
  if (!options.importance.empty()) {
    HEARTH_ASSIGN(auto source, map_file(options.importance));
    HEARTH_ASSIGN(importance, ImportanceMatrix::read(std::move(source)));
    conversion.importance = &importance;
  }
  HEARTH_ASSIGN(const std::string from, model_file(options.from));
  HEARTH_ASSIGN(const ModelFile file, open_model(from));
  HEARTH_TRY(refuse_file_of_folder(from, options.to));
  HEARTH_TRY(refuse_own_file(file, options.to));
  GgufWriter writer;
  HEARTH_ASSIGN(const Converted converted, add_converted_model(file, conversion, writer));
  tell_exceptions(converted);
  HEARTH_ASSIGN(const uint64_t size, write_file(writer, options.to));
  if (is_standard_output(options.to)) return {};
  if (options.json) {
    return put_json({{"file", options.to},
                     {"type", conversion.mix.name},
                     {"bytes", size},
                     {"bytesBefore", file.size()},
                     {"tensors", as_json(converted.types)},
                     {"fallbacks", as_json(converted.fallbacks)}});
  }
  return put(fmt::format("{}: {}, {:.1f} MB (before: {:.1f} MB); tensors: {}\n", escaped(options.to),
                         conversion.mix.name, static_cast<double>(size) / 1e6,
                         static_cast<double>(file.size()) / 1e6, as_text(converted.types)));
}

void add_type_options(CLI::App& command, ConvertOptions& options) {
  command
      .add_option(
          "--type", options.type,
          "Block type of the weights: F32, F16, BF16, Q8_0, ..., or one of llama.cpp's mixes: Q2_K, Q3_K_S, "
          "Q3_K_M, Q3_K_L, Q4_K_S, Q4_K_M, Q5_K_S, Q5_K_M, IQ2_M, ...")
      ->required();
  command.add_flag("--pure", options.pure, "Give every weight that type, without a mix");
  command.add_option("--output-tensor-type", options.output_type, "Block type of the output");
  command.add_option("--token-embedding-type", options.embedding_type, "Block type of the embedding");
  command
      .add_option(
          "--tensor-type", options.tensor_types,
          "Block type of the weights whose name a regular expression finds; the first that does counts")
      ->type_name("PATTERN=TYPE")
      ->allow_extra_args(false);
  command.add_flag("--leave-output-tensor", options.keep_output, "Leave the output as it is");
}

}  // namespace

void add_convert_command(CLI::App& app) {
  auto options = std::make_shared<ConvertOptions>();
  CLI::App* command = app.add_subcommand("convert", "Write a model in another block type, smaller or exact");
  command
      ->add_option("model", options->from,
                   "GGUF file, of a split model the first part, or a downloaded model; or a folder as "
                   "Hugging Face publishes models, with "
                   "config.json, tokenizer.json or tokenizer.model, and SafeTensors")
      ->required()
      ->check(model_name());
  command->add_option("file", options->to, "The GGUF file to write")->required();
  add_type_options(*command, *options);
  command->add_option("--imatrix", options->importance,
                      "Importance matrix: what errors in each column of a weight count");
  command
      ->add_option("-t,--threads", options->threads,
                   "Threads; as many as the machine has processor cores if not given")
      ->transform(whole_number(1, ThreadPool::kMostThreads));
  command->add_flag("--json", options->json, "Print what was written as JSON");
  command->footer(
      "Examples:\n  hearth convert model-f16.gguf model-q4.gguf --type Q4_K_M\n  hearth convert folder "
      "model-bf16.gguf --type BF16");
  command->callback([options] { leave_on_error(convert(*options)); });
}

}  // namespace hearth::cli
