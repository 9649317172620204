// hearth key: the keys by which a server knows its callers.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "apps/cli/commands.h"
#include "apps/cli/console.h"
#include "apps/cli/table_option.h"
#include "apps/serve/tenants/key_changes.h"
#include "apps/serve/tenants/key_file.h"

namespace hearth::cli {
namespace {

using nlohmann::ordered_json;
using serve::ApiKey;
using serve::IssuedKey;

struct KeyOptions {
  std::string file = serve::default_keys_file().string();
  std::string id;
  ApiKey wanted;
  std::vector<std::string> scopes = {"models"};
  int64_t requests_per_minute = -1;  // -1: as the server has it
  int64_t tokens_per_minute = -1;
  int64_t concurrency = -1;
  bool json = false;
};

/// The secret alone on standard output, for scripts; what to do with it on standard error.
Result<void> tell_issued(const IssuedKey& issued, bool json) {
  if (json) {
    ordered_json shown = shown_key(issued.key);
    shown["key"] = issued.secret;
    return put_json(shown);
  }
  fmt::print(stderr, "key {} of {}; it is shown this once, so keep it now:\n", issued.key.id,
             issued.key.name);
  return put(issued.secret + "\n");
}

std::optional<int64_t> limit_of(int64_t given) { return given < 0 ? std::nullopt : std::optional(given); }

Result<void> create(const KeyOptions& options) {
  ApiKey wanted = options.wanted;
  const auto has = [&](std::string_view scope) {
    return std::find(options.scopes.begin(), options.scopes.end(), scope) != options.scopes.end();
  };
  wanted.uses_models = has("models");
  wanted.is_admin = has("admin");
  wanted.requests_per_minute = limit_of(options.requests_per_minute);
  wanted.tokens_per_minute = limit_of(options.tokens_per_minute);
  wanted.concurrency = limit_of(options.concurrency);
  HEARTH_ASSIGN(const IssuedKey issued, serve::create_key(options.file, wanted));
  return tell_issued(issued, options.json);
}

std::string scopes_text(const ApiKey& key) {
  if (key.uses_models && key.is_admin) return "models, admin";
  return key.is_admin ? "admin" : "models";
}

Result<void> list(const KeyOptions& options) {
  HEARTH_ASSIGN(const std::vector<ApiKey> keys, serve::read_keys_file(options.file));
  if (options.json) {
    ordered_json shown = ordered_json::array();
    for (const ApiKey& key : keys) shown.push_back(shown_key(key));
    return put_json(shown);
  }
  size_t name_width = 4;
  size_t tenant_width = 6;
  for (const ApiKey& key : keys) {
    name_width = std::max(name_width, key.name.size());
    tenant_width = std::max(tenant_width, key.tenant.size());
  }
  const auto line = [&](std::string_view id, std::string_view name, std::string_view tenant,
                        std::string_view scopes, std::string_view created, std::string_view state) {
    return fmt::format("{:8}  {:{}}  {:{}}  {:13}  {:20}  {}\n", id, name, name_width, tenant, tenant_width,
                       scopes, created, state);
  };
  std::string text = line("ID", "NAME", "TENANT", "SCOPES", "CREATED", "STATE");
  for (const ApiKey& key : keys) {
    text += line(key.id, key.name, key.tenant, scopes_text(key), key.created,
                 key.disabled ? "disabled" : "enabled");
  }
  return put(text);
}

Result<void> tell_changed(const Result<ApiKey>& changed, bool json) {
  if (!changed.ok()) return changed.error();
  if (json) return put_json(shown_key(*changed));
  return put(fmt::format("{} of {} is {}\n", changed->id, changed->name,
                         changed->disabled ? "disabled" : "enabled"));
}

Result<void> disable(const KeyOptions& options) {
  return tell_changed(serve::disable_key(options.file, options.id), options.json);
}

Result<void> enable(const KeyOptions& options) {
  return tell_changed(serve::enable_key(options.file, options.id), options.json);
}

Result<void> rotate(const KeyOptions& options) {
  HEARTH_ASSIGN(const IssuedKey issued, serve::rotate_key(options.file, options.id));
  return tell_issued(issued, options.json);
}

/// Adds a command of `key` with the options that all of them have.
CLI::App& add_action(CLI::App& key, const std::string& name, const std::string& help,
                     const std::shared_ptr<KeyOptions>& options, Result<void> (*act)(const KeyOptions&)) {
  CLI::App* command = key.add_subcommand(name, help);
  command
      ->add_option("--keys", options->file,
                   "File of the keys; by default $XDG_CONFIG_HOME/hearth/keys.json or "
                   "~/.config/hearth/keys.json")
      ->type_name("FILE");
  command->add_flag("--json", options->json, "Print as JSON");
  command->footer("");
  command->callback([options, act] { leave_on_error(act(*options)); });
  return *command;
}

void add_limit(CLI::App& command, const char* name, int64_t& limit, const char* help) {
  command.add_option(name, limit, fmt::format("{} (0: any number); by default as the server has it", help))
      ->transform(whole_number(0, 1'000'000'000));
}

void add_create(CLI::App& key, const std::shared_ptr<KeyOptions>& options) {
  CLI::App& command = add_action(key, "create", "Make a key and print it, this once", options, create);
  command.add_option("--name", options->wanted.name, "What it is called, for people")->required();
  command.add_option("--tenant", options->wanted.tenant,
                     "Whose it is: what is remembered of prompts is shared among a tenant's keys only; by "
                     "default the key is a tenant of its own");
  command
      .add_option(
          "--scope", options->scopes,
          "What it allows: models (using them; the default), admin (managing the server), or both, given "
          "one by one")
      ->type_name("SCOPE")
      ->check(CLI::IsMember({"models", "admin"}))
      ->allow_extra_args(false);
  command.add_option("--model", options->wanted.models, "A model that it may use; by default all of them")
      ->allow_extra_args(false);
  add_limit(command, "--requests-per-minute", options->requests_per_minute, "Requests in a minute");
  add_limit(command, "--tokens-per-minute", options->tokens_per_minute,
            "Tokens, read and written, in a minute");
  add_limit(command, "--concurrency", options->concurrency, "Requests at once");
  command
      .add_option("--priority", options->wanted.priority,
                  "Requests of a higher one are served first, -1000 to 1000; by default 0")
      ->transform(whole_number(-1000, 1000));
  command.footer("Example:\n  hearth key create --name ci --tenant acme --requests-per-minute 600");
}

void add_change(CLI::App& key, const std::string& name, const std::string& help,
                Result<void> (*act)(const KeyOptions&)) {
  auto options = std::make_shared<KeyOptions>();
  add_action(key, name, help, options, act)
      .add_option("id", options->id, "The key's id, as 'hearth key list' shows it")
      ->required();
}

}  // namespace

void add_key_command(CLI::App& app) {
  CLI::App* key = app.add_subcommand("key", "Manage the keys by which a server knows its callers");
  key->require_subcommand(1);
  add_create(*key, std::make_shared<KeyOptions>());
  add_action(*key, "list", "Show the keys, without their secrets", std::make_shared<KeyOptions>(), list);
  add_change(*key, "disable", "Let a key open nothing until it is enabled again", disable);
  add_change(*key, "enable", "Let a key that was disabled open what it did", enable);
  add_change(*key, "rotate", "Give a key a new secret, and print it this once; the old one is worth nothing",
             rotate);
  key->footer(
      "A server that is running follows each change. Keys are kept as hashes: one that is lost must be "
      "rotated.\n\n"
      "Examples:\n  hearth key create --name laptop\n  hearth key list --json\n  hearth key disable "
      "1a2b3c4d");
}

}  // namespace hearth::cli
