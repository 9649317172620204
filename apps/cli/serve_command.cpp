// hearth serve: models for other programs, over HTTP.
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/cli/commands.h"
#include "apps/cli/console.h"
#include "apps/cli/model_options.h"
#include "apps/cli/table_option.h"
#include "apps/serve/config/config_tables.h"
#include "apps/serve/config/print_config.h"
#include "apps/serve/config/read_config.h"
#include "apps/serve/serve.h"
#include "engine/options/load_options.h"

namespace hearth::cli {
namespace {

/// What the command line says, each over what the file says.
struct ServeCommand {
  std::string config;
  std::vector<std::string> models;
  std::vector<std::string> aliases, adapters, api_keys;
  std::optional<std::string> models_folder, host, socket, keys, certificate, key, slot_save_path, workflows,
      log_format, log_level;
  std::optional<int64_t> port, threads;
  GivenOptions loading = GivenOptions::object();
  bool insecure = false;
  bool any_model_name = false;
  bool print_config = false;
};

/// A path from the folder that the program was started in, as those of a file are from the file's.
std::string absolute(const std::string& path) { return std::filesystem::absolute(path).lexically_normal(); }

/// What requests call a model: the name of its file, without folder and ending.
std::string name_of(const std::string& source) {
  const std::string file = source.substr(source.find_last_of('/') + 1);
  return file.ends_with(".gguf") ? file.substr(0, file.size() - 5) : file;
}

bool is_remote(const std::string& source) {
  return source.starts_with("hf:") || source.find("://") != std::string::npos;
}

std::string source_of(const std::string& given) { return is_remote(given) ? given : absolute(given); }

serve::ModelSettings model_of(const std::string& source) {
  serve::ModelSettings model;
  model.name = name_of(source);
  model.source = source_of(source);
  if (is_remote(source) && model.name != source) model.aliases = {source};
  return model;
}

void set_all(const ServeCommand& command, serve::ServerConfig& config) {
  const auto set = [](const auto& given, auto& member) {
    if (given) member = *given;
  };
  const auto set_path = [](const std::optional<std::string>& given, std::string& member) {
    if (given) member = absolute(*given);
  };
  set(command.host, config.host);
  set(command.port, config.port);
  set(command.threads, config.threads);
  set(command.log_format, config.log.format);
  set(command.log_level, config.log.level);
  set_path(command.socket, config.socket);
  set_path(command.keys, config.keys);
  set_path(command.models_folder, config.models_folder);
  set_path(command.certificate, config.tls.certificate);
  set_path(command.key, config.tls.key);
  set_path(command.slot_save_path, config.slot_save_path);
  set_path(command.workflows, config.workflows.folder);
  config.insecure |= command.insecure;
  config.any_model_name |= command.any_model_name;
  config.api_keys = command.api_keys;
}

/// The models of the command line; the bundled one where there are no others.
Result<std::vector<serve::ModelSettings>> models_of(const ServeCommand& command, bool has_others) {
  std::vector<serve::ModelSettings> models;
  for (const std::string& source : command.models) models.push_back(model_of(source));
  if (models.empty() && !has_others) {
    HEARTH_ASSIGN(const std::filesystem::path bundled, find_bundled_model());
    models.push_back(model_of(bundled.string()));
  }
  for (const std::string& text : command.adapters) {
    const auto [file, scale] = file_and_scale(text);
    const serve::AdapterSettings adapter{name_of(file), source_of(file), scale, true};
    for (serve::ModelSettings& model : models) model.adapters.push_back(adapter);
  }
  if (command.aliases.empty()) return models;
  if (models.size() != 1) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("--alias names the one model of the command line, which has {}", models.size())};
  }
  models[0].name = command.aliases.front();
  models[0].aliases.insert(models[0].aliases.end(), command.aliases.begin() + 1, command.aliases.end());
  return models;
}

Result<serve::ServerConfig> config_of(const ServeCommand& command) {
  serve::ServerConfig config;
  if (!command.config.empty()) {
    HEARTH_ASSIGN(config, serve::read_config(command.config));
  }
  set_all(command, config);
  HEARTH_ASSIGN(const auto models,
                models_of(command, !config.models.empty() || !config.models_folder.empty()));
  config.models.insert(config.models.end(), models.begin(), models.end());
  for (serve::ModelSettings& model : config.models) model.options.update(command.loading);
  return config;
}

