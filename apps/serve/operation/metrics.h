// What the server counts and measures, in the form that Prometheus reads. It names models, routes and the ids
// of keys; never what callers write.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "apps/serve/models/models.h"
#include "engine/hearth.h"

namespace hearth::serve {

class Metrics {
 public:
  Metrics();

  /// A request that was answered; `status` is 499 where its client had left, `method` a function's name for
  /// one on a WebSocket.
  void count_request(std::string_view route, std::string_view method, int status, std::string_view key,
                     double seconds);
  void count_prompt(const std::string& model, std::string_view key, int64_t tokens, int64_t cached);
  void count_completion(const std::string& model, std::string_view key, int64_t tokens);
  void count_answer(const std::string& model, hearth_finish_reason finish);
  void observe_first_token(const std::string& model, double seconds);
  void observe_token(const std::string& model, double seconds);

  /// The answers that a model is asked for and has not finished.
  struct Activity {
    int64_t waiting = 0;  // for their first token
    int64_t running = 0;
  };
  Activity& activity(const std::string& model) { return activities_[model]; }
  Activity activity_now(const std::string& model) const {
    const auto found = activities_.find(model);
    return found == activities_.end() ? Activity() : found->second;
  }
  void forget_activity(const std::string& model) { activities_.erase(model); }

  /// What holds at the moment of asking.
  struct Now {
    std::vector<Models::State> models;  // the loaded ones
    size_t connections = 0;
    int64_t requests = 0;  // that are being answered
  };
  /// All of it, as text (version 0.0.4 of the format).
  std::string text(const Now& now) const;

 private:
  using Counters = prometheus::Family<prometheus::Counter>;
  using Histograms = prometheus::Family<prometheus::Histogram>;

  prometheus::Registry registry_;
  Counters& requests_;
  Histograms& request_seconds_;
  Counters& prompt_tokens_;
  Counters& cached_tokens_;
  Counters& completion_tokens_;
  Counters& answers_;
  Histograms& first_token_seconds_;
  Histograms& token_seconds_;
  std::map<std::string, Activity> activities_;
};

}  // namespace hearth::serve
