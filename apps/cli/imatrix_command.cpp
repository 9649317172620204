// hearth imatrix: what errors in each column of a weight count, measured on a text.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <utility>

#include "apps/cli/commands.h"
#include "apps/cli/console.h"
#include "apps/cli/input.h"
#include "apps/cli/interrupt.h"
#include "apps/cli/model_argument.h"
#include "apps/cli/model_options.h"
#include "apps/cli/output_file.h"
#include "apps/cli/text_chunks.h"
#include "engine/base/escaped.h"
#include "engine/model/observed_backend.h"

namespace hearth::cli {
namespace {

constexpr size_t kAllChunks = std::numeric_limits<int32_t>::max();

struct ImatrixOptions {
  ModelOptions model;
  std::string text_path;
  std::string to;
  size_t first_chunk = 0;
  size_t chunks = kAllChunks;
  bool with_control = false;
  bool with_output = false;
  bool json = false;
};

/// Which chunks of the text are read.
struct ChunkRange {
  size_t first;
  size_t count;
};

Result<ChunkRange> range_of(const ImatrixOptions& options, const TextChunks& text) {
  if (options.first_chunk < text.count()) {
    return ChunkRange{options.first_chunk, std::min(options.chunks, text.count() - options.first_chunk)};
  }
  return Error{ErrorCode::kInvalidArgument,
               fmt::format("{}: has {} chunks of {} tokens, none of them after the first {} (--from-chunk)",
                           options.text_path, text.count(), text.chunk_tokens(), options.first_chunk)};
}

/// Has the model read the chunks while it is observed.
Result<std::map<std::string, ColumnSums>> observe(const LoadedModel& loaded, const TextChunks& text,
                                                  ChunkRange range, bool with_output) {
  InputSums sums(loaded.model->matrices(), with_output);
  loaded.scheduler->compute_through(std::make_unique<ObservedBackend>(loaded.model->backend(), sums));
  const auto go_on = [](size_t /*position*/, std::span<const float> /*logits*/) { return !interrupted(); };
  ProgressLine line;
  for (size_t done = 0; done < range.count; ++done) {
    line.show(fmt::format("chunk {} of {}", done + 1, range.count), done, range.count);
    // The output takes part only where logits are asked for.
    const size_t first_logits = with_output ? 0 : text.chunk_tokens() - 1;
    HEARTH_TRY(loaded.scheduler->logits(text[range.first + done], first_logits, go_on));
  }
  return sums.by_name();
}

Result<void> write_sums(const std::map<std::string, ColumnSums>& sums, const ImatrixOptions& options,
                        ImportanceOrigin origin) {
  origin.texts = {std::filesystem::path(options.text_path).filename().string()};
  GgufWriter writer;
  add_importance(sums, origin, writer);
  return writer.write(options.to, [](const GgufWriter::State&) { return !interrupted(); });
}

Result<void> imatrix(const ImatrixOptions& options) {
  catch_interrupts();
  HEARTH_ASSIGN(const std::string bytes, read_input(options.text_path));
  ModelOptions model_options = options.model;
  model_options.set_default_context(512);
  HEARTH_ASSIGN(const LoadedModel loaded, load_model(model_options));
  HEARTH_TRY(refuse_own_file(loaded.model->file(), options.to));
  HEARTH_TRY(refuse_input(options.text_path, options.to));
  HEARTH_ASSIGN(const TextChunks text,
                TextChunks::of(bytes, options.text_path, loaded, options.with_control));
  HEARTH_ASSIGN(const ChunkRange range, range_of(options, text));
  HEARTH_ASSIGN(const auto sums, observe(loaded, text, range, options.with_output));
  HEARTH_TRY(write_sums(
      sums, options, {{}, static_cast<uint32_t>(range.count), static_cast<uint32_t>(text.chunk_tokens())}));
  if (is_standard_output(options.to)) return {};
  if (options.json) {
    return put_json({{"file", options.to},
                     {"weights", sums.size()},
                     {"chunks", range.count},
                     {"context", text.chunk_tokens()}});
  }
  return put(fmt::format("{}: the importance of the columns of {} weights, of {} chunks of {} tokens\n",
                         escaped(options.to), sums.size(), range.count, text.chunk_tokens()));
}

void add_chunk_options(CLI::App& command, ImatrixOptions& options) {
  command.add_option("--chunks", options.chunks, "Read at most so many chunks; all if not given")
      ->transform(whole_number(1, kAllChunks));
  command
      .add_option("--chunk,--from-chunk", options.first_chunk, "Leave out so many chunks at the beginning")
      ->transform(whole_number(0, kAllChunks));
  command.add_flag("--parse-special", options.with_control,
                   "Read texts that stand for control tokens, such as <|im_start|>, as these");
}

}  // namespace

void add_imatrix_command(CLI::App& app) {
  auto options = std::make_shared<ImatrixOptions>();
  CLI::App* command = app.add_subcommand(
      "imatrix", "Write what errors in each column of a weight count, for 'convert --imatrix'");
  command->add_option("model", options->model.path, "GGUF file, or a downloaded model")
      ->required()
      ->check(model_name());
  command
      ->add_option("-f,--file", options->text_path,
                   "Text file like what the model is for, read byte for byte; - is standard input")
      ->required();
  command->add_option("-o,--output,--output-file", options->to, "The importance matrix to write (GGUF)")
      ->required();
  add_chunk_options(*command, *options);
  command->add_flag("--process-output", options->with_output, "Measure the output's weight, too");
  command->add_flag("--json", options->json, "Print what was written as JSON");
  add_model_options(*command, options->model);
  command->get_option("--context")
      ->description("Tokens of a chunk and positions of the context, 4 to 16777216; 512 by default");
  command->footer(
      "The text is cut into chunks of --context tokens, as 'hearth perplexity' cuts it. A column's "
      "importance "
      "is\nthe mean square of what it was multiplied with. llama.cpp's tools read the file.\n\n"
      "Examples:\n  hearth imatrix model-f16.gguf --file text.txt -o imatrix.gguf\n"
      "  hearth convert model-f16.gguf model-q4.gguf --type Q4_K_M --imatrix imatrix.gguf");
  command->callback([options] { leave_on_error(imatrix(*options)); });
}

}  // namespace hearth::cli
