// hearth bundle: a model with the page that runs it, for any static host or in one file.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>

#include "apps/bundle/bundle.h"
#include "apps/bundle/staging.h"
#include "apps/bundle/tar.h"
#include "apps/bundle/web_files.h"
#include "apps/cli/commands.h"
#include "apps/cli/console.h"
#include "apps/cli/interrupt.h"
#include "apps/cli/model_argument.h"
#include "apps/cli/model_options.h"
#include "apps/cli/output_file.h"
#include "engine/base/escaped.h"

namespace hearth::cli {
namespace {

using bundle::BundleParts;
using bundle::BundleReport;

struct BundleOptions {
  std::string model;
  std::string output;
  std::string tar;
  std::string page;
  std::string workflow;
  std::string web;
  std::string name;
  uint64_t chunk_bytes = 2'000'000'000;
  bool single = false;
  bool force = false;
  bool json = false;
};

bundle::BundleProgress shown_on(ProgressLine& line, const char* what) {
  return [&line, what](uint64_t done, uint64_t total) {
    line.show(what, done, total);
    return !interrupted();
  };
}

Result<BundleParts> parts_of(const BundleOptions& options) {
  BundleParts parts;
  if (options.model.empty()) {
    HEARTH_ASSIGN(parts.model, find_bundled_model());
  } else {
    HEARTH_ASSIGN(parts.model, model_file(options.model));
  }
  HEARTH_ASSIGN(parts.web, bundle::find_web_files(options.web));
  parts.name = options.name;
  parts.page = options.page;
  parts.workflow = options.workflow;
  parts.chunk_bytes = options.chunk_bytes;
  return parts;
}

std::filesystem::path output_of(const BundleOptions& options, const BundleParts& parts) {
  if (!options.output.empty()) return options.output;
  return parts.model.stem().string() + (options.single ? ".html" : "-bundle");
}

/// Whether one place is the other, or below it.
bool lies_in(const std::filesystem::path& path, const std::filesystem::path& folder) {
  std::error_code ignored;
  const auto from = std::filesystem::weakly_canonical(folder, ignored);
  const auto way = std::filesystem::weakly_canonical(path, ignored).lexically_relative(from);
  return !way.empty() && *way.begin() != "..";
}

/// What is read would be replaced, or what is written be read.
Result<void> check_places(const BundleParts& parts, const std::filesystem::path& output) {
  const auto clash = [&](const std::filesystem::path& read) {
    return Error{
        ErrorCode::kInvalidArgument,
        fmt::format("{}: and {}, which is read, must not lie in each other", output.string(), read.string())};
  };
  for (const auto& file : {parts.model, parts.workflow}) {
    if (!file.empty() && lies_in(file, output)) return clash(file);
  }
  if (parts.page.empty()) return {};
  return lies_in(parts.page, output) || lies_in(output, parts.page) ? clash(parts.page) : Result<void>();
}

Result<void> tell_bundle(bool as_json, const std::string& place, const BundleReport& report) {
  if (as_json) {
    return put_json({{"path", place},
                     {"name", report.name},
                     {"version", report.version},
                     {"chunks", report.chunks},
                     {"bytes", report.bytes}});
  }
  return put(fmt::format("{}: {} with {}, version {}\n", escaped(place), readable_bytes(report.bytes),
                         escaped(report.name), report.version));
}

Result<void> bundle_to_page(const BundleOptions& options, const BundleParts& parts) {
  const std::filesystem::path output = output_of(options, parts);
  HEARTH_TRY(refuse_input(parts.model.string(), output.string()));
  std::error_code ignored;
  if (!options.force && std::filesystem::is_regular_file(output, ignored)) {
    return Error{
        ErrorCode::kInvalidArgument,
        fmt::format("{}: is there already; name another file, or replace it with --force", output.string())};
  }
  ProgressLine line;
  HEARTH_ASSIGN(const BundleReport report,
                bundle::write_single_page(parts, output, shown_on(line, "written")));
  return tell_bundle(options.json, output.string(), report);
}

/// A tar file alone is packed from a folder that goes again.
Result<void> bundle_to_folder(const BundleOptions& options, const BundleParts& parts) {
  const bool keeps_folder = options.tar.empty() || !options.output.empty();
  const std::filesystem::path output =
      keeps_folder ? output_of(options, parts) : std::filesystem::path(options.tar + ".files");
  HEARTH_TRY(check_places(parts, output));
  HEARTH_ASSIGN(bundle::Staging staging, bundle::Staging::create(output, options.force));
  ProgressLine line;
  HEARTH_ASSIGN(const BundleReport report,
                bundle::write_bundle(parts, staging.path(), shown_on(line, "written")));
  if (!options.tar.empty()) {
    HEARTH_TRY(refuse_input(parts.model.string(), options.tar));
    HEARTH_TRY(bundle::write_tar(staging.path(), options.tar, shown_on(line, "packed")));
  }
  if (keeps_folder) HEARTH_TRY(staging.commit());
  return tell_bundle(options.json, keeps_folder ? output.string() : options.tar, report);
}

Result<void> make_bundle(const BundleOptions& options) {
  catch_interrupts();
  HEARTH_ASSIGN(const BundleParts parts, parts_of(options));
  return options.single ? bundle_to_page(options, parts) : bundle_to_folder(options, parts);
}

}  // namespace

void add_bundle_command(CLI::App& app) {
  auto options = std::make_shared<BundleOptions>();
  CLI::App* command =
      app.add_subcommand("bundle", "Make a page that carries its model, for any static host or as one file");
  command
      ->add_option("model", options->model, "GGUF file, or a downloaded model; the bundled model by default")
      ->check(model_name());
  command->add_option(
      "-o,--output", options->output,
      "The folder to write, by default MODEL-bundle; with --single the file, by default MODEL.html");
  auto* chunk =
      command
          ->add_option(
              "--chunk", options->chunk_bytes,
              "The largest file of the model, in bytes, for hosts that limit the size of files: 25MB, "
              "2GB (the default)")
          ->transform(CLI::AsSizeValue(true))
          ->check(CLI::Range(uint64_t{1}, UINT64_MAX).description(""));
  auto* page = command->add_option(
      "--page", options->page, "Folder of a page of your own, with an index.html, instead of the chat page");
  command->add_option("--workflow", options->workflow, "YAML file of a workflow that the bundle carries, too")
      ->check(CLI::ExistingFile.description(""));
  command->add_option("--name", options->name, "What the page calls it; by default the model's own name");
  auto* tar =
      command->add_option("--tar", options->tar,
                          "Write the bundle as a tar file; beside the folder only where --output names one");
  command
      ->add_flag("--single", options->single,
                 "Write one HTML file, for models up to 100 MB, which browsers open from a disk as well")
      ->excludes(page)
      ->excludes(tar)
      ->excludes(chunk);
  command->add_option("--web", options->web,
                      "Folder of the web part of bundles, if it is not where it is looked for");
  command->add_flag("--force", options->force, "Replace a bundle that is there already");
  command->add_flag("--json", options->json, "Print what was written as JSON");
  command->footer(
      "Examples:\n  hearth bundle model.gguf --output site --chunk 25MB\n  hearth bundle model.gguf --page "
      "my-page "
      "--tar site.tar\n  hearth bundle --single --output chat.html");
  command->callback([options] { leave_on_error(make_bundle(*options)); });
}

}  // namespace hearth::cli
