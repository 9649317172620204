#include "apps/serve/server.h"

#include <fmt/format.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <cstdlib>

#include "apps/serve/api/workflows/routes.h"
#include "apps/serve/http/tls.h"
#include "apps/serve/operation/notify.h"
#include "apps/serve/operation/reload.h"

namespace hearth::serve {

namespace {

/// Threads for what blocks: tokenizing, reading files.
constexpr size_t kBlockingThreads = 2;
/// In which clients that are told that the server ends may read so.
constexpr std::chrono::seconds kLastWords{1};
/// In which connections that were closed, and then all else that was cancelled, have to have ended.
constexpr std::chrono::seconds kLastSteps{5};
/// How late it may be noticed that nothing is waited for any more.
constexpr std::chrono::milliseconds kPause{20};

/// One that comes when nobody catches signals any more would end what has ended, with another exit code.
void ignore_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

HttpLimits http_limits(const LimitSettings& limits) {
  HttpLimits http;
  http.body_bytes = limits.body_bytes.bytes;
  http.header_bytes = static_cast<uint32_t>(limits.header_bytes.bytes);
  http.header_time = limits.header_time;
  http.body_time = limits.body_time;
  http.idle_time = limits.idle_time;
  http.write_time = limits.write_time;
  http.connections = static_cast<size_t>(limits.connections);
  return http;
}

ModelDescription description_of(const ServerConfig& config, const ModelSettings& settings) {
  ModelDescription description;
  description.name = settings.name;
  description.aliases = settings.aliases;
  description.source = settings.source;
  description.options = settings.options;
  if (config.threads > 0 && !description.options.contains("threads")) {
    description.options["threads"] = config.threads;
  }
  description.keep_alive = settings.keep_alive.value_or(config.keep_alive);
  description.pinned = settings.pinned;
  return description;
}

ModelDescription description_of(const ModelDescription& base, const AdapterSettings& settings) {
  ModelDescription description;
  description.name = settings.name;
  description.source = settings.source;
  description.keep_alive = base.keep_alive;
  description.base = base.name;
  description.scale = settings.scale;
  description.always = settings.always;
  return description;
}

}  // namespace

Server::Server(const ServeOptions& options, Routes routes)
    : options_(options),
      config_(options.config),
      log_(config_.log),
      callers_(log_),
      pool_(kBlockingThreads),
      catalog_(pool_, config_.keep_alive),
      models_(pool_, catalog_, config_.memory_budget.bytes),
      routes_(std::move(routes)),
      service_{models_, config_, callers_, metrics_, log_, http_.connections, pool_},
      gate_(service_, routes_),
      http_{gate_, http_limits(config_.limits)} {}

Result<void> Server::prepare() {
  HEARTH_TRY(add_models());
  HEARTH_TRY(callers_.open(config_));
  if (!config_.slot_save_path.empty()) HEARTH_TRY(llama::open_slot_folder(config_.slot_save_path));
  HEARTH_TRY(workflows::prepare(config_.workflows));
  if (!config_.tls.certificate.empty() || !config_.tls.key.empty()) {
    HEARTH_ASSIGN(http_.tls, make_tls(config_.tls.certificate, config_.tls.key));
  }
  return listen();
}

Result<void> Server::add_models() {
  for (const ModelSettings& settings : config_.models) {
    const ModelDescription description = description_of(config_, settings);
    HEARTH_TRY(catalog_.add(description));
    for (const AdapterSettings& adapter : settings.adapters) {
      HEARTH_TRY(catalog_.add(description_of(description, adapter)));
    }
  }
  if (!config_.models_folder.empty()) catalog_.use_folder(store::ModelFolder(config_.models_folder));
  catalog_.use_store(store::ModelStore());
  if (config_.any_model_name) catalog_.answer_any_name();
  if (!config_.default_model.empty()) HEARTH_TRY(catalog_.set_default(config_.default_model));
  return {};
}

Result<void> Server::listen() {
  const auto executor = io_.get_executor();
  HEARTH_ASSIGN(Listener listener,
                config_.socket.empty()
                    ? Listener::on_address(executor, config_.host, static_cast<uint16_t>(config_.port))
                    : Listener::on_unix_socket(executor, config_.socket));
  if (!listener.is_local() && !callers_.ask_for_keys() && !config_.insecure) {
    return Error{
        ErrorCode::kInvalidArgument,
        fmt::format("without keys, everybody who reaches {} could use the server: make a key (hearth key "
                    "create), listen on 127.0.0.1, or say --insecure",
                    config_.host)};
  }
  listener_.emplace(std::move(listener));
  return {};
}

void Server::run() {
  run_beside(http_.connections.watch());
  run_beside(models_.tend());
  run_beside(listener_->run(http_));
  run_beside(follow_signals());
  run_beside(load_first_models());
  options_.ready(listener_->address(http_.tls != nullptr));
  io_.run();
  io_.restart();
  io_.run_for(kLastSteps);
  // A file that the system does not come to open, on a network's disk for example, holds its thread for good,
  // and the engine can be long at what it can't be stopped in.
  if (!io_.stopped()) std::quick_exit(0);
  ignore_signals();
}

void Server::run_beside(Awaitable<> work) {
  const net::cancellation_slot slot = beside_.emplace_back().slot();
  net::co_spawn(io_, std::move(work), net::bind_cancellation_slot(slot, net::detached));
}

/// The pinned ones and the default one, which most requests will ask for.
Awaitable<> Server::load_first_models() {
  try {
    co_await models_.load_pinned();
    const auto loaded = co_await models_.use("", nlohmann::ordered_json::object());
  } catch (const std::exception& failure) {
    if (http_.connections.draining()) co_return;  // it was given up
    log_.say(LogLevel::kError, "a model can't be loaded", {{"why", failure.what()}});
  }
  service_.is_ready = true;
  notify_manager("READY=1");
}

Awaitable<> Server::follow_signals() {
  bool is_ending = false;
  for (;;) {
    const int signal = co_await signals_.async_wait(net::use_awaitable);
    if (signal == SIGHUP) {
      reload();
    } else if (is_ending) {
      hurries_ = true;
    } else {
      is_ending = true;
      net::co_spawn(io_, finish(), net::detached);
    }
  }
}

Awaitable<> Server::finish() {
  notify_manager("STOPPING=1");
  log_.say(LogLevel::kInfo, "ending", {{"running", service_.running}});
  // New requests are still taken, and refused: so their clients know to ask elsewhere.
  http_.connections.drain();
  using std::chrono::steady_clock;
  net::steady_timer timer(io_);
  const auto wait_until_none = [&](const auto& count, steady_clock::duration time) -> Awaitable<> {
    for (const auto end = steady_clock::now() + time;
         count() > 0 && steady_clock::now() < end && !hurries_;) {
      timer.expires_after(kPause);
      co_await timer.async_wait(net::use_awaitable);
    }
  };
  const auto running = [this] { return service_.running; };
  const auto connections = [this] { return http_.connections.size(); };
  co_await wait_until_none(running, config_.limits.drain_time);
  listener_->close();
  http_.connections.close();
  co_await wait_until_none(connections, kLastWords);
  // Each time, what they wait for now comes to its end.
  for (const auto end = Clock::now() + kLastSteps; connections() > 0 && Clock::now() < end;) {
    http_.connections.close();
    timer.expires_after(kPause);
    co_await timer.async_wait(net::use_awaitable);
  }
  for (net::cancellation_signal& signal : beside_) signal.emit(net::cancellation_type::terminal);
  models_.stop_loading();
  io_.stop();
}

void Server::reload() {
  notify_manager("RELOADING=1");
  const Result<ServerConfig> wanted = options_.read_config();
  if (!wanted.ok()) {
    log_.say(LogLevel::kError, "the configuration stays as it was", {{"why", wanted.error().message}});
  } else {
    const std::vector<std::string> fixed = take_changes(config_, wanted.value());
    if (!fixed.empty()) log_.say(LogLevel::kWarning, "what changes only with a new start", {{"keys", fixed}});
  }
  take_config();
  if (wanted.ok()) log_.say(LogLevel::kInfo, "the configuration was read again");
  notify_manager("READY=1");
}

void Server::take_config() {
  log_.configure(config_.log);
  http_.limits = http_limits(config_.limits);
  if (const Result<void> opened = callers_.open(config_); !opened.ok()) {
    log_.say(LogLevel::kError, "the keys stay as they were", {{"why", opened.error().message}});
  }
  if (http_.tls == nullptr) return;
  auto tls = make_tls(config_.tls.certificate, config_.tls.key);
  if (tls.ok()) {
    http_.tls = std::move(tls).value();
  } else {
    log_.say(LogLevel::kError, "the certificate stays as it was", {{"why", tls.error().message}});
  }
}

}  // namespace hearth::serve
