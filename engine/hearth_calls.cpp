// The C interface by name: what bindings pass on, in one form for all.
#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "engine/hearth.h"
#include "engine/hearth_internal.h"
#include "engine/options/option_values.h"
#include "engine/runtime/event_json.h"
#include "engine/runtime/prompt_logprobs.h"
#include "engine/runtime/reranker.h"
#include "engine/text/json_text.h"
#include "engine/text/unicode.h"

namespace hearth {
namespace {

using nlohmann::ordered_json;

/// What a call is given, checked as it is asked for.
class Arguments {
 public:
  Arguments(const ordered_json& array, std::span<const uint8_t> data) : array_(array), data_(data) {}

  Result<std::string> text(size_t index) const { return get<std::string>(index, "a text"); }
  Result<std::vector<std::string>> texts(size_t index) const {
    std::vector<std::string> texts;
    HEARTH_ASSIGN(const ordered_json array, get<ordered_json::array_t>(index, "a list of texts"));
    for (const ordered_json& text : array) {
      if (!text.is_string()) return invalid(fmt::format("argument {} must be a list of texts", index + 1));
      texts.push_back(text.get<std::string>());
    }
    return texts;
  }
  /// Texts as the model reads them, where they are not given as tokens.
  Result<std::vector<std::vector<TokenId>>> read_texts(size_t index, const Tokenizer& tokenizer) const {
    constexpr const char* kValues = "a list of texts, or of lists of tokens";
    std::vector<std::vector<TokenId>> all;
    HEARTH_ASSIGN(const ordered_json array, get<ordered_json::array_t>(index, kValues));
    for (const ordered_json& each : array) {
      if (each.is_string()) {
        all.push_back(tokenizer.encode(each.get_ref<const std::string&>(), true, false));
      } else if (each.is_array() && std::all_of(each.begin(), each.end(), is_token)) {
        all.push_back(each.get<std::vector<TokenId>>());
      } else {
        return invalid(fmt::format("argument {} must be {}", index + 1, kValues));
      }
    }
    return all;
  }
  Result<ordered_json> object(size_t index) const {
    HEARTH_ASSIGN(ordered_json::object_t members, get<ordered_json::object_t>(index, "an object"));
    return ordered_json(std::move(members));
  }
  Result<bool> flag(size_t index) const { return get<bool>(index, "true or false"); }
  Result<uint64_t> count(size_t index) const { return get<uint64_t>(index, "a whole number from 0"); }
  /// Two numbers, or none where the texts of this call are all.
  Result<PartOfTexts> part(size_t index) const {
    if (index >= array_.size()) return PartOfTexts{};
    HEARTH_ASSIGN(const uint64_t first, count(index));
    HEARTH_ASSIGN(const uint64_t all, count(index + 1));
    return PartOfTexts{static_cast<size_t>(first), static_cast<size_t>(all)};
  }
  ordered_json json(size_t index) const { return index < array_.size() ? array_[index] : ordered_json(); }
  std::span<const uint8_t> bytes() const { return data_; }
  std::span<const int32_t> tokens() const {
    return {reinterpret_cast<const int32_t*>(data_.data()), data_.size() / sizeof(int32_t)};
  }

 private:
  static bool is_token(const ordered_json& value) {
    return value.is_number_unsigned() && value.get<uint64_t>() <= INT32_MAX;
  }

  template <typename T>
  Result<T> get(size_t index, const char* values) const {
    const ordered_json value = index < array_.size() ? array_[index] : ordered_json();
    if (const T* found = value.get_ptr<const T*>()) return *found;
    return invalid(fmt::format("argument {} must be {}", index + 1, values));
  }

