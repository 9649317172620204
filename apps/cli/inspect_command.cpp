// hearth inspect: what is in a GGUF file, whether Hearth can run it, and how much memory that takes.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "apps/cli/commands.h"
#include "apps/cli/console.h"
#include "apps/cli/model_argument.h"
#include "apps/cli/model_options.h"
#include "apps/cli/model_summary.h"
#include "apps/cli/table_option.h"
#include "engine/base/escaped.h"
#include "engine/format/gguf.h"
#include "engine/format/gguf_json.h"
#include "engine/runtime/model.h"

namespace hearth::cli {
namespace {

using nlohmann::ordered_json;

struct InspectOptions {
  std::string path;
  GivenOptions given = GivenOptions::object();  // what memory is reckoned for
  bool json = false;
};

constexpr uint64_t kShownElements = 8;

std::string dump(const ordered_json& json) {
  return json.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

/// A value on one line; long texts are cut.
std::string as_text(const GgufValue& value) {
  constexpr size_t kLongest = 100;
  std::string text = dump(to_json(value, kShownElements));
  if (const auto* array = std::get_if<GgufArray>(&value.value)) {
    text = fmt::format("{} {}: {}{}", array->count, gguf_type_name(array->type),
                       dump(to_json(value, kShownElements)["first"]),
                       array->count > kShownElements ? " ..." : "");
  }
  if (text.size() <= kLongest) return escaped(text);
  size_t end = kLongest;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;  // between characters
  return escaped(text.substr(0, end)) + " ...";
}

/// Everything as JSON: the file, and the model in it or why there is none that runs.
ordered_json describe(const Gguf& gguf, const Result<std::unique_ptr<Model>>& model,
                      const LoadOptions& options, const std::string& kv_type) {
  ordered_json tensors = ordered_json::array();
  for (const GgufTensor& tensor : gguf.tensors()) {
    tensors.push_back({{"name", tensor.name},
                       {"type", block_layout(tensor.type).name},
                       {"shape", tensor.shape},
                       {"offset", tensor.offset},
                       {"bytes", tensor.bytes}});
  }
  ordered_json json = {{"file", gguf.source().name()},
                       {"version", gguf.version()},
                       {"fileSize", gguf.source().size()},
                       {"alignment", gguf.alignment()},
                       {"dataOffset", gguf.data_offset()}};
  json["runs"] = model.ok();
  if (model.ok()) {
    json["model"] = to_json((*model)->info());
    json["memory"] = memory_json(**model, options, kv_type);
  } else {
    json["reason"] = {{"code", error_code_name(model.error().code)}, {"message", model.error().message}};
  }
  json["metadata"] = metadata_json(gguf, kShownElements);
  json["tensors"] = std::move(tensors);
  return json;
}

std::string file_text(const Gguf& gguf) {
  std::string text = styled(Style::kBold, "\nMetadata\n");
  for (const GgufEntry& entry : gguf.entries()) {
    text += fmt::format("  {:<44} {}\n", escaped(entry.key), as_text(entry.value));
  }
  text += styled(Style::kBold, "\nTensors\n");
  for (const GgufTensor& tensor : gguf.tensors()) {
    text += fmt::format("  {:<44} {:<8} [{}], {} at byte {}\n", escaped(tensor.name),
                        block_layout(tensor.type).name, fmt::join(tensor.shape, ", "),
                        readable_bytes(tensor.bytes), tensor.offset);
  }
  return text;
}

Result<void> inspect(const InspectOptions& options) {
  LoadOptions loading;
  HEARTH_TRY(set_options(loading, options.given));
  const std::string kv_type = options.given.value("kvType", std::string(kKvTypes[0]));
  HEARTH_ASSIGN(const std::string path, model_file(options.path));
  HEARTH_ASSIGN(auto source, map_file(path));
  HEARTH_ASSIGN(const Gguf gguf, Gguf::parse(std::move(source), false));
  const auto model = Model::load(path, LoadOptions{.threads = 1});
  if (options.json) return put_json(describe(gguf, model, loading, kv_type), 2);
  HEARTH_TRY(
      put(fmt::format("{}: GGUF {}, {}, {} keys, {} tensors\n", escaped(path), gguf.version(),
                      readable_bytes(gguf.source().size()), gguf.entries().size(), gguf.tensors().size())));
  HEARTH_TRY(put(model.ok()
                     ? model_text(**model, loading, kv_type)
                     : fmt::format("\nHearth cannot run it: {}: {}\n", error_code_name(model.error().code),
                                   escaped(model.error().message))));
  return put(file_text(gguf));
}

}  // namespace

void add_inspect_command(CLI::App& app) {
  auto options = std::make_shared<InspectOptions>();
  CLI::App* command = app.add_subcommand("inspect", "Check a GGUF file and show what is in it");
  command->add_option("file", options->path, "GGUF file, or a downloaded model")
      ->required()
      ->check(model_name());
  add_named_options<LoadOptions>(*command, "Memory is reckoned for", options->given,
                                 {"contextSize", "maxSequences", "kvType"});
  command->add_flag("--json", options->json, "Print everything as JSON");
  command->footer(
      "A file that is damaged is refused with exit code 1; one that is sound but no model that Hearth runs "
      "is\n"
      "shown, with the reason.\n\n"
      "Examples:\n"
      "  hearth inspect model.gguf\n"
      "  hearth inspect model.gguf --context 32768 --kv-type q8_0 --json");
  command->callback([options] { leave_on_error(inspect(*options)); });
}

}  // namespace hearth::cli
