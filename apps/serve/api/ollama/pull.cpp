// POST /api/pull.
#include <memory>
#include <optional>
#include <string_view>

#include "apps/serve/api/ollama/routes.h"
#include "apps/serve/refusal.h"
#include "apps/store/reference.h"

namespace hearth::serve::ollama {

using nlohmann::ordered_json;

namespace {

/// Ollama's names of models at Hugging Face, as Hearth has them.
std::string reference_of(std::string name) {
  for (const std::string_view host : {"hf.co/", "huggingface.co/"}) {
    if (name.starts_with(host)) return "hf:" + name.substr(host.size());
  }
  return name;
}

ordered_json progress_json(const store::PullProgress& progress) {
  if (progress.stage == "verify") return {{"status", "verifying sha256 digest"}};
  if (progress.stage == "store") return {{"status", "writing manifest"}};
  if (progress.stage != "download") return {{"status", "pulling manifest"}};
  ordered_json json = {{"status", "pulling " + progress.file}, {"digest", progress.file}};
  if (progress.total > 0) json["total"] = progress.total;
  json["completed"] = progress.loaded;
  return json;
}

Awaitable<> stream_progress(Exchange& exchange, Pull& download) {
  // What can't be begun is refused with a status of its own.
  std::optional<store::PullProgress> progress = co_await download.next();
  co_await begin_lines(exchange);
  while (progress) {
    const ordered_json line = progress_json(*progress);
    co_await write_line(exchange, line);
    progress = co_await download.next();
  }
  const ordered_json last = {{"status", "success"}};
  co_await write_line(exchange, last);
  co_await exchange.end();
}

}  // namespace

Awaitable<> pull_model(Service& service, Exchange& exchange) {
  const ordered_json json = json_body(exchange.request);
  const Members body(json);
  const std::string reference = reference_of(read_model_name(body));
  if (!store::is_address(reference)) {
    body.refuse("model",
                "must be hf.co/OWNER/REPOSITORY:TYPE or a URL of a GGUF file: there is no registry of other "
                "names");
  }
  const auto download = co_await service.models.catalog().pull(reference);
  if (body.flag("stream", true)) co_return co_await stream_progress(exchange, *download);
  std::optional<store::PullProgress> progress;
  do {
    progress = co_await download->next();
  } while (progress);
  const ordered_json done = {{"status", "success"}};
  co_await reply_json(exchange, done);
}

}  // namespace hearth::serve::ollama