  const ordered_json& array_;
  std::span<const uint8_t> data_;
};

/// What has become of a function of the C interface.
Result<void> outcome(hearth_status status) {
  if (status == HEARTH_OK) return {};
  return Error{static_cast<ErrorCode>(static_cast<int>(status) - 1), hearth_error_message()};
}

hearth_reply reply_of(hearth_reply_type type, hearth_text text) {
  return {type, {reinterpret_cast<uint8_t*>(text.data), text.size}};
}

hearth_reply reply_of(hearth_tokens tokens) {
  return {HEARTH_REPLY_INT32, {reinterpret_cast<uint8_t*>(tokens.data), tokens.size * sizeof(int32_t)}};
}

Result<hearth_reply> json_reply(const ordered_json& json) {
  hearth_text text{};
  HEARTH_TRY(hand_out(write_json(json), &text));
  return reply_of(HEARTH_REPLY_JSON, text);
}

Result<hearth_reply> float_reply(const std::vector<float>& values) {
  hearth_text text{};
  HEARTH_TRY(hand_out({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)}, &text));
  return reply_of(HEARTH_REPLY_FLOAT32, text);
}

using Run = Result<hearth_reply> (*)(hearth_model* model, const Arguments& given);

Result<hearth_reply> info(hearth_model* model, const Arguments& /*given*/) {
  hearth_text json{};
  HEARTH_TRY(outcome(hearth_model_info_json(model, &json)));
  return reply_of(HEARTH_REPLY_JSON, json);
}

Result<hearth_reply> metadata(hearth_model* model, const Arguments& given) {
  HEARTH_ASSIGN(const uint64_t most, given.count(0));
  hearth_text json{};
  HEARTH_TRY(outcome(hearth_model_metadata_json(model, most, &json)));
  return reply_of(HEARTH_REPLY_JSON, json);
}

Result<hearth_reply> statistics(hearth_model* model, const Arguments& /*given*/) {
  hearth_model_statistics from{};
  from.struct_size = sizeof(from);
  HEARTH_TRY(outcome(hearth_model_get_statistics(model, &from)));
  const Activity activity = model->scheduler->activity();
  return json_reply({{"layersResident", from.layers_resident},
                     {"bytesRead", from.bytes_read},
                     {"waitMs", from.wait_ms},
                     {"running", activity.running},
                     {"waiting", activity.waiting},
                     {"held", activity.held},
                     {"cachePositions", activity.cache_positions},
                     {"cachePositionsUsed", activity.cache_positions_used},
                     {"steps", activity.steps},
                     {"promptTokens", activity.prompt_tokens},
                     {"cachedTokens", activity.cached_tokens},
                     {"completionTokens", activity.completion_tokens}});
}

Result<hearth_reply> begin_profile(hearth_model* model, const Arguments& /*given*/) {
  model->model->backend().begin_profile();
  return hearth_reply{};
}

Result<hearth_reply> profile(hearth_model* model, const Arguments& /*given*/) {
  ordered_json list = ordered_json::array();
  for (const auto& [kernel, calls, seconds] : model->model->backend().profile()) {
    list.push_back({{"kernel", kernel}, {"calls", calls}, {"ms", 1e3 * seconds}});
  }
  return json_reply(list);
}

Result<hearth_reply> tokenize(hearth_model* model, const Arguments& given) {
  HEARTH_ASSIGN(const std::string text, given.text(0));
  HEARTH_ASSIGN(const bool add_special, given.flag(1));
  HEARTH_ASSIGN(const bool parse_special, given.flag(2));
  hearth_tokens tokens{};
  HEARTH_TRY(outcome(
      hearth_tokenize(model, text.data(), text.size(), add_special ? 1 : 0, parse_special ? 1 : 0, &tokens)));
  return reply_of(tokens);
}

Result<hearth_reply> detokenize(hearth_model* model, const Arguments& given) {
  HEARTH_ASSIGN(const bool with_special, given.flag(0));
  hearth_text text{};
  HEARTH_TRY(outcome(
      hearth_detokenize(model, given.tokens().data(), given.tokens().size(), with_special ? 1 : 0, &text)));
  return reply_of(HEARTH_REPLY_TEXT, text);
}

Result<hearth_reply> apply_chat_template(hearth_model* model, const Arguments& given) {
  HEARTH_ASSIGN(const std::string chat, given.text(0));
  hearth_text prompt{};
  HEARTH_TRY(outcome(hearth_apply_chat_template(model, chat.data(), chat.size(), &prompt)));
  return reply_of(HEARTH_REPLY_TEXT, prompt);
}

Result<hearth_reply> chat_tokens(hearth_model* model, const Arguments& given) {
  HEARTH_ASSIGN(const std::string chat, given.text(0));
  hearth_tokens tokens{};
  HEARTH_TRY(outcome(hearth_chat_tokens(model, chat.data(), chat.size(), &tokens)));
  return reply_of(tokens);
}

Result<hearth_reply> chat_tokens_that_fit(hearth_model* model, const Arguments& given) {
  HEARTH_ASSIGN(const std::string chat, given.text(0));
  hearth_tokens tokens{};
  int32_t left_out = 0;
  HEARTH_TRY(outcome(hearth_chat_tokens_that_fit(model, chat.data(), chat.size(), &tokens, &left_out)));
  const std::vector<int32_t> all(tokens.data, tokens.data + tokens.size);
  hearth_tokens_free(&tokens);
  return json_reply({{"tokens", all}, {"turnsLeftOut", left_out}});
}

Result<hearth_reply> pieces(hearth_model* model, const Arguments& given) {
  const Tokenizer& tokenizer = model->model->tokenizer();
  ordered_json list = ordered_json::array();
  for (const TokenId token : given.tokens()) {
    const bool is_known = token >= 0 && token < model->model->info().vocab_size;
    const std::string bytes = is_known ? tokenizer.token_bytes(token, true) : "";
    if (valid_utf8(bytes) == bytes) {
      list.push_back(bytes);
    } else {
      list.push_back(std::vector<uint8_t>(bytes.begin(), bytes.end()));
    }
  }
  return json_reply(list);
}

Result<hearth_reply> embed(hearth_model* model, const Arguments& given) {
  HEARTH_ASSIGN(const auto texts, given.read_texts(0, model->model->tokenizer()));
  HEARTH_ASSIGN(const ordered_json values, given.object(1));
  EmbeddingOptions options;
  HEARTH_TRY(set_options(options, values));
  HEARTH_ASSIGN(const PartOfTexts part, given.part(2));
  HEARTH_ASSIGN(const Embeddings embeddings, model->scheduler->embed(texts, options, part));
  return float_reply(embeddings.values);
}

Result<hearth_reply> rerank(hearth_model* model, const Arguments& given) {
  HEARTH_ASSIGN(const std::string query, given.text(0));
  HEARTH_ASSIGN(const std::vector<std::string> documents, given.texts(1));
  HEARTH_ASSIGN(const PartOfTexts part, given.part(2));
  HEARTH_ASSIGN(const auto ranked, rerank(*model->scheduler, *model->model, query, documents, part));
  ordered_json list = ordered_json::array();
  for (const RankedDocument& document : ranked) {
    list.push_back({{"index", document.index}, {"score", decimal(document.score)}});
  }
  return json_reply(list);
}

Result<hearth_reply> rerank_tokens(hearth_model* model, const Arguments& given) {
  HEARTH_ASSIGN(const std::string query, given.text(0));
  HEARTH_ASSIGN(const std::string document, given.text(1));
  HEARTH_ASSIGN(const std::vector<TokenId> all, rerank_tokens(*model->model, query, document));
  hearth_text text{};
  HEARTH_TRY(hand_out({reinterpret_cast<const char*>(all.data()), all.size() * sizeof(TokenId)}, &text));
  return reply_of(HEARTH_REPLY_INT32, text);
}

Result<hearth_reply> logits(hearth_model* model, const Arguments& given) {
  const size_t count = given.tokens().size();
  HEARTH_ASSIGN(const uint64_t position, given.count(0));
  if (position > count) return invalid("the first position is past the last token");
  const auto first = static_cast<size_t>(position);
  std::vector<float> values((count - first) * static_cast<size_t>(model->model->info().vocab_size));
  HEARTH_TRY(
      outcome(hearth_logits(model, given.tokens().data(), count, first, values.data(), values.size())));
  return float_reply(values);
}

Result<hearth_reply> logprobs(hearth_model* model, const Arguments& given) {
  HEARTH_ASSIGN(const uint64_t top_count, given.count(0));
  const auto most = static_cast<uint64_t>(model->model->tokenizer().vocabulary_size());
  HEARTH_ASSIGN(const auto all, prompt_logprobs(*model->scheduler, *model->model, given.tokens(),
                                                static_cast<int32_t>(std::min(top_count, most))));
  return json_reply(logprobs_json(all));
}

Result<hearth_reply> save_state(hearth_model* model, const Arguments& /*given*/) {
  hearth_bytes state{};
  HEARTH_TRY(outcome(hearth_model_save_state(model, &state)));
  return hearth_reply{HEARTH_REPLY_BYTES, state};
}

Result<hearth_reply> save_text(hearth_model* model, const Arguments& given) {
  HEARTH_ASSIGN(const std::string salt, given.text(0));
  Scheduler& scheduler = *model->scheduler;
  HEARTH_ASSIGN(const hearth_bytes state, saved_texts(scheduler, scheduler.kept_text(given.tokens(), salt)));
  return hearth_reply{HEARTH_REPLY_BYTES, state};
}

Result<hearth_reply> restore_state(hearth_model* model, const Arguments& given) {
  HEARTH_TRY(outcome(hearth_model_restore_state(model, given.bytes().data(), given.bytes().size())));
  return hearth_reply{};
}

Result<hearth_reply> restore_text(hearth_model* model, const Arguments& given) {
  HEARTH_ASSIGN(const std::string salt, given.text(0));
  HEARTH_TRY(model->scheduler->restore_state(std::as_bytes(given.bytes()), salt));
  return hearth_reply{};
}

Result<hearth_reply> forget_text(hearth_model* model, const Arguments& given) {
  HEARTH_ASSIGN(const std::string salt, given.text(0));
  model->scheduler->forget_text(given.tokens(), salt);
  return hearth_reply{};
}

Result<hearth_reply> load_adapter(hearth_model* model, const Arguments& given) {
  HEARTH_ASSIGN(const std::string path, given.text(0));
  std::shared_ptr<const ByteSource> source;
  if (path.empty()) {
    const auto bytes = std::as_bytes(given.bytes());
    source = own_memory({bytes.begin(), bytes.end()});
  } else {
    HEARTH_ASSIGN(source, map_file(path));
  }
  HEARTH_ASSIGN(const int32_t id, model->scheduler->adapters().load(std::move(source)));
  return json_reply(id);
}

Result<hearth_reply> unload_adapter(hearth_model* model, const Arguments& given) {
  HEARTH_ASSIGN(const uint64_t id, given.count(0));
  HEARTH_TRY(model->scheduler->adapters().unload(static_cast<int32_t>(std::min<uint64_t>(id, INT32_MAX))));
  return hearth_reply{};
}

Result<hearth_reply> use_adapters(hearth_model* model, const Arguments& given) {
  GenerationOptions options;
  HEARTH_TRY(set_options(options, {{"adapters", given.json(0)}}));
  HEARTH_TRY(model->scheduler->use_adapters(options.adapters));
  return hearth_reply{};
}

/// A call: its name and whether it only reads the model. Beside each: its arguments, its data and its reply.
struct Call {
  std::string_view name;
  bool only_reads;
  Run run;
};

constexpr Call kCalls[] = {
    {"info", true, info},                    // []: JSON, as hearth_model_info_json
    {"metadata", true, metadata},            // [most elements]: JSON, as hearth_model_metadata_json
    {"statistics", true, statistics},        // []: JSON {"layersResident", "bytesRead", "waitMs", ...}
    {"beginProfile", false, begin_profile},  // []: NOTHING; a GPU's kernels are timed from now on
    {"profile", false, profile},       // []: JSON [{"kernel", "calls", "ms"}, ...], the longest kernel first
    {"tokenize", true, tokenize},      // [text, add special, parse special]: INT32
    {"detokenize", true, detokenize},  // [with special], tokens: TEXT
    {"applyChatTemplate", true, apply_chat_template},   // [chat, a text that is JSON]: TEXT
    {"chatTokens", true, chat_tokens},                  // [chat]: INT32
    {"chatTokensThatFit", true, chat_tokens_that_fit},  // [chat]: JSON {"tokens", "turnsLeftOut"}
    {"pieces", true, pieces},  // [], tokens: JSON, for each its text, or its bytes where that is no UTF-8
    {"rerankTokens", true, rerank_tokens},  // [query, document]: INT32, what is read of the two
    // Texts, or lists of their tokens; of a part of many texts, also the first's number from 0 and how many
    // there are in all:
    {"embed", false, embed},    // [texts, options, first, all]: FLOAT32, text after text
    {"rerank", false, rerank},  // [query, documents, first, all]: JSON [{"index", "score"}, ...]
    {"logits", false, logits},  // [first position], tokens: FLOAT32
    // [how many of the likeliest], tokens: JSON as an event's "logprobs", of the tokens from the second on
    {"logprobs", false, logprobs},
    {"saveState", false, save_state},        // []: BYTES
    {"restoreState", false, restore_state},  // [], bytes: NOTHING
    // Of one text alone, and what was read with that cache salt:
    {"saveText", false, save_text},            // [cache salt], tokens: BYTES
    {"restoreText", false, restore_text},      // [cache salt], bytes: NOTHING
    {"forgetText", false, forget_text},        // [cache salt], tokens: NOTHING
    {"loadAdapter", false, load_adapter},      // [path, or "" for the bytes], bytes: JSON, its id
    {"unloadAdapter", false, unload_adapter},  // [id]: NOTHING
    {"useAdapters", false, use_adapters},      // [as the option adapters]: NOTHING; where none are named
};

const Call* find_call(const char* name) {
  const auto* found = std::find_if(std::begin(kCalls), std::end(kCalls),
                                   [name](const Call& call) { return call.name == name; });
  return found == std::end(kCalls) ? nullptr : found;
}

}  // namespace
}  // namespace hearth

