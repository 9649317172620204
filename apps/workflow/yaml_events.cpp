#include "apps/workflow/yaml_events.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <sstream>

namespace hearth::workflow {
namespace {

using nlohmann::ordered_json;

/// Stops reading, which takes as long as a text is large.
struct TooLarge {};

/// Columns in characters, for places that mostly come in the order of the text.
class Columns {
 public:
  explicit Columns(std::string_view text) : text_(text) {}

  /// yaml-cpp counts lines, and columns in bytes, from 0.
  int of(const YAML::Mark& mark) {
    const auto line = static_cast<size_t>(std::max(mark.line, 0));
    const auto byte = static_cast<size_t>(std::max(mark.column, 0));
    if (line < line_ || (line == line_ && byte < byte_)) *this = Columns(text_);
    for (; line_ < line; ++line_) {
      start_ = std::min(text_.find('\n', start_), text_.size() - 1) + 1;
      byte_ = 0;
      characters_ = 0;
    }
    for (; byte_ < byte && start_ + byte_ < text_.size(); ++byte_) {
      const bool goes_on = (static_cast<unsigned char>(text_[start_ + byte_]) & 0xC0) == 0x80;
      characters_ += goes_on ? 0 : 1;
    }
    return characters_ + 1;
  }

 private:
  std::string_view text_;
  size_t line_ = 0;
  size_t start_ = 0;  // of the line
  size_t byte_ = 0;   // within the line
  int characters_ = 0;
};

/// Takes the events down. yaml-cpp names anchors by numbers.
class EventList final : public YAML::EventHandler {
 public:
  explicit EventList(std::string_view text) : columns_(text) {}

  ordered_json::array_t events;

  void OnDocumentStart(const YAML::Mark& /*mark*/) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add_scalar(mark, "", "plain", anchor, "");
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add({"*", mark.line + 1, columns_.of(mark), name_of(anchor)});
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    // "?" is a plain scalar's, "!" one's with quotes or of a block.
    add_scalar(mark, value, tag == "?" ? "plain" : "quoted", anchor, tag == "?" || tag == "!" ? "" : tag);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    add({"[", mark.line + 1, columns_.of(mark), name_of(anchor), tag});
  }
  void OnSequenceEnd() override { add({"]"}); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    add({"{", mark.line + 1, columns_.of(mark), name_of(anchor), tag});
  }
  void OnMapEnd() override { add({"}"}); }

 private:
  static constexpr size_t kMostEvents = 2'000'000;

  static std::string name_of(YAML::anchor_t anchor) {
    return anchor == YAML::NullAnchor ? std::string() : std::to_string(anchor);
  }
  void add_scalar(const YAML::Mark& mark, const std::string& text, std::string_view style,
                  YAML::anchor_t anchor, const std::string& tag) {
    add({"=", mark.line + 1, columns_.of(mark), text, style, name_of(anchor), tag});
  }
  void add(ordered_json event) {
    if (events.size() == kMostEvents) throw TooLarge();
    events.push_back(std::move(event));
  }

  Columns columns_;
};

Error fault(std::string_view name, int line, int column, std::string_view what) {
  return {ErrorCode::kInvalidArgument, fmt::format("{}:{}:{}: {}", name, line, column, what)};
}

}  // namespace

Result<ordered_json> yaml_events(const std::string& text, std::string_view name) {
  try {
    std::istringstream in(text);
    YAML::Parser parser(in);
    EventList list(text);
    parser.HandleNextDocument(list);
    EventList rest(text);
    if (parser.HandleNextDocument(rest))
      return fault(name, 1, 1, "there are several documents; a file has one workflow");
    return ordered_json(std::move(list.events));
  } catch (const YAML::Exception& wrong) {
    return fault(name, wrong.mark.line + 1, wrong.mark.column + 1, wrong.msg);
  } catch (const TooLarge&) {
    return fault(name, 1, 1, "it is too large for a workflow");
  }
}

}  // namespace hearth::workflow
