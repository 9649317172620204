// Fuzzes what translates requests: whatever a client sends becomes a conversation and options that the
// engine can be given, or is refused with a reason.
//
// Bytes of an input: which API's request it is, from kReaders, then its JSON.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "apps/serve/api/anthropic/read_messages.h"
#include "apps/serve/api/ollama/read_request.h"
#include "apps/serve/api/responses/read_request.h"
#include "apps/serve/http/exchange.h"
#include "apps/serve/json_text.h"
#include "apps/serve/refusal.h"

namespace hearth::serve::fuzzing {
namespace {

using nlohmann::ordered_json;

constexpr size_t kMostBytes = 4096;

/// What the engine is given.
struct Translation {
  ordered_json chat;  // null for a prompt that is none
  ordered_json options;
};

void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "violated: %s\n", what);
  std::abort();
}

Translation read_anthropic(const ordered_json& body) {
  anthropic::MessagesRequest request = anthropic::read_messages(body);
  return {std::move(request.chat), std::move(request.options)};
}

/// What was read first is what the second request goes on in.
Translation read_responses(const ordered_json& body) {
  const auto no_items = [](const std::string& /*id*/) { return ordered_json(); };
  const responses::ResponsesRequest first = responses::read_request(body, {}, no_items);
  const ordered_json response = {{"output", first.input}};
  const auto turn = std::make_shared<const responses::Turn>(responses::Turn{first.input, response});
  responses::ResponsesRequest second = responses::read_request(body, {turn}, no_items);
  require(second.chat["messages"].size() >= first.chat["messages"].size(),
          "a conversation that goes on is no shorter");
  return {std::move(second.chat), std::move(second.options)};
}

Translation read_ollama_chat(const ordered_json& body) {
  ollama::TextRequest request = ollama::read_chat(body);
  if (!request.asks) return {nullptr, std::move(request.options)};
  return {std::move(request.chat), std::move(request.options)};
}

Translation read_ollama_prompt(const ordered_json& body) {
  ollama::TextRequest request = ollama::read_generate(body);
  return {std::move(request.chat), std::move(request.options)};
}

constexpr Translation (*kReaders[])(const ordered_json& body) = {read_anthropic, read_responses,
                                                                 read_ollama_chat, read_ollama_prompt};

void check_translation(const Translation& translation) {
  require(translation.options.is_object(), "options are an object");
  if (translation.chat.is_null()) return;
  const ordered_json& messages = translation.chat["messages"];
  require(messages.is_array() && !messages.empty(), "a conversation has messages");
  for (const ordered_json& message : messages) {
    require(message.is_object() && message["role"].is_string(), "a message has a role");
    const ordered_json& content = message["content"];
    require(content.is_null() || content.is_string(), "a content is a text or nothing");
  }
  require(!json_text(translation.chat).empty(), "a conversation can be written");
}

void check_request(char api, std::string_view text) {
  const size_t reader = static_cast<unsigned char>(api) % std::size(kReaders);
  Request request;
  request.body = text;
  try {
    check_translation(kReaders[reader](json_body(request)));
  } catch (const Refusal& refusal) {
    require(refusal.status >= 400 && !refusal.message.empty(), "a refusal has a reason");
  }
}

}  // namespace
}  // namespace hearth::serve::fuzzing

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1 || size > hearth::serve::fuzzing::kMostBytes) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  hearth::serve::fuzzing::check_request(text.front(), text.substr(1));
  return 0;
}
