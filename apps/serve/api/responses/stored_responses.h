// Responses that are kept so that later requests can go on in their conversations: in memory, for some time,
// and within limits that each tenant has for itself.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace hearth::serve::responses {

/// What was asked and answered.
struct Turn {
  nlohmann::ordered_json input;     // a list of items
  nlohmann::ordered_json response;  // its "output" has items, too
};

/// A conversation, from its first turn. Those that have the same beginning share it.
using Turns = std::vector<std::shared_ptr<const Turn>>;

class StoredResponses {
 public:
  using Clock = std::chrono::steady_clock;

  /// Of one tenant: when one is reached, what was kept first is forgotten. A conversation counts with all its
  /// turns.
  struct Limits {
    size_t responses = 1000;
    size_t bytes = size_t{64} << 20;
    Clock::duration time = std::chrono::hours(24);
  };

  StoredResponses() = default;
  explicit StoredResponses(Limits limits) : limits_(limits) {}

  /// Under the "id" of the last turn's response. A conversation that is longer than the limit is not kept.
  void keep(const std::string& tenant, Turns turns, Clock::time_point now = Clock::now());
  /// The conversation that ends with the response; empty where the tenant has no such response.
  Turns find(const std::string& tenant, const std::string& id, Clock::time_point now = Clock::now());
  /// Whether it was there.
  bool forget(const std::string& tenant, const std::string& id);
  /// An item of what was asked or answered, by its "id"; null for none.
  nlohmann::ordered_json find_item(const std::string& tenant, const std::string& id,
                                   Clock::time_point now = Clock::now());

 private:
  struct Stored {
    Turns turns;
    size_t bytes = 0;
    Clock::time_point kept;
  };
  struct Tenant {
    std::map<std::string, Stored> stored;
    std::deque<std::string> ids;  // in the order in which they were kept, with some that are gone
    size_t bytes = 0;
  };

  void drop_old(Tenant& tenant, Clock::time_point now) const;
  static bool drop(Tenant& tenant, const std::string& id);

  Limits limits_;
  std::map<std::string, Tenant> tenants_;
};

}  // namespace hearth::serve::responses
