#include "engine/grammar/constraint.h"

#include <algorithm>
#include <utility>

namespace hearth {
namespace {

/// Further bytes are forced in the next step.
constexpr size_t kMostForcedBytes = 256;

/// The tokens that the tokenizer makes of bytes in the midst of a text; none where it makes others. Some
/// tokenizers put a space before a text, which becomes part of its first token: where that is so, a line's
/// end comes in between.
std::vector<TokenId> tokens_within_text(const TokenVocabulary& vocabulary, const std::string& bytes) {
  std::vector<TokenId> found;
  for (const char* before : {"", "\n"}) {
    const std::string text = before + bytes;
    const TextPiece piece{text, false};
    std::vector<TokenId> tokens = vocabulary.tokenizer().encode(std::span(&piece, 1), false);
    size_t rest = 0;  // bytes of the last tokens
    while (!tokens.empty() && rest < bytes.size()) {
      const std::string_view last = vocabulary.bytes(tokens.back());
      if (last.empty() || !std::string_view(bytes).substr(0, bytes.size() - rest).ends_with(last)) break;
      rest += last.size();
      found.push_back(tokens.back());
      tokens.pop_back();
    }
    if (rest == bytes.size()) {
      std::reverse(found.begin(), found.end());
      return found;
    }
    found.clear();
  }
  return {};
}

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

bool Constraint::begin_with(std::string_view text) {
  const ConfigurationId next = grammar_->automaton_.next(places_.back(), kNoToken, text);
  if (next == Automaton::kDead) return false;
  places_.back() = next;
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
  std::vector<TokenId> tokens = tokens_within_text(grammar_->vocabulary(), bytes);
  if (!tokens.empty()) tokens.pop_back();  // it may be the beginning of a longer token
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
