// /v1/keys, /v1/keys/ID, /v1/keys/ID/rotate and /v1/hearth/caller.
#include <fmt/format.h>

#include <functional>

#include "apps/serve/api/keys/routes.h"
#include "apps/serve/api/members.h"
#include "apps/serve/models/blocking.h"
#include "apps/serve/operation/request_record.h"
#include "apps/serve/refusal.h"
#include "apps/serve/tenants/key_changes.h"
#include "apps/serve/tenants/key_file.h"

namespace hearth::serve::keys {

using nlohmann::ordered_json;

namespace {

/// Does it with the file of keys on a thread that may wait: for the disk, and for others who change it.
/// Throws a Refusal where the server has no such file.
template <typename T>
Awaitable<T> with_file(Service& service, std::function<Result<T>(const std::string& file)> work) {
  if (!service.callers.ask_for_keys()) {
    throw Refusal(409, ErrorCode::kServer,
                  "this server asks for no keys, so everybody who reaches it manages it; make the first key "
                  "on its machine: hearth key create --name admin --scope models --scope admin");
  }
  const std::function<Result<T>()> on_file = [file = service.callers.keys_file(), work = std::move(work)] {
    return work(file);
  };
  Result<T> done = co_await on_pool<Result<T>>(service.pool, on_file);
  service.callers.look_again();
  co_return value_or_refuse(std::move(done));
}

/// The members of a body as a key may have them. Throws a Refusal that names the one that is wrong.
ApiKey key_of(const ordered_json& body) {
  ApiKey key;
  for (const auto& [name, value] : body.items()) {
    const Result<void> set = set_key_member(key, name, value);
    if (!set.ok()) refuse_param(name, set.error().message);
  }
  return key;
}

std::string rest_of_path(const Exchange& exchange) {
  return exchange.request.path.substr(std::string_view("/v1/keys/").size());
}

Awaitable<> reply_issued(Exchange& exchange, const IssuedKey& issued) {
  ordered_json shown = shown_key(issued.key);
  shown["key"] = issued.secret;
  exchange.reply_headers.emplace_back("Cache-Control", "no-store");
  co_await reply_json(exchange, shown);
}

}  // namespace

Awaitable<> list(Service& service, Exchange& exchange) {
  using Keys = std::vector<ApiKey>;
  const std::function<Result<Keys>(const std::string&)> read = [](const std::string& file) {
    return read_keys_file(file);
  };
  const Keys all = co_await with_file<Keys>(service, read);
  ordered_json data = ordered_json::array();
  for (const ApiKey& key : all) data.push_back(shown_key(key));
  const ordered_json reply = {{"object", "list"}, {"data", std::move(data)}};
  co_await reply_json(exchange, reply);
}

Awaitable<> create(Service& service, Exchange& exchange) {
  const ordered_json body = json_body(exchange.request);
  const ApiKey wanted = key_of(body);
  if (wanted.name.empty()) refuse_param("name", "is missing: what the key is called, for people");
  const std::function<Result<IssuedKey>(const std::string&)> make = [wanted](const std::string& file) {
    return create_key(file, wanted);
  };
  const IssuedKey issued = co_await with_file<IssuedKey>(service, make);
  co_await reply_issued(exchange, issued);
}

Awaitable<> change(Service& service, Exchange& exchange) {
  const ordered_json body = json_body(exchange.request);
  (void)key_of(body);
  const std::string id = rest_of_path(exchange);
  const std::function<Result<ApiKey>(const std::string&)> set = [id, body](const std::string& file) {
    return set_key_members(file, id, body);
  };
  const ApiKey changed = co_await with_file<ApiKey>(service, set);
  const ordered_json reply = shown_key(changed);
  co_await reply_json(exchange, reply);
}

Awaitable<> rotate(Service& service, Exchange& exchange) {
  constexpr std::string_view kAction = "/rotate";
  const std::string rest = rest_of_path(exchange);
  if (!rest.ends_with(kAction)) {
    throw Refusal(404, ErrorCode::kNotFound,
                  fmt::format("there is nothing at POST {}", exchange.request.path));
  }
  const std::string id = rest.substr(0, rest.size() - kAction.size());
  const std::function<Result<IssuedKey>(const std::string&)> renew = [id](const std::string& file) {
    return rotate_key(file, id);
  };
  const IssuedKey issued = co_await with_file<IssuedKey>(service, renew);
  co_await reply_issued(exchange, issued);
}

Awaitable<> show_caller(Service& /*service*/, Exchange& exchange) {
  const ApiKey* key = exchange.record->key.get();
  const ordered_json everybody = {{"scopes", {"models", "admin"}}};
  const ordered_json reply = key == nullptr ? everybody : shown_key(*key);
  co_await reply_json(exchange, reply);
}

}  // namespace hearth::serve::keys
