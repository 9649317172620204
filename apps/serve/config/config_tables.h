// Every key of hearth.yaml, once.
#pragma once

#include <span>

#include "apps/serve/config/setting.h"

namespace hearth::serve {

inline constexpr double kLongestTime = 31536000;  // a year
inline constexpr double kLargestCount = 1e9;
inline constexpr double kLargestSize = 1LL << 50;

inline constexpr SettingOf<TlsSettings> kTlsSettings[] = {
    {{.name = "certificate",
      .help = "PEM file with the server's certificate and those between it and the root",
      .kind = TextKind::kPath},
     &TlsSettings::certificate},
    {{.name = "key", .help = "PEM file with the certificate's private key", .kind = TextKind::kPath},
     &TlsSettings::key},
};

inline constexpr SettingOf<AdapterSettings> kAdapterSettings[] = {
    {{.name = "name",
      .help = "What requests call the model with this adapter",
      .kind = TextKind::kModelName,
      .is_required = true},
     &AdapterSettings::name},
    {{.name = "source",
      .help = "GGUF file of the adapter (LoRA)",
      .kind = TextKind::kSource,
      .is_required = true},
     &AdapterSettings::source},
    {{.name = "scale", .help = "How much of it is added", .range = {-100, 100}}, &AdapterSettings::scale},
    {{.name = "always", .help = "Add it to what the model answers under its own names, too"},
     &AdapterSettings::always},
};

inline constexpr SettingOf<ModelSettings> kModelSettings[] = {
    {{.name = "name", .help = "What requests call it", .kind = TextKind::kModelName, .is_required = true},
     &ModelSettings::name},
    {{.name = "source", .help = "Where its GGUF file is", .kind = TextKind::kSource, .is_required = true},
     &ModelSettings::source},
    {{.name = "aliases", .help = "Other names for it", .kind = TextKind::kModelName},
     &ModelSettings::aliases},
    {{.name = "options", .help = "How it is loaded"}, &ModelSettings::options},
    {{.name = "keepAlive",
      .help = "How long it stays in memory without a request",
      .range = {0, kLongestTime},
      .special = {-1, "for ever"},
      .standard = "as the server's keepAlive"},
     &ModelSettings::keep_alive},
    {{.name = "pinned", .help = "Load it at the start and never unload it"}, &ModelSettings::pinned},
    {{.name = "adapters", .help = "The same model with adapters, each a model of its own"},
     &ModelSettings::adapters},
};

inline constexpr SettingOf<CorsSettings> kCorsSettings[] = {
    {{.name = "origins",
      .help = "Origins whose pages may use the server, such as https://example.org; * is all of them"},
     &CorsSettings::origins},
};

inline constexpr SettingOf<LimitSettings> kLimitSettings[] = {
    {{.name = "bodyBytes", .help = "Largest body of a request", .range = {1024, kLargestSize}},
     &LimitSettings::body_bytes},
    {{.name = "headerBytes", .help = "Largest head of a request", .range = {1024, 1 << 20}},
     &LimitSettings::header_bytes},
    {{.name = "headerTime", .help = "How long a request's head may take to arrive", .range = {1, 3600}},
     &LimitSettings::header_time},
    {{.name = "bodyTime", .help = "How long a request's body may take to arrive", .range = {1, 86400}},
     &LimitSettings::body_time},
    {{.name = "idleTime", .help = "How long a connection may wait for its next request", .range = {1, 86400}},
     &LimitSettings::idle_time},
    {{.name = "writeTime",
      .help = "How long a reader may take nothing of what is written to it",
      .range = {1, 86400}},
     &LimitSettings::write_time},
    {{.name = "pingTime",
      .help = "How long a stream of events may say nothing before its client is told that it goes on",
      .range = {1, 86400}},
     &LimitSettings::ping_time},
    {{.name = "connections", .help = "Connections at once", .range = {1, 1e6}}, &LimitSettings::connections},
    {{.name = "queue",
      .help = "Answers of each model that may wait for their turn; beyond, requests are refused with 503",
      .range = {0, 1e6}},
     &LimitSettings::queue},
    {{.name = "requestTime",
      .help = "How long an answer may take, its wait included",
      .range = {1, kLongestTime},
      .special = {-1, "for ever"}},
     &LimitSettings::request_time},
    {{.name = "drainTime",
      .help = "How long answers may go on once the server is asked to end",
      .range = {0, 86400}},
     &LimitSettings::drain_time},
    {{.name = "requestsPerMinute",
      .help = "Requests that a key may make in a minute, where it has no limit of its own",
      .range = {0, kLargestCount},
      .special = {0, "any number"}},
     &LimitSettings::requests_per_minute},
    {{.name = "tokensPerMinute",
      .help = "Tokens, read and written, that a key may use in a minute, where it has no limit of its own",
      .range = {0, kLargestCount},
      .special = {0, "any number"}},
     &LimitSettings::tokens_per_minute},
    {{.name = "concurrency",
      .help = "Requests that a key may have running at once, where it has no limit of its own",
      .range = {0, 1e6},
      .special = {0, "any number"}},
     &LimitSettings::concurrency},
};

inline constexpr SettingOf<WorkflowSettings> kWorkflowSettings[] = {
    {{.name = "folder",
      .help = "Folder whose YAML files are workflows, each by its file's name",
      .kind = TextKind::kPath,
      .standard = "none by name"},
     &WorkflowSettings::folder},
    {{.name = "store",
      .help = "Folder in which workflows keep values, those of each tenant apart",
      .kind = TextKind::kPath,
      .standard = "nothing is kept"},
     &WorkflowSettings::store},
    {{.name = "origins",
      .help = "Servers that workflows may ask over HTTP, such as https://api.example.org",
      .kind = TextKind::kOrigin},
     &WorkflowSettings::origins},
};

inline constexpr SettingOf<LogSettings> kLogSettings[] = {
    {{.name = "format", .help = "Lines for people, or a JSON object on each", .names = kLogFormats},
     &LogSettings::format},
    {{.name = "level", .help = "How much is told", .names = kLogLevels}, &LogSettings::level},
    {{.name = "prompts", .help = "Tell what callers write and models answer, too"}, &LogSettings::prompts},
};

inline constexpr SettingOf<ServerConfig> kServerSettings[] = {
    {{.name = "host", .help = "Address to listen on; 0.0.0.0 or :: is all of the machine's"},
     &ServerConfig::host},
    {{.name = "port", .help = "Port to listen on", .range = {0, 65535}, .special = {0, "one that is free"}},
     &ServerConfig::port},
    {{.name = "socket",
      .help = "Unix socket to listen on, instead of host and port",
      .kind = TextKind::kPath},
     &ServerConfig::socket},
    {{.name = "insecure", .help = "Allow other machines in although there are no keys"},
     &ServerConfig::insecure},
    {{.name = "hostNames",
      .help = "Names beside localhost that a server without keys may be called by in requests"},
     &ServerConfig::host_names},
    {{.name = "tls", .help = "Speak HTTPS"}, &ServerConfig::tls},
    {{.name = "models", .help = "Models by name"}, &ServerConfig::models},
    {{.name = "modelsFolder",
      .help = "Folder whose GGUF files are models, too, each by its file's name",
      .kind = TextKind::kPath},
     &ServerConfig::models_folder},
    {{.name = "defaultModel", .help = "The model of requests that name none", .standard = "the first"},
     &ServerConfig::default_model},
    {{.name = "anyModelName",
      .help = "Let the default model answer to names that no model has, as llama-server does"},
     &ServerConfig::any_model_name},
    {{.name = "memoryBudget",
      .help = "What models may take of memory together; idle ones are unloaded for others",
      .range = {1 << 20, kLargestSize},
      .special = {0, "any amount"}},
     &ServerConfig::memory_budget},
    {{.name = "keepAlive",
      .help = "How long models stay in memory without a request",
      .range = {0, kLongestTime},
      .special = {-1, "for ever"}},
     &ServerConfig::keep_alive},
    {{.name = "threads",
      .help = "Threads that each model computes with, if its options don't say",
      .range = {0, 1024},
      .special = {0, "one per physical core"}},
     &ServerConfig::threads},
    {{.name = "keys",
      .help = "File of the keys of callers, as `hearth key create` makes it",
      .kind = TextKind::kPath,
      .standard = "that of `hearth key` if it is there; otherwise nobody is asked for a key"},
     &ServerConfig::keys},
    {{.name = "cors", .help = "Pages of other sites"}, &ServerConfig::cors},
    {{.name = "limits", .help = "What one caller may take of the server"}, &ServerConfig::limits},
    {{.name = "workflows", .help = "Workflows, and what they may do beside asking models"},
     &ServerConfig::workflows},
    {{.name = "log", .help = "What is told on standard error"}, &ServerConfig::log},
    {{.name = "metrics", .help = "Serve /metrics"}, &ServerConfig::metrics},
    {{.name = "page", .help = "Serve the chat page at /"}, &ServerConfig::page},
    {{.name = "slotSavePath",
      .help = "Folder in which /slots saves what was read, as llama-server does",
      .kind = TextKind::kPath,
      .standard = "nothing is saved"},
     &ServerConfig::slot_save_path},
};

template <>
inline std::span<const SettingOf<TlsSettings>> setting_table() {
  return kTlsSettings;
}
template <>
inline std::span<const SettingOf<AdapterSettings>> setting_table() {
  return kAdapterSettings;
}
template <>
inline std::span<const SettingOf<ModelSettings>> setting_table() {
  return kModelSettings;
}
template <>
inline std::span<const SettingOf<CorsSettings>> setting_table() {
  return kCorsSettings;
}
template <>
inline std::span<const SettingOf<LimitSettings>> setting_table() {
  return kLimitSettings;
}
template <>
inline std::span<const SettingOf<WorkflowSettings>> setting_table() {
  return kWorkflowSettings;
}
template <>
inline std::span<const SettingOf<LogSettings>> setting_table() {
  return kLogSettings;
}
template <>
inline std::span<const SettingOf<ServerConfig>> setting_table() {
  return kServerSettings;
}

}  // namespace hearth::serve