extern "C" {

hearth_status hearth_call(hearth_model* model, const char* name, const char* arguments, const void* data,
                          size_t size, hearth_reply* reply) {
  return hearth::guarded([&]() -> hearth::Result<void> {
    HEARTH_TRY(hearth::require(model, "the model"));
    HEARTH_TRY(hearth::require(name, "the name"));
    HEARTH_TRY(hearth::require(arguments, "the arguments"));
    HEARTH_TRY(hearth::require(reply, "the output"));
    const hearth::Call* call = hearth::find_call(name);
    if (call == nullptr) return hearth::invalid(fmt::format("there is no call '{}'", name));
    HEARTH_ASSIGN(const auto array, hearth::parse_json(arguments, "the arguments"));
    if (!array.is_array()) return hearth::invalid("the arguments must be a JSON array");
    HEARTH_ASSIGN(const auto bytes, hearth::as_span(static_cast<const uint8_t*>(data), size, "the data"));
    HEARTH_ASSIGN(*reply, call->run(model, {array, bytes}));
    return {};
  });
}

int hearth_call_only_reads(const char* name) {
  const hearth::Call* call = name == nullptr ? nullptr : hearth::find_call(name);
  return call != nullptr && call->only_reads ? 1 : 0;
}

}  // extern "C"