/// The address alone on a line, for programs, and what to try.
void tell_address(const std::string& address) {
  const bool is_socket = address.starts_with("unix:");
  const std::string where =
      is_socket ? fmt::format("--unix-socket {} http://localhost", address.substr(5)) : address;
  (void)put(
      fmt::format("{}\ncurl {}/v1/chat/completions -d '{{\"messages\": [{{\"role\": \"user\", \"content\": "
                  "\"Hello!\"}}]}}'\n",
                  address, where));
}

Result<void> run_server(const ServeCommand& command) {
  serve::ServeOptions options;
  options.read_config = [command] { return config_of(command); };
  options.ready = tell_address;
  HEARTH_ASSIGN(options.config, options.read_config());
  if (command.print_config) return put(serve::print_config(options.config));
  // Who reads the log, or the address, may go: the server stays.
  std::signal(SIGPIPE, SIG_IGN);
  return serve::serve(options);
}

/// The help of a key of hearth.yaml, which an option of the command line stands for.
template <typename Section>
std::string help_of(std::string_view name) {
  for (const auto& setting : serve::setting_table<Section>()) {
    if (setting.name == name) return std::string(setting.help);
  }
  return {};
}

template <typename T>
void add_setting(CLI::App& command, const std::string& option, std::string_view name,
                 std::optional<T>& into) {
  command.add_option(option, into, help_of<serve::ServerConfig>(name));
}

CLI::Validator not_empty() {
  return {[](const std::string& text) { return std::string(text.empty() ? "must not be empty" : ""); }, ""};
}

template <size_t size>
std::vector<std::string> all_of(const std::string_view (&names)[size]) {
  return {std::begin(names), std::end(names)};
}

}  // namespace

void add_serve_command(CLI::App& app) {
  auto options = std::make_shared<ServeCommand>();
  CLI::App* command = app.add_subcommand("serve", "Serve models to other programs over HTTP");
  command->add_option(
      "model", options->models,
      "Models: GGUF files, hf:OWNER/REPOSITORY:TYPE or URLs; without any, and without other models, "
      "the bundled one");
  add_setting(*command, "--models", "modelsFolder", options->models_folder);
  command
      ->add_option("--alias", options->aliases,
                   "What requests call the model, if the command line has one; more names come behind commas")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(not_empty());
  add_adapters(*command, options->adapters);
  command->add_flag("--any-model-name", options->any_model_name,
                    help_of<serve::ServerConfig>("anyModelName"));
  command
      ->add_option("--config", options->config, "Configuration, hearth.yaml; options go before what it says")
      ->check(CLI::ExistingFile);
  add_setting(*command, "--host", "host", options->host);
  add_setting(*command, "--port", "port", options->port);
  add_setting(*command, "--socket", "socket", options->socket);
  add_setting(*command, "--keys", "keys", options->keys);
  command
      ->add_option(
          "--api-key", options->api_keys,
          "A key of callers, who may do everything with it; may be given several times. Other users of "
          "the machine see command lines: the environment or --keys tells them nothing")
      ->allow_extra_args(false)
      ->envname("HEARTH_API_KEY")
      ->check(not_empty());
  command->add_flag("--insecure", options->insecure, help_of<serve::ServerConfig>("insecure"));
  command->add_option("--tls-certificate", options->certificate, help_of<serve::TlsSettings>("certificate"));
  command->add_option("--tls-key", options->key, help_of<serve::TlsSettings>("key"));
  add_setting(*command, "--threads", "threads", options->threads);
  add_setting(*command, "--slot-save-path", "slotSavePath", options->slot_save_path);
  command->add_option("--workflows", options->workflows, help_of<serve::WorkflowSettings>("folder"));
  command->add_option("--log-format", options->log_format, help_of<serve::LogSettings>("format"))
      ->check(CLI::IsMember(all_of(serve::kLogFormats)));
  command->add_option("--log-level", options->log_level, help_of<serve::LogSettings>("level"))
      ->check(CLI::IsMember(all_of(serve::kLogLevels)));
  add_named_options<LoadOptions>(*command, "Running", options->loading,
                                 {"contextSize", "maxSequences", "cachePositions", "kvType", "device",
                                  "gpuMemory", "gpuLayers", "gpuStreaming", "memoryLimit"});
  command->add_flag("--print-config", options->print_config,
                    "Print the configuration that this would serve by, as hearth.yaml, and end");
  command->callback([options] { leave_on_error(run_server(*options)); });
}

}  // namespace hearth::cli
