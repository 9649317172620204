// What hearth.yaml says: where the server listens, which models it has, and what it lets its callers do.
// config_tables.h has the name, the range and the meaning of each member. A text that is not given is empty.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apps/serve/config/units.h"

namespace hearth::serve {

struct TlsSettings {
  std::string certificate;
  std::string key;

  friend bool operator==(const TlsSettings&, const TlsSettings&) = default;
};

/// A model with an adapter (LoRA), under a name of its own.
struct AdapterSettings {
  std::string name;
  std::string source;
  double scale = 1.0;
  bool always = false;

  friend bool operator==(const AdapterSettings&, const AdapterSettings&) = default;
};

struct ModelSettings {
  std::string name;
  std::string source;
  std::vector<std::string> aliases;
  /// The engine's, by the names of docs/options.md, each checked by the engine: an object.
  nlohmann::ordered_json options = nlohmann::ordered_json::object();
  std::optional<Duration> keep_alive;  // the server's where it is not given
  bool pinned = false;
  std::vector<AdapterSettings> adapters;

  friend bool operator==(const ModelSettings&, const ModelSettings&) = default;
};

struct CorsSettings {
  std::vector<std::string> origins;

  friend bool operator==(const CorsSettings&, const CorsSettings&) = default;
};

struct LimitSettings {
  ByteCount body_bytes{32 << 20};
  ByteCount header_bytes{32 << 10};
  Duration header_time = std::chrono::seconds(10);
  Duration body_time = std::chrono::minutes(1);
  Duration idle_time = std::chrono::seconds(75);
  Duration write_time = std::chrono::minutes(1);
  Duration ping_time = std::chrono::seconds(10);
  int64_t connections = 1024;
  int64_t queue = 256;
  Duration request_time = std::chrono::minutes(10);
  Duration drain_time = std::chrono::seconds(30);
  // Of each key that has none of its own; 0: no limit.
  int64_t requests_per_minute = 0;
  int64_t tokens_per_minute = 0;
  int64_t concurrency = 0;

  friend bool operator==(const LimitSettings&, const LimitSettings&) = default;
};

struct WorkflowSettings {
  std::string folder;
  std::string store;
  std::vector<std::string> origins;

  friend bool operator==(const WorkflowSettings&, const WorkflowSettings&) = default;
};

inline constexpr std::string_view kLogFormats[] = {"text", "json"};
inline constexpr std::string_view kLogLevels[] = {"error", "warning", "info", "debug"};

struct LogSettings {
  std::string format = "text";  // of kLogFormats
  std::string level = "info";   // of kLogLevels
  bool prompts = false;

  friend bool operator==(const LogSettings&, const LogSettings&) = default;
};

struct ServerConfig {
  std::string host = "127.0.0.1";
  int64_t port = 8080;
  std::string socket;
  bool insecure = false;
  std::vector<std::string> host_names;
  TlsSettings tls;
  std::vector<ModelSettings> models;
  std::string models_folder;
  std::string default_model;
  bool any_model_name = false;
  ByteCount memory_budget;  // 0: no limit
  Duration keep_alive = std::chrono::minutes(5);
  int64_t threads = 0;
  std::string keys;
  CorsSettings cors;
  LimitSettings limits;
  WorkflowSettings workflows;
  LogSettings log;
  bool metrics = true;
  bool page = true;
  std::string slot_save_path;
  std::vector<std::string> api_keys;  // of the command line, beside those of `keys`: no file should have them
};

}  // namespace hearth::serve
