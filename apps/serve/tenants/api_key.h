// A caller of the server. The key that it presents is known here by its SHA-256 alone.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::serve {

using KeyHash = std::array<unsigned char, 32>;

struct ApiKey {
  std::string id;      // 8 hexadecimal digits, for good: what logs and metrics may name
  std::string name;    // for people
  std::string tenant;  // whose it is: keys of one tenant share what is cached of prompts, others never do
  KeyHash hash{};
  std::string created;  // "2026-11-29T12:00:00Z"
  bool disabled = false;
  // What it may do:
  bool uses_models = true;
  bool is_admin = false;
  std::vector<std::string> models;  // by their names; empty: all
  // 0: no limit; without a value the server's own.
  std::optional<int64_t> requests_per_minute;
  std::optional<int64_t> tokens_per_minute;
  std::optional<int64_t> concurrency;  // requests at once
  int64_t priority = 0;                // of its answers: GenerationOptions::priority

  bool may_use(std::string_view model) const;
  /// Whether there is no model that it may not know of.
  bool may_see_all() const { return is_admin || models.empty(); }
};

/// Of a key as it is presented.
KeyHash hash_of(std::string_view presented);
/// The id that a presented key bears, "" where it has not the form of one: sk-hearth-ID-SECRET.
std::string_view id_of(std::string_view presented);
/// A new key of that id: its secret has 256 random bits.
std::string make_secret_key(std::string_view id);

}  // namespace hearth::serve
