#include "apps/cli/text_chunks.h"

#include <fmt/format.h>

namespace hearth::cli {

Result<TextChunks> TextChunks::of(std::string_view text, const std::string& path, const LoadedModel& model,
                                  bool with_control) {
  if (model.model->spec().is_encoder_decoder()) {
    return Error{ErrorCode::kUnsupported,
                 fmt::format("a model of the architecture '{}' answers texts and does not go on with them: "
                             "choose a model that does",
                             model.model->spec().architecture)};
  }
  const Tokenizer& tokenizer = model.model->tokenizer();
  TextChunks chunks;
  chunks.tokens_ = tokenizer.encode(text, true, with_control);
  chunks.chunk_tokens_ = static_cast<size_t>(model.scheduler->context_size());
  if (tokenizer.special().add_bos) chunks.first_ = tokenizer.special().bos;
  if (chunks.count() > 0 && chunks.chunk_tokens_ >= 4) return chunks;
  return Error{ErrorCode::kInvalidArgument,
               fmt::format("{}: its {} tokens do not fill one chunk of {} (at least 4); choose a smaller "
                           "--context or a longer text",
                           path, chunks.tokens_.size(), chunks.chunk_tokens_)};
}

std::vector<TokenId> TextChunks::operator[](size_t index) const {
  const auto begin = tokens_.begin() + static_cast<ptrdiff_t>(index * chunk_tokens_);
  std::vector<TokenId> chunk(begin, begin + static_cast<ptrdiff_t>(chunk_tokens_));
  if (first_ != kNoToken) chunk.front() = first_;
  return chunk;
}

}  // namespace hearth::cli
