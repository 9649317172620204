// POST /slots/ID?action=save, restore and erase.
#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <filesystem>

#include "apps/serve/api/llama/routes.h"
#include "apps/serve/api/llama/server_state.h"
#include "apps/serve/api/members.h"
#include "apps/serve/api/openai/prompts.h"
#include "apps/serve/models/blocking.h"
#include "apps/serve/refusal.h"
#include "engine/base/atomic_file.h"
#include "engine/base/byte_source.h"

namespace hearth::serve::llama {

using nlohmann::ordered_json;

namespace {

namespace fs = std::filesystem;

/// Nobody else shall read what was said.
constexpr fs::perms kOwnerOnly = fs::perms::owner_read | fs::perms::owner_write;

class Stopwatch {
 public:
  double milliseconds() const {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begun_).count();
  }

 private:
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

int64_t slot_id_of(const Request& request) {
  constexpr std::string_view kBefore = "/slots/";
  const std::string text = request.path.substr(kBefore.size());
  int64_t id = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (problem == std::errc() && end == text.data() + text.size() && id >= 0) return id;
  throw Refusal(400, ErrorCode::kInvalidArgument, fmt::format("a slot has a number from 0, not '{}'", text));
}

/// The file of that name in the folder, and nowhere else.
fs::path file_of(const ServerConfig& config, const Members& body) {
  const std::string name = body.text("filename");
  const bool is_plain = !name.empty() && name.size() <= 200 && name.front() != '.' &&
                        name.find_first_of(std::string_view("/\\\0\n\r", 5)) == std::string::npos &&
                        !name.ends_with(kUnfinished);
  if (!is_plain) {
    body.refuse("filename", "must be a file's name, without a folder, a dot before it or .part behind it");
  }
  return fs::path(config.slot_save_path) / name;
}

Result<uint64_t> write_file(const fs::path& path, const std::string& bytes) {
  HEARTH_ASSIGN(AtomicFile file, AtomicFile::create(path, kOwnerOnly));
  HEARTH_TRY(file.append(std::as_bytes(std::span(bytes))));
  HEARTH_TRY(file.commit());
  return bytes.size();
}

Result<std::string> read_file(const fs::path& path) {
  HEARTH_ASSIGN(const auto source, map_file(path));
  const auto bytes = source->mapped();
  return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

/// One slot of a model, as an action works with it.
struct Slot {
  Service& service;
  ModelUse& model;
  int64_t id;
  SlotKey key;

  SlotText text() const { return service.slots.text(key); }
  /// A call of the engine about texts under this slot's salt.
  Awaitable<Reply> call(std::string name, std::string data) const {
    ordered_json arguments = ordered_json::array({model.cache_salt()});
    co_return co_await model.call(std::move(name), std::move(arguments), std::move(data));
  }
};

Awaitable<ordered_json> save(const Slot& slot, const Members& body) {
  const Stopwatch watch;
  const fs::path path = file_of(slot.service.config, body);
  SlotFile file{slot.text(), ""};
  Reply state = co_await slot.call("saveText", openai::call_data(file.text));
  file.state = std::move(state.data);
  const std::function<Result<uint64_t>()> write = [&] { return write_file(path, write_slot_file(file)); };
  const uint64_t written = value_or_refuse(co_await on_pool<Result<uint64_t>>(slot.service.pool, write));
  co_return ordered_json{{"id_slot", slot.id},
                         {"filename", path.filename().string()},
                         {"n_saved", file.text.size()},
                         {"n_written", written},
                         {"timings", {{"save_ms", watch.milliseconds()}}}};
}

Awaitable<ordered_json> restore(const Slot& slot, const Members& body) {
  const Stopwatch watch;
  const fs::path path = file_of(slot.service.config, body);
  const std::function<Result<std::string>()> read = [&] { return read_file(path); };
  const Result<std::string> bytes = co_await on_pool<Result<std::string>>(slot.service.pool, read);
  const auto refuse = [&](const Error& error) {
    throw Refusal(400, error.code, fmt::format("{}: {}", path.filename().string(), error.message))
        .about("filename");
  };
  if (!bytes.ok()) refuse(bytes.error());
  Result<SlotFile> file = read_slot_file(*bytes);
  if (!file.ok()) refuse(file.error());
  const size_t restored = file->text.size();
  co_await slot.call("restoreText", std::move(file->state));
  slot.service.slots.begin(slot.key, std::move(file->text));
  co_return ordered_json{{"id_slot", slot.id},
                         {"filename", path.filename().string()},
                         {"n_restored", restored},
                         {"n_read", bytes->size()},
                         {"timings", {{"restore_ms", watch.milliseconds()}}}};
}

Awaitable<ordered_json> erase(const Slot& slot, const Members& /*body*/) {
  const SlotText text = slot.text();
  co_await slot.call("forgetText", openai::call_data(text));
  slot.service.slots.begin(slot.key, {});
  co_return ordered_json{{"id_slot", slot.id}, {"n_erased", text.size()}};
}

}  // namespace

Awaitable<> change_slot(Service& service, Exchange& exchange) {
  require_admin(exchange);
  if (service.config.slot_save_path.empty()) {
    throw Refusal(501, ErrorCode::kUnsupported,
                  "slots are not kept: start the server with --slot-save-path FOLDER, or slotSavePath in "
                  "hearth.yaml");
  }
  const Request& request = exchange.request;
  const int64_t id = slot_id_of(request);
  const std::string action = request.parameter("action");
  const bool is_empty = request.body.empty();
  const ordered_json json = is_empty ? ordered_json::object() : json_body(request);
  const Members body(json);
  const auto model = co_await use_model(service, exchange, body.text("model", request.parameter("model")));
  const size_t slots = slot_count(*model);
  const int64_t number = id % static_cast<int64_t>(slots);  // as llama-server counts
  const Slot slot{service, *model, number, slot_key(*model, number)};
  ordered_json reply;
  if (action == "save") {
    reply = co_await save(slot, body);
  } else if (action == "restore") {
    reply = co_await restore(slot, body);
  } else if (action == "erase") {
    reply = co_await erase(slot, body);
  } else {
    throw Refusal(400, ErrorCode::kInvalidArgument,
                  fmt::format("the action is save, restore or erase, not '{}'", action))
        .about("action");
  }
  co_await reply_json(exchange, reply);
}

}  // namespace hearth::serve::llama
