#include "apps/serve/operation/metrics.h"

#include <fmt/format.h>
#include <prometheus/text_serializer.h>

#include "apps/serve/operation/process_figures.h"

namespace hearth::serve {

namespace {

using Labels = std::map<std::string, std::string>;
using Buckets = prometheus::Histogram::BucketBoundaries;
using prometheus::MetricFamily;
using prometheus::MetricType;

const Buckets kRequestSeconds = {0.001, 0.005, 0.025, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300};
const Buckets kFirstTokenSeconds = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60};
const Buckets kTokenSeconds = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1};

prometheus::Family<prometheus::Counter>& counters(prometheus::Registry& registry, const char* name,
                                                  const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

prometheus::Family<prometheus::Histogram>& histograms(prometheus::Registry& registry, const char* name,
                                                      const char* help) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
}

Labels labels_of(const std::string& model, std::string_view key) {
  return {{"model", model}, {"key", std::string(key)}};
}

MetricFamily family(const char* name, const char* help, MetricType type = MetricType::Gauge) {
  return {name, help, type, {}};
}

void add(MetricFamily& family, const Labels& labels, double value) {
  prometheus::ClientMetric metric;
  for (const auto& [name, label] : labels) metric.label.push_back({name, label});
  metric.gauge.value = value;
  metric.counter.value = value;
  family.metric.push_back(std::move(metric));
}

void add_process(std::vector<MetricFamily>& all) {
  const ProcessFigures process = process_figures();
  const auto one = [&](const char* name, const char* help, double value,
                       MetricType type = MetricType::Gauge) {
    add(all.emplace_back(family(name, help, type)), {}, value);
  };
  one("process_resident_memory_bytes", "Memory that the process has in use.", process.resident_bytes);
  one("process_open_fds", "File descriptors that the process has open.", process.open_files);
  one("process_cpu_seconds_total", "Time that processors spent on the process.", process.cpu_seconds,
      MetricType::Counter);
  one("process_start_time_seconds", "When the process started, since 1970.", process.start_seconds);
}

}  // namespace

Metrics::Metrics()
    : requests_(counters(registry_, "hearth_requests_total",
                         "Requests by route and status; 499: the client had left.")),
      request_seconds_(histograms(registry_, "hearth_request_duration_seconds",
                                  "From a request's arrival to the end of its answer.")),
      prompt_tokens_(counters(registry_, "hearth_prompt_tokens_total", "Tokens of prompts.")),
      cached_tokens_(counters(registry_, "hearth_cached_prompt_tokens_total",
                              "Tokens of prompts that were found in the prefix cache.")),
      completion_tokens_(counters(registry_, "hearth_completion_tokens_total", "Tokens that models wrote.")),
      answers_(counters(registry_, "hearth_answers_total", "Answers of models by what ended them.")),
      first_token_seconds_(histograms(registry_, "hearth_time_to_first_token_seconds",
                                      "From an answer's request to its first token.")),
      token_seconds_(
          histograms(registry_, "hearth_time_per_token_seconds", "Between two tokens of an answer.")) {}

void Metrics::count_request(std::string_view route, std::string_view method, int status, std::string_view key,
                            double seconds) {
  requests_
      .Add({{"route", std::string(route)},
            {"method", std::string(method)},
            {"status", std::to_string(status)},
            {"key", std::string(key)}})
      .Increment();
  request_seconds_.Add({{"route", std::string(route)}}, kRequestSeconds).Observe(seconds);
}

void Metrics::count_prompt(const std::string& model, std::string_view key, int64_t tokens, int64_t cached) {
  prompt_tokens_.Add(labels_of(model, key)).Increment(static_cast<double>(tokens));
  cached_tokens_.Add(labels_of(model, key)).Increment(static_cast<double>(cached));
}

void Metrics::count_completion(const std::string& model, std::string_view key, int64_t tokens) {
  completion_tokens_.Add(labels_of(model, key)).Increment(static_cast<double>(tokens));
}

void Metrics::count_answer(const std::string& model, hearth_finish_reason finish) {
  answers_.Add({{"model", model}, {"finish", hearth_finish_reason_name(finish)}}).Increment();
}

void Metrics::observe_first_token(const std::string& model, double seconds) {
  first_token_seconds_.Add({{"model", model}}, kFirstTokenSeconds).Observe(seconds);
}

void Metrics::observe_token(const std::string& model, double seconds) {
  token_seconds_.Add({{"model", model}}, kTokenSeconds).Observe(seconds);
}

std::string Metrics::text(const Now& now) const {
  std::vector<MetricFamily> all = registry_.Collect();
  MetricFamily waiting = family("hearth_answers_waiting", "Answers that wait for their first token.");
  MetricFamily running = family("hearth_answers_running", "Answers that are being written.");
  std::map<std::string, Activity> activities = activities_;
  for (const Models::State& state : now.models) activities[state.description->name];
  for (const auto& [model, activity] : activities) {
    add(waiting, {{"model", model}}, static_cast<double>(activity.waiting));
    add(running, {{"model", model}}, static_cast<double>(activity.running));
  }
  MetricFamily memory =
      family("hearth_model_memory_bytes", "Memory of loaded models: weights, keys and values.");
  MetricFamily devices = family("hearth_model_device", "1 for the device that a loaded model computes with.");
  MetricFamily active = family("hearth_model_requests", "Requests that loaded models work on.");
  for (const Models::State& state : now.models) {
    add(memory, {{"model", state.description->name}}, static_cast<double>(state.model->memory()));
    const std::string device = state.model->info().value("device", "");
    add(devices, {{"model", state.description->name}, {"device", device}}, 1);
    add(active, {{"model", state.description->name}}, static_cast<double>(state.active));
  }
  for (MetricFamily* each : {&waiting, &running, &memory, &devices, &active}) all.push_back(std::move(*each));
  add(all.emplace_back(family("hearth_connections", "Connections that are open.")), {},
      static_cast<double>(now.connections));
  add(all.emplace_back(family("hearth_requests_running", "Requests that are being answered.")), {},
      static_cast<double>(now.requests));
  add_process(all);
  return prometheus::TextSerializer().Serialize(all);
}

}  // namespace hearth::serve
