// The C interface over Model: loading, information and text. Checks what comes in, hands out plain memory,
// lets nothing escape.
#include "engine/hearth.h"

#include <cstdlib>
#include <limits>

#include "engine/format/gguf_json.h"
#include "engine/hearth_internal.h"
#include "engine/hearth_options.h"
#include "engine/model/families/family.h"
#include "engine/runtime/chat_request.h"
#include "engine/runtime/conversation_window.h"
#include "engine/runtime/memory_need.h"
#include "engine/text/json_text.h"

namespace hearth {
namespace {

// Fixed memory, so that "out of memory" can be said without any.
thread_local char last_error[1024];

}  // namespace

hearth_status status_of(ErrorCode code) {
  static_assert(static_cast<int>(ErrorCode::kWorkerNotSupported) + 1 == HEARTH_WORKER_NOT_SUPPORTED,
                "the codes differ");
  return static_cast<hearth_status>(static_cast<int>(code) + 1);
}

hearth_status fail(ErrorCode code, std::string_view message) {
  size_t size = std::min(message.size(), sizeof(last_error) - 1);
  // Cut between characters: 10xxxxxx continues one.
  while (size < message.size() && size > 0 && (static_cast<unsigned char>(message[size]) & 0xC0U) == 0x80U) {
    --size;
  }
  std::memcpy(last_error, message.data(), size);
  last_error[size] = '\0';
  return status_of(code);
}

Result<void> hand_out(std::string_view from, hearth_text* to) {
  HEARTH_TRY(require(to, "the output"));
  auto* data = static_cast<char*>(std::malloc(from.size() + 1));
  if (data == nullptr) {
    return Error{ErrorCode::kOutOfMemory, fmt::format("no memory for a text of {} bytes", from.size())};
  }
  std::copy(from.begin(), from.end(), data);  // of nothing, too, which may be nowhere
  data[from.size()] = '\0';
  *to = {data, from.size()};
  return {};
}

Result<void> hand_out(const std::vector<TokenId>& from, hearth_tokens* to) {
  HEARTH_TRY(require(to, "the output"));
  auto* data = static_cast<int32_t*>(std::malloc(std::max<size_t>(1, from.size() * sizeof(int32_t))));
  if (data == nullptr) {
    return Error{ErrorCode::kOutOfMemory, fmt::format("no memory for {} tokens", from.size())};
  }
  std::copy(from.begin(), from.end(), data);
  *to = {data, from.size()};
  return {};
}

std::string to_text(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

namespace {

Result<void> load(ModelSource source, const hearth_model_options* given, hearth_model** model) {
  HEARTH_TRY(require(model, "the output"));
  HEARTH_ASSIGN(const hearth_model_options members, complete(given));
  HEARTH_ASSIGN(const LoadOptions options, read_options(members));
  HEARTH_ASSIGN(const gpu::MakeRunner gpu, brought_gpu(members));
  LoadProgress progress;
  if (members.progress != nullptr) {
    progress = [&members](LoadStage stage, uint64_t done, uint64_t total) {
      return members.progress(members.progress_user, static_cast<hearth_load_stage>(stage), done, total) == 0;
    };
  }
  auto loaded = std::make_unique<hearth_model>();
  HEARTH_ASSIGN(static_cast<Engine&>(*loaded), Engine::open(std::move(source), options, progress, gpu));
  *model = loaded.release();
  return {};
}

Result<std::shared_ptr<const ByteSource>> source_of(const hearth_source& part) {
  if (part.read == nullptr) return invalid("the read function of a part must not be NULL");
  const auto read = [part](uint64_t offset, std::span<std::byte> into) {
    return part.read(part.user, offset, into.data(), into.size()) == 0;
  };
  ReadAhead ahead;
  if (part.read_ahead != nullptr) {
    ahead = [part](uint64_t offset, std::span<std::byte> into) {
      part.read_ahead(part.user, offset, into.data(), into.size());
    };
  }
  return read_with(read, part.size, part.name == nullptr ? "model" : part.name, std::move(ahead));
}

Result<std::vector<std::shared_ptr<const ByteSource>>> sources_of(const hearth_source* parts, size_t count) {
  HEARTH_ASSIGN(const auto given, as_span(parts, count, "the parts"));
  std::vector<std::shared_ptr<const ByteSource>> sources;
  for (const hearth_source& part : given) {
    HEARTH_ASSIGN(auto source, source_of(part));
    sources.push_back(std::move(source));
  }
  return sources;
}

Result<ChatInput> chat_of(const hearth_model* model, const char* chat, size_t size) {
  HEARTH_TRY(require(model, "the model"));
  HEARTH_ASSIGN(const auto text, as_span(chat, size, "the chat"));
  HEARTH_ASSIGN(ChatRequest request, read_chat({text.data(), text.size()}));
  return std::move(request.input);
}

Result<std::vector<PromptPiece>> prompt_of(const hearth_model* model, const char* chat, size_t size) {
  HEARTH_ASSIGN(ChatInput input, chat_of(model, chat, size));
  return model->model->chat().render(std::move(input));
}

}  // namespace
}  // namespace hearth

using hearth::ErrorCode;
using hearth::guarded;
using hearth::Result;

extern "C" {

const char* hearth_version(void) { return HEARTH_VERSION; }
uint32_t hearth_abi_version(void) { return HEARTH_ABI_VERSION; }

const char* hearth_status_name(hearth_status status) {
  if (status == HEARTH_OK) return "OK";
  return hearth::error_code_name(static_cast<ErrorCode>(static_cast<int>(status) - 1)).data();
}

const char* hearth_error_message(void) { return hearth::last_error; }

void hearth_text_free(hearth_text* text) {
  if (text == nullptr) return;
  std::free(text->data);
  *text = {nullptr, 0};
}

void hearth_tokens_free(hearth_tokens* tokens) {
  if (tokens == nullptr) return;
  std::free(tokens->data);
  *tokens = {nullptr, 0};
}

void hearth_bytes_free(hearth_bytes* bytes) {
  if (bytes == nullptr) return;
  std::free(bytes->data);
  *bytes = {nullptr, 0};
}

void hearth_model_options_init(hearth_model_options* options, size_t struct_size) {
  if (options != nullptr) hearth::hand_out(hearth::plain(hearth::LoadOptions()), options, struct_size);
}

hearth_status hearth_model_load_path(const char* path, const hearth_model_options* options,
                                     hearth_model** model) {
  return guarded([&]() -> Result<void> {
    HEARTH_TRY(hearth::require(path, "the path"));
    return hearth::load(std::filesystem::path(path), options, model);
  });
}

hearth_status hearth_model_load_memory(const hearth_memory* parts, size_t part_count,
                                       const hearth_model_options* options, hearth_model** model) {
  return guarded([&]() -> Result<void> {
    HEARTH_ASSIGN(const auto given, hearth::as_span(parts, part_count, "the parts"));
    std::vector<std::shared_ptr<const hearth::ByteSource>> sources;
    for (const hearth_memory& part : given) {
      if (part.size > std::numeric_limits<size_t>::max()) {
        return hearth::invalid("a part is larger than the address space");
      }
      HEARTH_ASSIGN(const auto bytes, hearth::as_span(static_cast<const std::byte*>(part.data),
                                                      static_cast<size_t>(part.size), "a part's data"));
      sources.push_back(hearth::borrow_memory(bytes));
    }
    return hearth::load(std::move(sources), options, model);
  });
}

hearth_status hearth_model_load_read(const hearth_source* parts, size_t part_count,
                                     const hearth_model_options* options, hearth_model** model) {
  return guarded([&]() -> Result<void> {
    HEARTH_ASSIGN(auto sources, hearth::sources_of(parts, part_count));
    return hearth::load(std::move(sources), options, model);
  });
}

hearth_status hearth_model_memory_need(const hearth_source* parts, size_t part_count,
                                       const hearth_model_options* options, hearth_memory_need* need) {
  return guarded([&]() -> Result<void> {
    HEARTH_TRY(hearth::require(need, "the output"));
    HEARTH_TRY(hearth::check_struct_size(need->struct_size, "hearth_memory_need"));
    HEARTH_ASSIGN(const auto members, hearth::complete(options));
    HEARTH_ASSIGN(const auto chosen, hearth::read_options(members));
    HEARTH_ASSIGN(auto sources, hearth::sources_of(parts, part_count));
    HEARTH_ASSIGN(const auto file, hearth::ModelFile::open(std::move(sources)));
    HEARTH_ASSIGN(const auto spec, hearth::read_model_spec(file.metadata()));
    const uint64_t all = file.size() - hearth::bytes_left_in_file(file, spec);
    const uint64_t weights = chosen.memory_limit > 0 ? std::min(all, chosen.memory_limit) : all;
    const hearth::MemoryNeed found = hearth::memory_need(spec, weights, chosen);
    hearth::hand_out(hearth_memory_need{0, found.weights, found.cache(), found.activations}, need,
                     need->struct_size);
    return {};
  });
}

void hearth_model_free(hearth_model* model) {
  // The scheduler's end writes the last events, which can fail for want of memory; nothing else can.
  (void)guarded([&]() -> Result<void> {
    delete model;
    return {};
  });
}

hearth_status hearth_model_get_info(const hearth_model* model, hearth_model_info* info) {
  return guarded([&]() -> Result<void> {
    HEARTH_TRY(hearth::require(model, "the model"));
    HEARTH_TRY(hearth::require(info, "the output"));
    HEARTH_TRY(hearth::check_struct_size(info->struct_size, "hearth_model_info"));
    const hearth::ModelInfo& from = model->model->info();
    const hearth::SpecialTokens& special = model->model->tokenizer().special();
    hearth_model_info values{};
    values.layer_count = from.layer_count;
    values.head_count = from.head_count;
    values.kv_head_count = from.kv_head_count;
    values.embedding_length = static_cast<int32_t>(from.embedding_length);
    values.vocab_size = from.vocab_size;
    values.context_length = from.context_length;
    values.context_size = model->scheduler->context_size();
    values.parameter_count = from.parameter_count;
    values.file_size = from.file_size;
    values.cache_bytes = model->scheduler->cache_bytes();
    values.has_chat_template = from.has_chat_template ? 1 : 0;
    values.bos_token = special.bos;
    values.eos_token = special.eos;
    values.name = from.name.c_str();
    values.architecture = from.architecture.c_str();
    values.quantization = from.quantization.c_str();
    values.license = from.license.c_str();
    values.tokenizer = from.tokenizer.c_str();
    values.device = from.device.c_str();
    hearth::hand_out(values, info, info->struct_size);
    return {};
  });
}

hearth_status hearth_model_info_json(const hearth_model* model, hearth_text* json) {
  return guarded([&]() -> Result<void> {
    HEARTH_TRY(hearth::require(model, "the model"));
    auto info = hearth::to_json(model->model->info());
    info["contextSize"] = model->scheduler->context_size();
    info["maxSequences"] = model->scheduler->max_sequences();
    info["cacheBytes"] = model->scheduler->cache_bytes();
    info["draftBytes"] =
        model->draft ? model->draft->info().file_size + model->scheduler->draft_cache_bytes() : 0;
    return hearth::hand_out(hearth::to_text(info), json);
  });
}

hearth_status hearth_model_get_statistics(const hearth_model* model, hearth_model_statistics* statistics) {
  return guarded([&]() -> Result<void> {
    HEARTH_TRY(hearth::require(model, "the model"));
    HEARTH_TRY(hearth::require(statistics, "the output"));
    HEARTH_TRY(hearth::check_struct_size(statistics->struct_size, "hearth_model_statistics"));
    const hearth::WeightStatistics from = model->model->weight_statistics();
    const hearth_model_statistics values{0, from.layers_resident, from.bytes_read, from.wait_ms};
    hearth::hand_out(values, statistics, statistics->struct_size);
    return {};
  });
}

hearth_status hearth_model_metadata_json(const hearth_model* model, uint64_t most_elements,
                                         hearth_text* json) {
  return guarded([&]() -> Result<void> {
    HEARTH_TRY(hearth::require(model, "the model"));
    return hearth::hand_out(
        hearth::to_text(hearth::metadata_json(model->model->file().metadata(), most_elements)), json);
  });
}

hearth_status hearth_tokenize(const hearth_model* model, const char* text, size_t size, int add_special,
                              int parse_special, hearth_tokens* tokens) {
  return guarded([&]() -> Result<void> {
    HEARTH_TRY(hearth::require(model, "the model"));
    HEARTH_ASSIGN(const auto bytes, hearth::as_span(text, size, "the text"));
    return hearth::hand_out(model->model->tokenizer().encode(std::string_view(bytes.data(), bytes.size()),
                                                             add_special != 0, parse_special != 0),
                            tokens);
  });
}

hearth_status hearth_detokenize(const hearth_model* model, const int32_t* tokens, size_t count,
                                int with_special, hearth_text* text) {
  return guarded([&]() -> Result<void> {
    HEARTH_TRY(hearth::require(model, "the model"));
    HEARTH_ASSIGN(const auto ids, hearth::as_span(tokens, count, "the tokens"));
    const hearth::Tokenizer& tokenizer = model->model->tokenizer();
    for (const int32_t id : ids) {
      if (id >= 0 && id < tokenizer.vocabulary_size()) continue;
      return hearth::invalid(
          fmt::format("token {} is not in the vocabulary, 0 to {}", id, tokenizer.vocabulary_size() - 1));
    }
    return hearth::hand_out(tokenizer.decode(ids, with_special != 0), text);
  });
}

hearth_status hearth_apply_chat_template(const hearth_model* model, const char* chat, size_t size,
                                         hearth_text* prompt) {
  return guarded([&]() -> Result<void> {
    HEARTH_ASSIGN(const auto pieces, hearth::prompt_of(model, chat, size));
    std::string text;
    for (const hearth::PromptPiece& piece : pieces) text += piece.text;
    return hearth::hand_out(text, prompt);
  });
}

hearth_status hearth_chat_tokens(const hearth_model* model, const char* chat, size_t size,
                                 hearth_tokens* tokens) {
  return guarded([&]() -> Result<void> {
    HEARTH_ASSIGN(const auto pieces, hearth::prompt_of(model, chat, size));
    return hearth::hand_out(model->model->chat().encode(pieces), tokens);
  });
}

hearth_status hearth_chat_tokens_that_fit(const hearth_model* model, const char* chat, size_t size,
                                          hearth_tokens* tokens, int32_t* turns_left_out) {
  return guarded([&]() -> Result<void> {
    HEARTH_TRY(hearth::require(turns_left_out, "the output"));
    HEARTH_ASSIGN(const hearth::ChatInput input, hearth::chat_of(model, chat, size));
    HEARTH_ASSIGN(const auto fitted,
                  hearth::fit_conversation(model->model->chat(), input, model->scheduler->context_size()));
    HEARTH_TRY(hearth::hand_out(fitted.tokens, tokens));
    *turns_left_out = fitted.turns_left_out;
    return {};
  });
}

}  // extern "C"
