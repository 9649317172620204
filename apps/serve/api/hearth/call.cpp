// POST /v1/hearth/call.
#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <iterator>
#include <optional>

#include "apps/serve/api/hearth/routes.h"
#include "apps/serve/api/members.h"
#include "apps/serve/refusal.h"

namespace hearth::serve::native {

using nlohmann::ordered_json;

namespace {

/// The engine's calls by name that clients may make: engine/hearth_calls.cpp says what they take.
struct ClientCall {
  std::string_view name;
  bool is_for_admins;  // changes the model for all, or tells what others have written
};

constexpr ClientCall kClientCalls[] = {
    {"info", false},        {"metadata", false},          {"statistics", false},
    {"tokenize", false},    {"detokenize", false},        {"applyChatTemplate", false},
    {"chatTokens", false},  {"chatTokensThatFit", false}, {"embed", false},
    {"rerank", false},      {"saveState", true},          {"restoreState", true},
    {"loadAdapter", true},  {"unloadAdapter", true},      {"useAdapters", true},
    {"beginProfile", true}, {"profile", false},
};

const char* reply_name(hearth_reply_type type) {
  constexpr const char* kNames[] = {"nothing", "json", "text", "bytes", "int32", "float32"};
  return kNames[static_cast<size_t>(type)];
}

std::optional<std::string> bytes_of_base64(const std::string& text) {
  const size_t end = text.find_last_not_of('=') + 1;
  const size_t padding = text.size() - end;
  if (text.size() % 4 != 0 || padding > 2 || text.find('=') < end) return std::nullopt;
  std::string bytes(text.size() / 4 * 3, '\0');
  const int size =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                      reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  if (size != static_cast<int>(bytes.size())) return std::nullopt;  // it passes over spaces
  bytes.resize(bytes.size() - padding);
  return bytes;
}

}  // namespace

Awaitable<> call(Service& service, Exchange& exchange) {
  const ordered_json body = json_body(exchange.request);
  const Members members(body);
  const std::string name = members.text("name");
  const auto* const found = std::find_if(std::begin(kClientCalls), std::end(kClientCalls),
                                         [&](const ClientCall& each) { return each.name == name; });
  if (found == std::end(kClientCalls)) members.refuse("name", fmt::format("there is no call '{}'", name));
  if (found->is_for_admins) require_admin(exchange);
  std::optional<std::string> data = bytes_of_base64(members.text("data"));
  if (!data) members.refuse("data", "must be base64");
  const auto model = co_await use_model(service, exchange, members.text("model"));
  Reply reply = co_await model->call(name, members.array("arguments"), std::move(*data));
  exchange.reply_headers.emplace_back("X-Hearth-Reply", reply_name(reply.type));
  const bool is_json = reply.type == HEARTH_REPLY_JSON;
  co_await exchange.reply(200, is_json ? "application/json" : "application/octet-stream",
                          std::move(reply.data));
}

}  // namespace hearth::serve::native
