// GET /api/tags and /api/ps, POST /api/show, DELETE /api/delete.
#include <fmt/format.h>
#include <openssl/sha.h>

#include <algorithm>

#include "apps/serve/api/ollama/routes.h"
#include "apps/serve/api/time_text.h"
#include "apps/serve/refusal.h"

namespace hearth::serve::ollama {

using nlohmann::ordered_json;
using SystemClock = std::chrono::system_clock;

namespace {

/// Clients expect a tag behind each name.
std::string with_tag(const std::string& name) {
  return name.find(':') == std::string::npos ? name + ":latest" : name;
}

/// "2.3M", "7B".
std::string parameter_text(double count) {
  for (const auto& [unit, letter] : {std::pair{1e9, 'B'}, {1e6, 'M'}, {1e3, 'K'}}) {
    if (count >= unit) return fmt::format("{:.1f}{}", count / unit, letter);
  }
  return fmt::format("{:.0f}", count);
}

ordered_json details_json(const std::string& family, const std::string& parameters,
                          const std::string& quantization) {
  return {{"parent_model", ""},
          {"format", "gguf"},
          {"family", family},
          {"families", ordered_json::array({family})},
          {"parameter_size", parameters},
          {"quantization_level", quantization}};
}

ordered_json details_of(const ordered_json& info) {
  return details_json(info.value("architecture", ""), parameter_text(info.value("parameterCount", 0.0)),
                      info.value("quantization", ""));
}

/// The file's SHA-256 where that is known; else one of what tells it from other files, for clients that want
/// some digest.
std::string digest_of(const store::StoredModel& file) {
  if (!file.sha256.empty()) return file.sha256;
  const std::string text =
      fmt::format("{}\n{}\n{}", file.path.string(), file.size, file.stored.time_since_epoch().count());
  unsigned char hash[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), hash);
  std::string digest;
  for (const unsigned char byte : hash) digest += fmt::format("{:02x}", byte);
  return digest;
}

ordered_json listed_json(const Models::State& state, const store::StoredModel& file) {
  const std::string name = with_tag(state.description->name);
  return {{"name", name},
          {"model", name},
          {"modified_at", time_text(file.stored)},
          {"size", file.size},
          {"digest", digest_of(file)},
          {"details", state.model ? details_of(state.model->info())
                                  : details_json(file.architecture, "", file.quantization)}};
}

/// What users of Ollama call what a model can do.
ordered_json capabilities_of(const ordered_json& info) {
  ordered_json capabilities = ordered_json::array();
  const ordered_json tasks = info.value("tasks", ordered_json::array());
  const auto has_task = [&](std::string_view task) {
    return std::find(tasks.begin(), tasks.end(), task) != tasks.end();
  };
  const ordered_json shows = info.value("templateCapabilities", ordered_json::object());
  if (has_task("generate")) capabilities.push_back("completion");
  if (shows.value("tools", false)) capabilities.push_back("tools");
  if (shows.value("reasoning", false)) capabilities.push_back("thinking");
  if (info.value("tokens", ordered_json::object()).contains("fimMiddle")) capabilities.push_back("insert");
  if (has_task("embed")) capabilities.push_back("embedding");
  return capabilities;
}

constexpr size_t kMostShown = 100000;  // elements of an array

/// Metadata with its arrays, or with null for each.
ordered_json model_info_json(const ordered_json& metadata, bool verbose) {
  ordered_json shown = ordered_json::object();
  for (const auto& [name, value] : metadata.items()) {
    if (name == "tokenizer.chat_template") continue;
    const bool is_array = value.is_object() && value.contains("arrayOf");
    shown[name] = !is_array ? value : verbose ? value["first"] : ordered_json();
  }
  return shown;
}

}  // namespace

Awaitable<> list_models(Service& service, Exchange& exchange) {
  ordered_json listed = ordered_json::array();
  const std::vector<Models::State> models = co_await service.models.list();
  for (const Models::State& state : models) {
    if (!may_see_model(*exchange.record, state.description->name)) continue;
    const store::StoredModel file = co_await service.models.catalog().file_of(state.description);
    listed.push_back(listed_json(state, file));
  }
  const ordered_json reply = {{"models", std::move(listed)}};
  co_await reply_json(exchange, reply);
}

Awaitable<> list_loaded(Service& service, Exchange& exchange) {
  ordered_json listed = ordered_json::array();
  for (const Models::State& state : service.models.loaded()) {
    if (!may_see_model(*exchange.record, state.description->name)) continue;
    const store::StoredModel file = co_await service.models.catalog().file_of(state.description);
    ordered_json entry = listed_json(state, file);
    entry.erase("modified_at");
    entry["size"] = state.model->memory();
    // Ollama tells of models that stay for ever by a time that is far off.
    const auto left = state.keep_alive == kForever ? std::chrono::hours(24 * 365 * 100) : state.keep_alive;
    const auto idle = std::chrono::steady_clock::now() - state.used;
    const auto end = SystemClock::now() + std::chrono::duration_cast<SystemClock::duration>(left) -
                     (state.active > 0 ? SystemClock::duration::zero()
                                       : std::chrono::duration_cast<SystemClock::duration>(idle));
    entry["expires_at"] = time_text(end);
    entry["size_vram"] = 0;
    entry["context_length"] = state.model->info().value("contextSize", 0);
    listed.push_back(std::move(entry));
  }
  const ordered_json reply = {{"models", std::move(listed)}};
  co_await reply_json(exchange, reply);
}

Awaitable<> show_model(Service& service, Exchange& exchange) {
  const ordered_json json = json_body(exchange.request);
  const Members body(json);
  const bool verbose = body.flag("verbose", false);
  ModelRequest asked;
  asked.model = read_model_name(body);
  const auto model = co_await use_model_of(service, exchange, asked);
  const Description description = co_await find_model(service, exchange.record, asked.model);
  const store::StoredModel file = co_await service.models.catalog().file_of(description);
  ordered_json arguments = ordered_json::array({verbose ? kMostShown : size_t{0}});
  const Reply reply = co_await model->call("metadata", std::move(arguments));
  const ordered_json metadata = reply.json();
  const ordered_json& info = model->info();
  const ordered_json shown = {{"license", info.value("license", "")},
                              {"modelfile", fmt::format("FROM {}\n", with_tag(description->name))},
                              {"parameters", ""},
                              {"template", metadata.value("tokenizer.chat_template", "")},
                              {"details", details_of(info)},
                              {"model_info", model_info_json(metadata, verbose)},
                              {"capabilities", capabilities_of(info)},
                              {"modified_at", time_text(file.stored)}};
  co_await reply_json(exchange, shown);
}

Awaitable<> delete_model(Service& service, Exchange& exchange) {
  const ordered_json json = json_body(exchange.request);
  const std::string name = read_model_name(Members(json));
  const Description erased = co_await service.models.catalog().erase(name);
  service.models.unload(erased->name);
  co_await exchange.reply(200, "application/json; charset=utf-8", "");
}

}  // namespace hearth::serve::ollama
