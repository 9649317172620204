// Requests to other servers. The host decides which it makes.
#include <fmt/format.h>

#include "engine/text/json_text.h"
#include "engine/workflow/actions/answers.h"
#include "engine/workflow/actions/parameters.h"
#include "engine/workflow/actions/tables.h"

namespace hearth::workflow {
using Json = nlohmann::ordered_json;

namespace {

Result<Json> request_of(std::string_view method, const Json& parameters) {
  const Parameters given(parameters);
  HEARTH_ASSIGN(const std::string url, given.text({"url"}));
  if (!url.starts_with("http://") && !url.starts_with("https://")) {
    return Error{ErrorCode::kInvalidArgument,
                 "the parameter 'url' must be the address of a server, https://..."};
  }
  const Json* headers = given.find({"headers"});
  if (headers != nullptr && !headers->is_object())
    return Error{ErrorCode::kInvalidArgument, "the parameter 'headers' must be an object of texts"};
  Json request = {{"method", method}, {"url", url}, {"headers", Json::object()}, {"body", ""}};
  if (headers != nullptr) {
    for (auto header = headers->begin(); header != headers->end(); ++header) {
      if (!header.value().is_string()) {
        return Error{ErrorCode::kInvalidArgument,
                     fmt::format("the parameter 'headers' must be an object of texts, and '{}' is none",
                                 header.key())};
      }
    }
    request["headers"] = *headers;
  }
  return request;
}

Result<Step> get_page(const Json& parameters, const ActionContext& /*context*/) {
  HEARTH_ASSIGN(Json request, request_of("GET", parameters));
  return Step(Call{"http", std::move(request)});
}

/// http.post: {url, headers, json} or {url, headers, body}
Result<Step> post_page(const Json& parameters, const ActionContext& /*context*/) {
  HEARTH_ASSIGN(Json request, request_of("POST", parameters));
  const Parameters given(parameters);
  if (const Json* json = given.find({"json"})) {
    request["body"] = write_json(*json);
    bool has_type = false;
    for (auto header = request["headers"].begin(); header != request["headers"].end(); ++header)
      has_type = has_type || header.key() == "Content-Type" || header.key() == "content-type";
    if (!has_type) request["headers"]["content-type"] = "application/json";
  } else {
    HEARTH_ASSIGN(request["body"], given.text_or({"body", "data"}, ""));
  }
  return Step(Call{"http", std::move(request)});
}

/// {status, headers, body, json}: `json` is null where the body is none. An answer that tells of an error is
/// one.
Result<Step> answered(Json /*carried*/, Json answer, const ActionContext& /*context*/) {
  const int64_t status = count_in(answer, "status");
  std::string body = text_in(answer, "body");
  if (status >= 400) {
    return Error{ErrorCode::kServer,
                 fmt::format("the server answered with status {}: {}", status, body.substr(0, 200))};
  }
  Result<Json> json = parse_json(body, "the body");
  return Step(Json{{"status", status},
                   {"headers", object_in(answer, "headers")},
                   {"body", std::move(body)},
                   {"json", json.ok() ? *std::move(json) : Json()}});
}

constexpr Action kHttpActions[] = {
    {"http.get", get_page, answered},
    {"http.post", post_page, answered},
};

}  // namespace

std::span<const Action> http_actions() { return kHttpActions; }

}  // namespace hearth::workflow
