#include "engine/text/json_text.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/text/unicode.h"

namespace hearth {
namespace {

using nlohmann::ordered_json;

/// Builds the value while nlohmann's parser walks through the text. An object of nlohmann's looks for a name
/// among all of its members, which would take hours where there are millions.
class ValueReader final : public nlohmann::json_sax<ordered_json> {
 public:
  explicit ValueReader(ordered_json& root) : root_(root) {}

  const std::string& fault() const { return fault_; }

  bool null() override { return put(nullptr); }
  bool boolean(bool value) override { return put(value); }
  bool number_integer(int64_t value) override { return put(value); }
  bool number_unsigned(uint64_t value) override { return put(value); }
  bool number_float(double value, const std::string& digits) override {
    if (digits.find_first_of(".eE") != std::string::npos) return put(value);
    return put(json_integer(digits));
  }
  bool string(std::string& value) override { return put(std::move(value)); }
  bool binary(binary_t&) override { return false; }
  bool key(std::string& name) override {
    Open& object = open_.back();
    auto& members = object.container->get_ref<ordered_json::object_t&>();
    const auto [place, is_new] = object.members.emplace(name, members.size());
    if (is_new) members.emplace_back(name, nullptr);
    member_ = &(members.begin() + static_cast<std::ptrdiff_t>(place->second))->second;
    return true;
  }
  bool start_object(size_t) override { return open(ordered_json::object()); }
  bool start_array(size_t) override { return open(ordered_json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool parse_error(size_t, const std::string&, const ordered_json::exception& error) override {
    // "[json.exception.parse_error.101] parse error at line 1, column 2: ..."
    const std::string_view told = error.what();
    // What it repeats of the text may end within a character.
    fault_ = valid_utf8(told.substr(told.find("] ") + 2));
    return false;
  }

 private:
  static constexpr size_t kDeepest = 200;

  struct Open {
    ordered_json* container;
    std::unordered_map<std::string, size_t> members;  // where an object has them
  };

  /// Where the next value belongs.
  ordered_json& place() {
    if (open_.empty()) return root_;
    ordered_json& container = *open_.back().container;
    return container.is_array() ? container.emplace_back() : *member_;
  }
  bool put(ordered_json value) {
    place() = std::move(value);
    return true;
  }
  bool open(ordered_json container) {
    if (open_.size() == kDeepest) {
      fault_ = fmt::format("lists and objects are nested more than {} deep", kDeepest);
      return false;
    }
    ordered_json& opened = place();
    opened = std::move(container);
    open_.push_back({&opened, {}});
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  ordered_json& root_;
  std::vector<Open> open_;          // from the outermost to the innermost, which alone grows
  ordered_json* member_ = nullptr;  // of the innermost object, for the value that follows its key
  std::string fault_;
};

std::string dumped(const ordered_json& value) {
  return value.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

/// A line break, where there is to be one.
void break_line(int indent, int depth, std::string& text) {
  if (indent >= 0) text += "\n" + std::string(static_cast<size_t>(indent * depth), ' ');
}

void append_json(const ordered_json& json, int indent, int depth, std::string& text) {
  if (const std::string_view digits = large_integer(json); !digits.empty()) {
    text += digits;
    return;
  }
  if (!json.is_structured() || json.empty()) {
    text += dumped(json);
    return;
  }
  text += json.is_array() ? '[' : '{';
  for (auto entry = json.begin(); entry != json.end(); ++entry) {
    if (entry != json.begin()) text += ',';
    break_line(indent, depth + 1, text);
    if (json.is_object()) text += dumped(entry.key()) + (indent >= 0 ? ": " : ":");
    append_json(*entry, indent, depth + 1, text);
  }
  break_line(indent, depth, text);
  text += json.is_array() ? ']' : '}';
}

}  // namespace

Result<ordered_json> parse_json(std::string_view text, std::string_view name) {
  ordered_json json;
  ValueReader reader(json);
  if (!ordered_json::sax_parse(text, &reader)) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("{}: cannot be read as JSON: {}", name, reader.fault())};
  }
  return json;
}

std::string write_json(const ordered_json& json, int indent) {
  std::string text;
  append_json(json, indent, 0, text);
  return text;
}

ordered_json json_integer(std::string_view digits) {
  using Bytes = ordered_json::binary_t::container_type;
  return ordered_json::binary(Bytes(digits.begin(), digits.end()));
}

std::string_view large_integer(const ordered_json& json) {
  const auto* digits = json.get_ptr<const ordered_json::binary_t*>();
  if (digits == nullptr) return {};
  return {reinterpret_cast<const char*>(digits->data()), digits->size()};
}

std::string_view json_type(const ordered_json& json) {
  return large_integer(json).empty() ? json.type_name() : "number";
}

}  // namespace hearth
