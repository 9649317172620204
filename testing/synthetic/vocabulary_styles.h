// What sets the vocabularies of the families apart: how text is cut, the special tokens, the chat format.
#pragma once

#include <span>
#include <string_view>

namespace hearth {

enum class VocabularyKind {
  kSentencePiece,
  kByteLevelBpe,
  kCharacterBpe,  // merges of characters, as Gemma 4
  kWordPiece,
  kUnigram,
  kPlamo,
  kLongestToken,  // RWKV
};

struct VocabularyStyle {
  std::string_view name;
  VocabularyKind kind = VocabularyKind::kSentencePiece;
  std::string_view pre_tokenizer = {};  // of byte-level BPE
  std::span<const std::string_view> special;
  std::string_view bos;  // each one of `special`, or empty where there is none
  std::string_view eos;
  std::string_view eot;
  std::string_view unk;
  std::string_view pad;
  bool add_bos;
  bool add_space_prefix;  // SentencePiece only
  std::string_view chat_template = {};
  std::string_view sep = {};
  std::string_view mask = {};
  std::string_view rerank_template = {};  // of a query and a document
};

/// nullptr where there is none of that name.
const VocabularyStyle* find_vocabulary_style(std::string_view name);

}  // namespace hearth
