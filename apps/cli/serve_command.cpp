// hearth serve: models for other programs, over HTTP.
#include <memory>

#include "apps/cli/commands.h"
#include "apps/cli/console.h"
#include "apps/cli/model_options.h"
#include "apps/serve/serve.h"

namespace hearth::cli {
namespace {

struct ServeCommand {
  std::vector<std::string> models;
  std::string host = "127.0.0.1";
  int port = 8080;
  std::string unix_socket;
};

/// What requests call the model of a file: its name without folder and ending.
std::string name_of(const std::string& path) {
  const std::string file = path.substr(path.find_last_of('/') + 1);
  return file.ends_with(".gguf") ? file.substr(0, file.size() - 5) : file;
}

Result<void> run_server(const ServeCommand& command) {
  serve::ServeOptions options;
  options.host = command.host;
  options.port = static_cast<uint16_t>(command.port);
  options.unix_socket = command.unix_socket;
  std::vector<std::string> paths = command.models;
  if (paths.empty()) {
    HEARTH_ASSIGN(const std::filesystem::path bundled, find_bundled_model());
    paths.push_back(bundled.string());
  }
  for (const std::string& path : paths) {
    serve::ModelDescription description;
    description.name = name_of(path);
    description.source = path;
    options.models.push_back(std::move(description));
  }
  return serve::serve(options, [](const std::string& address) { (void)put(address + "\n"); });
}

}  // namespace

void add_serve_command(CLI::App& app) {
  auto options = std::make_shared<ServeCommand>();
  CLI::App* command = app.add_subcommand("serve", "Serve models to other programs over HTTP");
  command->add_option("model", options->models, "GGUF files; without any the bundled model");
  command->add_option("--host", options->host, "Address to listen on")->capture_default_str();
  command->add_option("--port", options->port, "Port to listen on; 0: any that is free")
      ->capture_default_str();
  command->add_option("--socket", options->unix_socket, "Listen on a Unix socket at this path instead");
  command->callback([options] { leave_on_error(run_server(*options)); });
}

}  // namespace hearth::cli
