// Events of YAML to a document.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <map>
#include <optional>
#include <set>

#include "engine/text/json_text.h"
#include "engine/workflow/document/document.h"

namespace hearth::workflow {
namespace {

using nlohmann::ordered_json;

/// Far more than anybody writes by hand, aliases counted with what they stand for: ten of them in each of
/// nine levels would be a billion elements ("billion laughs").
constexpr size_t kMostElements = 1'000'000;
constexpr size_t kMostBytes = size_t{64} << 20;
constexpr int kDeepest = 100;
constexpr std::string_view kCoreTag = "tag:yaml.org,2002:";

bool all_of(std::string_view text, std::string_view allowed) {
  return !text.empty() && text.find_first_not_of(allowed) == std::string_view::npos;
}

std::optional<ordered_json> digits_of_base(std::string_view digits, int base) {
  uint64_t value = 0;
  const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (fault != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return ordered_json(value);
}

/// [-+]?[0-9]+, 0o[0-7]+ or 0x[0-9a-fA-F]+
std::optional<ordered_json> integer_of(std::string_view text) {
  if (text.starts_with("0o")) return digits_of_base(text.substr(2), 8);
  if (text.starts_with("0x")) return digits_of_base(text.substr(2), 16);
  const bool is_signed = text.starts_with('-') || text.starts_with('+');
  const std::string_view digits = text.substr(is_signed ? 1 : 0);
  if (!all_of(digits, "0123456789")) return std::nullopt;
  if (auto natural = digits_of_base(digits, 10)) {
    if (!text.starts_with('-')) return natural;
    const auto magnitude = natural->get<uint64_t>();
    if (magnitude <= uint64_t{1} << 63) return ordered_json(static_cast<int64_t>(0 - magnitude));
  }
  return json_integer(text.substr(text.starts_with('+') ? 1 : 0));
}

/// [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?
bool has_form_of_real(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  const size_t exponent = text.find_first_of("eE");
  if (exponent != std::string_view::npos) {
    std::string_view power = text.substr(exponent + 1);
    if (power.starts_with('-') || power.starts_with('+')) power.remove_prefix(1);
    if (!all_of(power, "0123456789")) return false;
    text = text.substr(0, exponent);
  }
  const size_t point = text.find('.');
  if (point == std::string_view::npos) return all_of(text, "0123456789");
  const std::string_view whole = text.substr(0, point);
  const std::string_view fraction = text.substr(point + 1);
  if (whole.empty()) return all_of(fraction, "0123456789");
  return all_of(whole, "0123456789") && (fraction.empty() || all_of(fraction, "0123456789"));
}

std::optional<ordered_json> real_of(std::string_view text) {
  if (!has_form_of_real(text)) return std::nullopt;
  // Not std::from_chars, which WebAssembly's library lacks for doubles.
  const double value = std::strtod(std::string(text).c_str(), nullptr);
  if (!std::isfinite(value)) return std::nullopt;
  return ordered_json(value);
}

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

/// YAML 1.2.2, 10.3.2. Infinities and NaN, which JSON has not, stay text.
ordered_json core_value(std::string_view text) {
  if (is_one_of(text, {"", "~", "null", "Null", "NULL"})) return nullptr;
  if (is_one_of(text, {"true", "True", "TRUE"})) return true;
  if (is_one_of(text, {"false", "False", "FALSE"})) return false;
  if (auto integer = integer_of(text)) return *std::move(integer);
  if (auto real = real_of(text)) return *std::move(real);
  return text;
}

class Composer {
 public:
  Composer(const ordered_json& events, std::string_view name) : events_(events), name_(name) {}

  Result<Element> compose() {
    if (!events_.is_array()) return wrong();
    if (events_.empty()) return Element::scalar_at({1, 1}, nullptr);
    HEARTH_ASSIGN(Element element, element_at(0));
    if (next_ != events_.size()) return wrong();
    return element;
  }

 private:
  Error fail(Place place, std::string_view what) const {
    return {ErrorCode::kInvalidArgument, fmt::format("{}:{}:{}: {}", name_, place.line, place.column, what)};
  }
  /// The list is no list of events; whoever made it has a fault.
  Error wrong() const {
    return {ErrorCode::kInvalidArgument, fmt::format("{}: event {} is none of YAML's", name_, next_)};
  }

  /// Kind of the next event; "" at the end.
  std::string_view kind() const {
    if (next_ >= events_.size() || !events_[next_].is_array() || events_[next_].empty()) return "";
    const auto* kind = events_[next_][0].get_ptr<const std::string*>();
    return kind == nullptr ? std::string_view() : *kind;
  }
  /// A text of the next event; "" where it has none.
  std::string_view text(size_t index) const {
    const ordered_json& event = events_[next_];
    if (index >= event.size()) return "";
    const auto* text = event[index].get_ptr<const std::string*>();
    return text == nullptr ? std::string_view() : *text;
  }
  Place place() const {
    const ordered_json& event = events_[next_];
    const auto number = [&](size_t index) {
      if (index >= event.size() || !event[index].is_number_integer()) return 0;
      return static_cast<int>(std::clamp<int64_t>(event[index].get<int64_t>(), 0, 1 << 30));
    };
    return {number(1), number(2)};
  }

  Result<Element> element_at(int depth);
  Result<Element> scalar();
  Result<Element> alias();
  Result<void> read_list(Element& element, int depth);
  Result<void> read_object(Element& element, int depth);
  using Keys = std::set<std::string, std::less<>>;
  Result<void> merge(Element& object, Keys& keys, const Element& merged) const;
  Result<void> check_container_tag(std::string_view tag, std::string_view wanted, Place place) const;
  Result<void> count(const Element& element);

  struct Anchored {
    Element element;
    size_t elements;
    size_t bytes;
  };

  const ordered_json& events_;
  const std::string_view name_;
  size_t next_ = 0;
  size_t elements_ = 0;
  size_t bytes_ = 0;
  std::map<std::string, Anchored, std::less<>> anchors_;
};

Result<Element> Composer::element_at(int depth) {
  const std::string_view kind = this->kind();
  if (kind == "=") return scalar();
  if (kind == "*") return alias();
  const bool is_list = kind == "[";
  if (!is_list && kind != "{") return wrong();
  Element element = is_list ? Element::list_at(place()) : Element::object_at(place());
  if (depth >= kDeepest) return fail(element.place, fmt::format("nested more than {} deep", kDeepest));
  const std::string anchor(text(3));
  HEARTH_TRY(check_container_tag(text(4), is_list ? "seq" : "map", element.place));
  const size_t elements_before = elements_;
  const size_t bytes_before = bytes_;
  HEARTH_TRY(count(element));
  ++next_;
  HEARTH_TRY(is_list ? read_list(element, depth + 1) : read_object(element, depth + 1));
  if (!anchor.empty()) {
    anchors_.insert_or_assign(anchor, Anchored{element, elements_ - elements_before, bytes_ - bytes_before});
  }
  return element;
}

Result<void> Composer::count(const Element& element) {
  elements_ += 1;
  bytes_ += element.text() ? element.text()->size() : 0;
  if (elements_ > kMostElements)
    return fail(element.place, fmt::format("more than {} values", kMostElements));
  if (bytes_ > kMostBytes) return fail(element.place, fmt::format("more than {} bytes of text", kMostBytes));
  return {};
}

Result<Element> Composer::scalar() {
  Element element = Element::scalar_at(place(), nullptr);
  const std::string_view text = this->text(3);
  const std::string_view tag = this->text(6);
  const bool is_plain = this->text(4) == "plain";
  if (tag.empty() || tag == "?") {
    element.scalar = is_plain ? core_value(text) : ordered_json(text);
  } else if (tag == "!" || tag == fmt::format("{}str", kCoreTag)) {
    element.scalar = text;
  } else {
    element.scalar = core_value(text);
    const bool fits = tag == fmt::format("{}null", kCoreTag)   ? element.scalar.is_null()
                      : tag == fmt::format("{}bool", kCoreTag) ? element.scalar.is_boolean()
                      : tag == fmt::format("{}int", kCoreTag)
                          ? json_type(element.scalar) == "number" && !element.scalar.is_number_float()
                      : tag == fmt::format("{}float", kCoreTag) ? json_type(element.scalar) == "number"
                                                                : false;
    if (!fits) {
      return fail(element.place,
                  fmt::format("the tag {} is not read: a workflow has texts, numbers, true, false "
                              "and null, lists and objects",
                              tag));
    }
  }
  HEARTH_TRY(count(element));
  if (const std::string_view anchor = this->text(5); !anchor.empty()) {
    anchors_.insert_or_assign(std::string(anchor), Anchored{element, 1, text.size()});
  }
  ++next_;
  return element;
}

Result<Element> Composer::alias() {
  const auto found = anchors_.find(text(3));
  if (found == anchors_.end()) return fail(place(), fmt::format("there is no anchor '&{}' above", text(3)));
  const auto& [element, elements, bytes] = found->second;
  elements_ += elements;
  bytes_ += bytes;
  Element copy = Element::scalar_at(place(), nullptr);
  HEARTH_TRY(count(copy));
  copy = element;
  ++next_;
  return copy;
}

Result<void> Composer::check_container_tag(std::string_view tag, std::string_view wanted, Place place) const {
  if (tag.empty() || tag == "?" || tag == "!" || tag == fmt::format("{}{}", kCoreTag, wanted)) return {};
  return fail(place,
              fmt::format("the tag {} is not read: a workflow has texts, numbers, true, false and null, "
                          "lists and objects",
                          tag));
}

Result<void> Composer::read_list(Element& element, int depth) {
  while (kind() != "]") {
    HEARTH_ASSIGN(Element item, element_at(depth));
    element.items.push_back(std::move(item));
  }
  ++next_;
  return {};
}

Result<void> Composer::read_object(Element& element, int depth) {
  Keys keys;
  std::vector<Element> merged;
  while (kind() != "}") {
    const bool may_merge = kind() == "=" && text(3) == "<<" && text(4) == "plain";
    HEARTH_ASSIGN(const Element key, element_at(depth));
    if (key.is_list() || key.is_object()) return fail(key.place, "a key must be a text");
    HEARTH_ASSIGN(Element value, element_at(depth));
    if (may_merge) {
      merged.push_back(std::move(value));
      continue;
    }
    std::string name = key.text() ? *key.text() : write_json(key.scalar);
    if (!keys.insert(name).second) return fail(key.place, fmt::format("the key '{}' is there twice", name));
    element.members.push_back({std::move(name), key.place, std::move(value)});
  }
  ++next_;
  for (const Element& source : merged) HEARTH_TRY(merge(element, keys, source));
  return {};
}

/// What is written out comes before what is merged, and of several the first (yaml.org/type/merge).
Result<void> Composer::merge(Element& object, Keys& keys, const Element& merged) const {
  if (merged.is_list()) {
    for (const Element& item : merged.items) {
      if (!item.is_object()) return fail(item.place, "<< merges objects only");
      HEARTH_TRY(merge(object, keys, item));
    }
    return {};
  }
  if (!merged.is_object()) return fail(merged.place, "<< merges objects only");
  for (const Element::Member& member : merged.members) {
    if (keys.insert(member.key).second) object.members.push_back(member);
  }
  return {};
}

}  // namespace

Result<Element> compose(const ordered_json& events, std::string_view name) {
  return Composer(events, name).compose();
}

}  // namespace hearth::workflow
