// hearth split and hearth join: a model in several files, and in one again.
#include <fmt/format.h>

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
#include "apps/store/chunks.h"
#include "engine/base/escaped.h"
#include "engine/format/split.h"

namespace hearth::cli {
namespace {

namespace fs = std::filesystem;

struct SplitOptions {
  std::string from;
  std::string to;
  uint64_t bytes = 0;
  uint64_t tensors = 0;
  uint64_t chunk_bytes = 0;
  bool metadata_first = false;
  bool json = false;
};

struct JoinOptions {
  std::string from;
  std::string to;
  bool json = false;
};

bool keep_on(ProgressLine& line, std::string_view what, uint64_t done, uint64_t total) {
  line.show(what, done, total);
  return !interrupted();
}

Result<void> tell(bool as_json, const std::string& file, const char* what, uint64_t count, uint64_t bytes) {
  if (as_json) return put_json({{"file", file}, {what, count}, {"bytes", bytes}});
  return put(fmt::format("{}: {} in {} {}\n", escaped(file), readable_bytes(bytes), count, what));
}

/// Writes all parts; those that are there already when one fails go again.
Result<uint64_t> write_parts(const std::vector<GgufWriter>& writers, PartName name, const fs::path& folder) {
  std::vector<fs::path> written;
  const auto write_all = [&]() -> Result<uint64_t> {
    ProgressLine line;
    uint64_t bytes = 0;
    for (const GgufWriter& writer : writers) {
      const fs::path path = folder / name.str();
      uint64_t size = 0;
      HEARTH_TRY(writer.write(path, [&](const GgufWriter::State& state) {
        size = state.total;
        return keep_on(line, fmt::format("part {} of {}", name.number, name.count), state.done, state.total);
      }));
      written.push_back(path);
      bytes += size;
      ++name.number;
    }
    return bytes;
  };
  auto bytes = write_all();
  std::error_code ignored;
  for (const fs::path& path : written) {
    if (!bytes.ok()) fs::remove(path, ignored);
  }
  return bytes;
}

Result<void> split_to_chunks(const SplitOptions& options) {
  ProgressLine line;
  HEARTH_ASSIGN(
      const store::ChunkCount count,
      store::write_chunks(options.from, options.to, options.chunk_bytes, [&](uint64_t done, uint64_t total) {
        return keep_on(line, "written", done, total);
      }));
  return tell(options.json, options.to, "chunks", count.chunks, count.bytes);
}

Result<void> split(SplitOptions options) {
  catch_interrupts();
  HEARTH_ASSIGN(options.from, model_file(options.from));
  if (options.chunk_bytes > 0) return split_to_chunks(options);
  HEARTH_ASSIGN(const ModelFile file, ModelFile::open(options.from));
  HEARTH_ASSIGN(const auto writers,
                split_model(file, {options.bytes, options.tensors}, options.metadata_first));
  fs::path stem = options.to;
  if (stem.extension() == ".gguf") stem.replace_extension();
  const PartName name{stem.filename().string(), 1, static_cast<uint32_t>(writers.size())};
  for (PartName part = name; part.number <= part.count; ++part.number) {
    HEARTH_TRY(refuse_own_file(file, (stem.parent_path() / part.str()).string()));
  }
  HEARTH_ASSIGN(const uint64_t bytes, write_parts(writers, name, stem.parent_path()));
  return tell(options.json, (stem.parent_path() / name.str()).string(), "parts", writers.size(), bytes);
}

Result<void> join_parts(const JoinOptions& options) {
  HEARTH_ASSIGN(const std::string from, model_file(options.from));
  HEARTH_ASSIGN(const ModelFile file, ModelFile::open(from));
  HEARTH_TRY(refuse_own_file(file, options.to));
  GgufWriter writer;
  join_model(file, writer);
  ProgressLine line;
  uint64_t bytes = 0;
  HEARTH_TRY(writer.write(options.to, [&](const GgufWriter::State& state) {
    bytes = state.total;
    return keep_on(line, "written", state.done, state.total);
  }));
  if (is_standard_output(options.to)) return {};
  return tell(options.json, options.to, "parts", file.parts().size(), bytes);
}

Result<void> join(const JoinOptions& options) {
  catch_interrupts();
  if (fs::path(options.from).extension() != ".json") return join_parts(options);
  ProgressLine line;
  HEARTH_ASSIGN(const store::ChunkCount count,
                store::join_chunks(options.from, options.to, [&](uint64_t done, uint64_t total) {
                  return keep_on(line, "written", done, total);
                }));
  if (is_standard_output(options.to)) return {};
  return tell(options.json, options.to, "chunks", count.chunks, count.bytes);
}

}  // namespace

void add_split_command(CLI::App& app) {
  auto options = std::make_shared<SplitOptions>();
  CLI::App* command =
      app.add_subcommand("split", "Write a model as several files, for hosts that limit their size");
  command
      ->add_option("model", options->from,
                   "GGUF file, of a split model the first part, or a downloaded model")
      ->required()
      ->check(model_name());
  command
      ->add_option(
          "file", options->to,
          "What the parts are called: NAME becomes NAME-00001-of-0000N.gguf; with --chunk-size the manifest, "
          "NAME.json, with chunks NAME.000, NAME.001, ...")
      ->required();
  auto* limit = command->add_option_group("limit", "One of these says where a file ends")->require_option(1);
  limit
      ->add_option("--max-size", options->bytes, "GGUF parts with at most so many bytes of tensors: 500M, 2G")
      ->transform(CLI::AsSizeValue(true));
  limit->add_option("--max-tensors", options->tensors, "GGUF parts with at most so many tensors")
      ->transform(whole_number(1, 1 << 30));
  limit
      ->add_option("--chunk-size", options->chunk_bytes,
                   "Raw chunks of so many bytes, and a manifest of their hashes")
      ->transform(CLI::AsSizeValue(true));
  command->add_flag("--no-tensor-first-split", options->metadata_first,
                    "Put no tensors into the first GGUF part");
  command->add_flag("--json", options->json, "Print what was written as JSON");
  command->footer(
      "Examples:\n  hearth split model.gguf model --max-size 2G\n  hearth split model.gguf site/model.json "
      "--chunk-size 20M");
  command->callback([options] { leave_on_error(split(*options)); });
}

void add_join_command(CLI::App& app) {
  auto options = std::make_shared<JoinOptions>();
  CLI::App* command = app.add_subcommand("join", "Write a model that is in several files as one");
  command->add_option("model", options->from, "The first GGUF part, or the manifest (.json) of raw chunks")
      ->required();
  command->add_option("file", options->to, "The file to write")->required();
  command->add_flag("--json", options->json, "Print what was written as JSON");
  command->footer(
      "Examples:\n  hearth join model-00001-of-00003.gguf model.gguf\n  hearth join site/model.json "
      "model.gguf");
  command->callback([options] { leave_on_error(join(*options)); });
}

}  // namespace hearth::cli
