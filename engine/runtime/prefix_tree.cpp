#include "engine/runtime/prefix_tree.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

namespace hearth {
namespace {

constexpr auto kPage = static_cast<size_t>(kPagePositions);

std::span<const TokenId> page_at(std::span<const TokenId> tokens, size_t page) {
  return tokens.subspan(page * kPage, kPage);
}

}  // namespace

PrefixTree::Node* PrefixTree::child(Node* parent, std::span<const TokenId> page, std::string_view key) const {
  const auto& children = parent == nullptr ? beginnings_ : parent->children;
  const auto found = std::find_if(children.begin(), children.end(), [&](const Node* node) {
    return std::equal(page.begin(), page.end(), node->tokens.begin()) && node->key == key;
  });
  return found == children.end() ? nullptr : *found;
}

PrefixTree::Node* PrefixTree::add(Node* parent, std::span<const TokenId> page, KeptPage kept,
                                  std::string_view key) {
  nodes_.push_back({parent, {}, std::move(kept), {}, {}, std::string(key)});
  Node* node = &nodes_.back();
  node->place = std::prev(nodes_.end());
  std::copy(page.begin(), page.end(), node->tokens.begin());
  (parent == nullptr ? beginnings_ : parent->children).push_back(node);
  return node;
}

/// Marks the text that ends with this node as used last.
void PrefixTree::use(Node* last) {
  for (Node* node = last; node != nullptr; node = node->parent) {
    nodes_.splice(nodes_.end(), nodes_, node->place);
  }
}

SequenceState PrefixTree::find(std::span<const TokenId> tokens, std::string_view key) {
  std::vector<const KeptPage*> pages;
  Node* last = nullptr;
  const Node* resumable = nullptr;
  size_t count = 0;
  for (size_t page = 0; (page + 1) * kPage <= tokens.size(); ++page) {
    Node* next = child(last, page_at(tokens, page), key);
    if (next == nullptr) break;
    last = next;
    pages.push_back(&last->kept);
    if (!last->kept.is_resumable()) continue;
    resumable = last;
    count = pages.size();
  }
  use(last);
  if (resumable != nullptr && states_.has_slots()) free_slot(resumable);
  return SequenceState::resume(states_, std::span(pages).first(count));
}

int32_t PrefixTree::known(std::span<const TokenId> tokens, std::string_view key) const {
  int32_t pages = 0;
  for (const Node* node = last_kept(tokens, key); node != nullptr; node = node->parent) ++pages;
  return pages * kPagePositions;
}

void PrefixTree::store(std::span<const TokenId> tokens, const SequenceState& sequence, std::string_view key,
                       int32_t read) {
  if (states_.has_slots() && sequence.length() % kPagePositions == 0) free_slot();
  Node* last = nullptr;
  const int32_t count = sequence.length() / kPagePositions;
  for (int32_t index = 0; index < count; ++index) {
    const std::span<const TokenId> page = page_at(tokens, static_cast<size_t>(index));
    Node* next = child(last, page, key);
    if (next == nullptr) {
      next = add(last, page, sequence.keep_page(index), key);
    } else if (index + 1 == count && !next->kept.is_resumable()) {
      next->kept = sequence.keep_page(index);
    }
    last = next;
  }
  use(last);
  if (last == nullptr || last->kept.slot() < 0) return;
  int32_t length = count * kPagePositions;
  for (Node* node = last->parent; node != nullptr && node->children.size() == 1; node = node->parent) {
    length -= kPagePositions;
    if (length <= read) break;
    node->kept.give_back_slot();
  }
}

bool PrefixTree::free_slot(const Node* but_of) {
  if (states_.free_slots() > 0) return true;
  const auto oldest = std::ranges::find_if(
      nodes_, [&](const Node& node) { return node.kept.slot() >= 0 && &node != but_of; });
  if (oldest == nodes_.end()) return false;
  oldest->kept.give_back_slot();
  return true;
}

int32_t PrefixTree::slot_count() const {
  return static_cast<int32_t>(
      std::ranges::count_if(nodes_, [](const Node& node) { return node.kept.slot() >= 0; }));
}

bool PrefixTree::evict_oldest() {
  const auto gives_room = [](const Node& node) { return !node.kept.is_shared(); };
  const auto is_end = [](const Node& node) { return node.children.empty(); };
  auto oldest = std::find_if(nodes_.begin(), nodes_.end(),
                             [&](const Node& node) { return is_end(node) && gives_room(node); });
  // A page that nobody uses may have others' behind it: theirs go first, which gives no room yet.
  if (oldest == nodes_.end() && std::any_of(nodes_.begin(), nodes_.end(), gives_room)) {
    oldest = std::find_if(nodes_.begin(), nodes_.end(), is_end);
  }
  if (oldest == nodes_.end()) return false;
  drop(oldest);
  return true;
}

void PrefixTree::drop(std::list<Node>::iterator node) {
  std::erase(node->parent == nullptr ? beginnings_ : node->parent->children, &*node);
  nodes_.erase(node);
}

void PrefixTree::forget(std::span<const TokenId> tokens, std::string_view key) {
  Node* last = last_kept(tokens, key);
  while (last != nullptr && last->children.empty()) {
    Node* const parent = last->parent;
    drop(last->place);
    last = parent;
  }
}

PrefixTree::Node* PrefixTree::last_kept(std::span<const TokenId> tokens, std::string_view key) const {
  Node* last = nullptr;
  for (size_t page = 0; (page + 1) * kPage <= tokens.size(); ++page) {
    Node* next = child(last, page_at(tokens, page), key);
    if (next == nullptr) break;
    last = next;
  }
  return last;
}

PrefixTree::Text PrefixTree::text_to(const Node* last) {
  while (last != nullptr && !last->kept.is_resumable()) last = last->parent;
  std::vector<const Node*> path;
  for (const Node* node = last; node != nullptr; node = node->parent) path.push_back(node);
  Text text;
  for (auto node = path.rbegin(); node != path.rend(); ++node) {
    text.tokens.insert(text.tokens.end(), (*node)->tokens.begin(), (*node)->tokens.end());
    text.pages.push_back(&(*node)->kept);
  }
  return text;
}

PrefixTree::Text PrefixTree::text(std::span<const TokenId> tokens, std::string_view key) const {
  return text_to(last_kept(tokens, key));
}

std::vector<PrefixTree::Text> PrefixTree::texts() const {
  std::vector<Text> all;
  for (const Node& end : nodes_) {
    if (!end.children.empty() || !end.key.empty()) continue;
    Text text = text_to(&end);
    if (!text.pages.empty()) all.push_back(std::move(text));
  }
  return all;
}

}  // namespace hearth
