// Boxes in rows, each below all that lead to it but in a circle. Ways go from the bottom of a box to the top
// of another; those that lead back, or over other rows, go around at the side.
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "engine/text/unicode.h"
#include "engine/workflow/graph/graph.h"
#include "engine/workflow/graph/picture.h"

namespace hearth::workflow {
namespace {

// In pixels.
constexpr int kBoxHeight = 44;
constexpr int kRowHeight = 96;
constexpr int kGap = 32;
constexpr int kLetter = 8;  // about the width of a letter in the font below
constexpr int kLeastWidth = 96;
constexpr size_t kMostLetters = 36;

constexpr std::string_view kStyle =
    "svg{color-scheme:light dark}text{font:13px "
    "system-ui,sans-serif;fill:#1c1c1a}.told{font-size:11px;fill:#6b6a66}"
    ".way{paint-order:stroke;stroke:Canvas;stroke-width:4px}"
    "rect{fill:#fff;stroke:#8a8984}.end{fill:#eeede8}.loop{fill:#eef4ff}.branches{fill:#eefaf0}"
    "path{fill:none;stroke:#8a8984}.failure{stroke-dasharray:4 3}"
    "@media(prefers-color-scheme:dark){text{fill:#ecebe6}.told{fill:#a3a29c}rect{fill:#2a2a28;stroke:#77766f}"
    ".end{fill:#3a3a36}.loop{fill:#26324a}.branches{fill:#243b2a}path{stroke:#77766f}}";

std::string for_xml(std::string_view text) {
  std::string escaped;
  for (const char letter : text) {
    switch (letter) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      default:
        escaped += letter;
    }
  }
  return escaped;
}

/// No wider than a box may be; whole characters.
std::string shortened(std::string_view text) {
  size_t letters = 0;
  for (size_t byte = 0; byte < text.size(); ++byte) {
    const bool begins = (static_cast<unsigned char>(text[byte]) & 0xC0) != 0x80;
    if (begins && letters++ == kMostLetters) return std::string(text.substr(0, byte)) + "…";
  }
  return std::string(text);
}

struct Spot {
  size_t row = 0;
  int x = 0;  // of the middle
  int width = 0;
  int top() const { return static_cast<int>(row) * kRowHeight + kGap; }
  int bottom() const { return top() + kBoxHeight; }
};

/// The boxes that can be reached from the start, each behind all that lead to it; where they lead in a
/// circle, the way that closes it does not count.
class Order {
 public:
  explicit Order(const Picture& picture) : next_(picture.boxes.size()), states_(picture.boxes.size()) {
    for (const Way& way : picture.ways) next_[way.from].push_back(way.to);
    // Not by recursion: a workflow may have ten thousand nodes.
    std::vector<std::pair<size_t, size_t>> open = {{0, 0}};
    states_[0] = State::kOpen;
    while (!open.empty()) {
      auto& [box, way] = open.back();
      if (way == next_[box].size()) {
        states_[box] = State::kDone;
        last_first_.push_back(box);
        open.pop_back();
        continue;
      }
      const size_t to = next_[box][way++];
      if (states_[to] == State::kOpen) circles_.emplace(box, to);
      if (states_[to] != State::kNew) continue;
      states_[to] = State::kOpen;
      open.emplace_back(to, 0);
    }
  }

  bool reaches(size_t box) const { return states_[box] == State::kDone; }
  /// How many ways lie between the start and each box at most.
  std::vector<size_t> rows() const {
    std::vector<size_t> rows(next_.size(), 0);
    for (auto box = last_first_.rbegin(); box != last_first_.rend(); ++box) {
      for (const size_t to : next_[*box]) {
        if (circles_.count({*box, to}) == 0) rows[to] = std::max(rows[to], rows[*box] + 1);
      }
    }
    return rows;
  }

 private:
  enum class State : uint8_t { kNew, kOpen, kDone };

