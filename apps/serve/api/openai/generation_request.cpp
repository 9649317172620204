#include "apps/serve/api/openai/generation_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "apps/serve/api/option_members.h"
#include "apps/serve/refusal.h"

namespace hearth::serve::openai {

using nlohmann::ordered_json;

namespace {

constexpr int64_t kMostChoices = 128;

/// The engine's limits begin at 1; Choices leaves that token out.
ordered_json limit_of(const ordered_json& given) { return given == 0 ? ordered_json(1) : given; }

constexpr OptionMember kOptions[] = {
    {"n_predict", "maxTokens", limit_of},
    {"max_tokens", "maxTokens", limit_of},
    {"max_completion_tokens", "maxTokens", limit_of},
    {"reasoning_budget", "reasoningBudget"},
    {"thinking_budget_tokens", "reasoningBudget"},
    {"lora", "adapters"},
};
constexpr std::string_view kLimits[] = {"max_completion_tokens", "max_tokens",
                                        "n_predict"};  // the first counts

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](unsigned char letter) { return std::isdigit(letter) != 0; });
}

ordered_json bias_of(const Members& body, const ordered_json& bias) {
  if (bias.is_number()) return bias;
  if (bias == false) return nullptr;
  body.refuse("logit_bias",
              fmt::format("a bias must be a number, or false to ban a token, not {}", shown(bias)));
}

/// Tokens with a bias are looked up one among the others, which takes a second where there are many more.
constexpr size_t kMostBiases = 16384;

void check_bias_count(size_t count) {
  if (count <= kMostBiases) return;
  refuse_param("logit_bias", fmt::format("logit_bias is about more than {} tokens", kMostBiases));
}

/// {"15043": -1, "Hello": -1}, in which a number is a token's.
void read_bias_object(const Members& body, const ordered_json& biases, GenerationRequest& request) {
  for (const auto& [token, bias] : biases.items()) {
    if (is_token(token)) {
      request.options["logitBias"][token] = bias_of(body, bias);
    } else {
      request.text_biases.push_back({token, bias_of(body, bias)});
    }
  }
}

/// [[15043, -1], ["Hello", false]].
void read_bias_pair(const Members& body, const ordered_json& pair, GenerationRequest& request) {
  if (!pair.is_array() || pair.size() != 2)
    body.refuse("logit_bias", "must have pairs of a token and a bias");
  const ordered_json bias = bias_of(body, pair[1]);
  if (pair[0].is_number_unsigned()) {
    request.options["logitBias"][pair[0].dump()] = bias;
  } else if (pair[0].is_string()) {
    request.text_biases.push_back({pair[0].get<std::string>(), bias});
  } else {
    body.refuse("logit_bias", fmt::format("a token must be its number or a text, not {}", shown(pair[0])));
  }
}

/// OpenAI's form or llama-server's.
void read_logit_bias(const Members& body, GenerationRequest& request) {
  const ordered_json& biases = body["logit_bias"];
  if (biases.is_null()) return;
  check_bias_count(biases.size());
  if (biases.is_object()) return read_bias_object(body, biases, request);
  if (!biases.is_array()) body.refuse("logit_bias", "must be an object or a list of pairs");
  for (const ordered_json& pair : biases) read_bias_pair(body, pair, request);
}

}  // namespace

void read_generation(const Members& body, GenerationRequest& request) {
  request.model = body.text("model");
  read_options(body, kCommonOptions, request.options);
  read_options(body, kOptions, request.options);
  read_logit_bias(body, request);
  const auto* limit = std::find_if(std::begin(kLimits), std::end(kLimits),
                                   [&](std::string_view name) { return body.has(name); });
  request.no_tokens = limit != std::end(kLimits) && body[*limit] == 0;
  request.choices =
      static_cast<size_t>(body.integer("n", 1, kMostChoices, body.integer("n_cmpl", 1, kMostChoices, 1)));
  request.stream = body.flag("stream", false);
  request.include_usage = body.object("stream_options").flag("include_usage", false);
  request.timings_per_token = body.flag("timings_per_token", false);
  request.return_progress = body.flag("return_progress", false);
}

Awaitable<> add_text_biases(ModelUse& model, GenerationRequest& request) {
  for (const TextBias& bias : request.text_biases) {
    const std::vector<int32_t> tokens = co_await model.tokenize(bias.text, false, true);
    ordered_json& biases = request.options["logitBias"];
    check_bias_count(biases.size() + tokens.size());
    for (const int32_t token : tokens) biases[std::to_string(token)] = bias.bias;
  }
  request.text_biases.clear();
}

Awaitable<> find_adapters(Service& service, const Exchange& exchange, const ModelUse& model,
                          GenerationRequest& request) {
  const auto asked = request.options.find("adapters");
  const std::vector<Description> all = service.models.catalog().adapters_of(model.id());
  if (asked == request.options.end() || all.empty()) co_return;
  ordered_json chosen = ordered_json::array();
  const std::vector<int32_t> ids = co_await service.models.adapter_ids(model);
  for (const int32_t id : ids) {
    chosen.push_back({{"id", id}, {"scale", 0}});  // what the request leaves out is not added
  }
  for (const ordered_json& choice : *asked) {
    const auto number = choice["id"].get<size_t>();
    if (number >= all.size() || !may_see_model(*exchange.record, all[number]->name)) {
      refuse_param("lora", fmt::format("the model has no adapter {}: /lora-adapters lists them", number));
    }
    chosen[number]["scale"] = choice.value("scale", 1.0);
  }
  *asked = std::move(chosen);
}

ordered_json options_of_choice(const GenerationRequest& request, size_t choice) {
  ordered_json options = request.options;
  const auto seed = options.find("seed");
  if (seed != options.end() && *seed != -1) *seed = seed->get<uint64_t>() + choice;
  return options;
}

}  // namespace hearth::serve::openai
