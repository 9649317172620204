#include "engine/grammar/constraint.h"

#include <algorithm>
#include <utility>

namespace hearth {
namespace {

/// Further bytes are forced in the next step.
constexpr size_t kMostForcedBytes = 256;

}  // namespace

Constraint::Constraint(std::shared_ptr<TokenGrammar> grammar)
    : grammar_(std::move(grammar)), places_{grammar_->automaton().start()} {
  grammar_->constraints_.push_back(this);
}

Constraint::Constraint(const Constraint& other) : Constraint(other.grammar_) { places_ = other.places_; }

Constraint::~Constraint() { std::erase(grammar_->constraints_, this); }

bool Constraint::must_end() const {
  const auto threads = grammar_->automaton().threads(places_.back());
  return can_end() && threads.size() == 1;
}

bool Constraint::accept(TokenId token) {
  grammar_->forget_if_large();
  const ConfigurationId next = grammar_->next(places_.back(), token);
  if (next == Automaton::kDead) return false;
  if (places_.size() > 2 * kMostBack) places_.erase(places_.begin(), places_.end() - kMostBack);
  places_.push_back(next);
  return true;
}

std::string Constraint::forced_bytes() const {
  Automaton& automaton = grammar_->automaton_;
  std::string bytes;
  ConfigurationId at = places_.back();
  while (bytes.size() < kMostForcedBytes) {
    const int byte = automaton.only_byte(at);
    if (byte < 0) break;
    bytes += static_cast<char>(byte);
    at = automaton.next(at, static_cast<uint8_t>(byte));
  }
  return bytes;
}

std::vector<TokenId> Constraint::tokens_of_forced_bytes() const {
  const std::string bytes = forced_bytes();
  if (bytes.size() < 2) return {};
  const TokenVocabulary& vocabulary = grammar_->vocabulary();
  const TextPiece piece{bytes, false};
  std::vector<TokenId> tokens = vocabulary.tokenizer().encode(std::span(&piece, 1), false);
  // The last may be the beginning of a longer token. And some tokenizers change what they encode.
  if (!tokens.empty()) tokens.pop_back();
  std::string_view rest = bytes;
  const auto differs = std::find_if(tokens.begin(), tokens.end(), [&](TokenId token) {
    const std::string_view text = vocabulary.bytes(token);
    if (text.empty() || !rest.starts_with(text)) return true;
    rest.remove_prefix(text.size());
    return false;
  });
  tokens.erase(differs, tokens.end());
  return tokens;
}

std::vector<TokenId> Constraint::forced(size_t most) const {
  std::vector<TokenId> tokens = tokens_of_forced_bytes();
  if (tokens.empty() && !can_end()) {
    const Result<const TokenSet*> allowed = this->allowed();
    if (allowed.ok() && (*allowed)->count() == 1) tokens.push_back((*allowed)->first());
  }
  if (tokens.size() > most) tokens.resize(most);
  return tokens;
}

}  // namespace hearth