  std::vector<std::vector<size_t>> next_;
  std::vector<State> states_;
  std::vector<size_t> last_first_;
  std::set<std::pair<size_t, size_t>> circles_;
};

/// Boxes that nothing leads to come last, with the end.
std::vector<Spot> spots_of(const Picture& picture) {
  const Order order(picture);
  const std::vector<size_t> rows = order.rows();
  std::vector<Spot> spots(picture.boxes.size());
  size_t last = 0;
  for (size_t i = 0; i + 1 < spots.size(); ++i) last = std::max(last, rows[i]);
  for (size_t i = 0; i < spots.size(); ++i) {
    spots[i].row = order.reaches(i) && i + 1 < spots.size() ? rows[i] : last + 1;
    const Box& box = picture.boxes[i];
    const size_t letters = std::max(shortened(box.name).size(), shortened(box.told).size());
    spots[i].width = std::max(kLeastWidth, static_cast<int>(letters) * kLetter + 16);
  }
  return spots;
}

/// Places the boxes of each row beside each other, in the middle. Gives the width of all.
int place(std::vector<Spot>& spots) {
  size_t rows = 0;
  for (const Spot& spot : spots) rows = std::max(rows, spot.row + 1);
  std::vector<int> widths(rows, kGap);
  for (const Spot& spot : spots) widths[spot.row] += spot.width + kGap;
  const int width = *std::max_element(widths.begin(), widths.end());
  std::vector<int> next(rows);
  for (size_t row = 0; row < rows; ++row) next[row] = (width - widths[row]) / 2 + kGap;
  for (Spot& spot : spots) {
    spot.x = next[spot.row] + spot.width / 2;
    next[spot.row] += spot.width + kGap;
  }
  return width;
}

std::string drawn(const Box& box, const Spot& spot) {
  constexpr std::string_view kClasses[] = {"end", "node", "loop", "branches"};
  const std::string name = box.name == kStart ? "start" : box.name == kEnd ? "end" : shortened(box.name);
  std::string out = fmt::format(
      "<g><title>{}</title><rect class=\"{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"8\"/>",
      for_xml(box.told.empty() ? name : box.name + ": " + box.told), kClasses[static_cast<size_t>(box.shape)],
      spot.x - spot.width / 2, spot.top(), spot.width, kBoxHeight);
  const int line = spot.top() + (box.told.empty() ? 27 : 19);
  out += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>", spot.x, line, for_xml(name));
  if (!box.told.empty()) {
    out += fmt::format("<text class=\"told\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>", spot.x,
                       line + 16, for_xml(shortened(box.told)));
  }
  return out + "</g>\n";
}

std::string drawn(const Way& way, const Spot& from, const Spot& to, int side) {
  const bool is_next = to.row == from.row + 1;
  const std::string_view kind = way.is_for_failure ? " class=\"failure\"" : "";
  std::string path;
  int label_x = (from.x + to.x) / 2;
  int label_y = (from.bottom() + to.top()) / 2 + 4;
  if (is_next) {
    const int middle = (from.bottom() + to.top()) / 2;
    path = fmt::format("M{},{} C{},{} {},{} {},{}", from.x, from.bottom(), from.x, middle, to.x, middle, to.x,
                       to.top());
  } else {
    path = fmt::format("M{},{} C{},{} {},{} {},{} C{},{} {},{} {},{}", from.x, from.bottom(), from.x,
                       from.bottom() + 30, side, from.bottom() + 30, side, (from.bottom() + to.top()) / 2,
                       side, to.top() - 30, to.x, to.top() - 30, to.x, to.top());
    label_x = side;
  }
  std::string out = fmt::format("<path{} marker-end=\"url(#arrow)\" d=\"{}\"/>", kind, path);
  if (!way.told.empty()) {
    out += fmt::format("<text class=\"told way\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>", label_x,
                       label_y, for_xml(shortened(way.told)));
  }
  return out + "\n";
}

}  // namespace

std::string to_svg(const Workflow& workflow) {
  const Picture picture = picture_of(workflow.graph);
  std::vector<Spot> spots = spots_of(picture);
  const int inner = place(spots);
  // Each way around gets a lane of its own, so that none covers another.
  int side = inner + kGap / 2;
  std::string ways;
  for (const Way& way : picture.ways) {
    const bool is_next = spots[way.to].row == spots[way.from].row + 1;
    ways += drawn(way, spots[way.from], spots[way.to], side);
    if (!is_next) side += 14;
  }
  std::string boxes;
  for (size_t i = 0; i < spots.size(); ++i) boxes += drawn(picture.boxes[i], spots[i]);
  const int width = side + kGap * 4;
  const int height =
      std::max_element(spots.begin(), spots.end(), [](const Spot& a, const Spot& b) { return a.row < b.row; })
          ->bottom() +
      kGap;
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" width=\"{}\" height=\"{}\" "
      "role=\"img\">\n"
      "<title>{}</title>\n<style>{}</style>\n"
      "<defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"8\" "
      "markerHeight=\"8\" orient=\"auto\">"
      "<path d=\"M0,0 L8,4 L0,8\"/></marker></defs>\n{}{}</svg>\n",
      width, height, width, height, for_xml(workflow.name.empty() ? "workflow" : workflow.name), kStyle, ways,
      boxes);
}

}  // namespace hearth::workflow
