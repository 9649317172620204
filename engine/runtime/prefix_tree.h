// Keys and values of texts that were read, kept for the next one that begins alike: the next turn of a chat,
// another question under the same system prompt, a further answer to the same prompt.
//
// A radix tree: each node is one page of positions with its tokens, and the path to it is a text. Running
// sequences share their pages with it as soon as they are whole. What was not used for longest goes first,
// and always from the end of a text, since a page without those before it is of no use.
//
// A text goes on from any page that is kept, but where states have one size (states.h): there only from pages
// that were stored while the sequence ended with them. The others tell how far texts are alike, and so where
// the next of their kind should be stored.
//
// Each text is kept under a key, which says what its keys and values depend on besides its tokens and who may
// find it again: under one key nothing shows of what is kept under another, but that room becomes short.
#pragma once

#include <array>
#include <list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/model/states.h"
#include "engine/text/tokenizer.h"

namespace hearth {

class PrefixTree {
 public:
  /// A text that is kept, from its first token to the last of a page that it can go on from and no other
  /// follows.
  struct Text {
    std::vector<TokenId> tokens;
    std::vector<const KeptPage*> pages;
  };

  explicit PrefixTree(StateStore& states) : states_(states) {}

  /// A sequence that shares the pages of the longest beginning of `tokens` that is kept and can be gone on
  /// from; of length 0 where there is none.
  SequenceState find(std::span<const TokenId> tokens, std::string_view key = "");
  /// Positions of the longest beginning of `tokens` that is kept, whether it can be gone on from or not.
  int32_t known(std::span<const TokenId> tokens, std::string_view key = "") const;
  /// Keeps the whole pages of `sequence`, which holds the first tokens of `tokens`, as used last. Where
  /// states have one size and a text can go on from the last of them, none does any more from those before it
  /// that are behind the first `read` tokens, unless others do: an answer is gone on from at its end.
  void store(std::span<const TokenId> tokens, const SequenceState& sequence, std::string_view key = "",
             int32_t read = INT32_MAX);
  /// Has a slot be free, of the page unused for longest where it must; false where none is nor can be.
  bool free_slot() { return free_slot(nullptr); }
  /// Slots that pages have.
  int32_t slot_count() const;
  /// Gives back the page unused for longest of those that no sequence has, or forgets one that stands behind
  /// it; false if there is none.
  bool evict_oldest();
  /// Those that are kept under no key, the one unused for longest first.
  std::vector<Text> texts() const;
  /// The longest beginning of `tokens` that is kept; without tokens where there is none.
  Text text(std::span<const TokenId> tokens, std::string_view key = "") const;
  /// Keeps no longer what of `tokens` no other text begins with.
  void forget(std::span<const TokenId> tokens, std::string_view key = "");

 private:
  struct Node {
    Node* parent;
    std::array<TokenId, kPagePositions> tokens;
    KeptPage kept;
    std::vector<Node*> children;
    std::list<Node>::iterator place;
    std::string key;
  };

  bool free_slot(const Node* but_of);
  static Text text_to(const Node* last);
  Node* last_kept(std::span<const TokenId> tokens, std::string_view key) const;
  void drop(std::list<Node>::iterator node);
  Node* child(Node* parent, std::span<const TokenId> page, std::string_view key) const;
  Node* add(Node* parent, std::span<const TokenId> page, KeptPage kept, std::string_view key);
  void use(Node* last);

  StateStore& states_;
  std::list<Node> nodes_;  // unused for longest first; a node comes before its parent
  std::vector<Node*> beginnings_;
};

}  // namespace hearth
