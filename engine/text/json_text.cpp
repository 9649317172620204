#include "engine/text/json_text.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>

namespace hearth {
namespace {

using nlohmann::ordered_json;

/// Reads JSON without keeping it, for what is wrong with it.
class Check final : public nlohmann::json_sax<ordered_json> {
 public:
  const std::string& fault() const { return fault_; }

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(int64_t) override { return true; }
  bool number_unsigned(uint64_t) override { return true; }
  bool number_float(double, const std::string&) override { return true; }
  bool string(std::string&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool key(std::string&) override { return true; }
  bool start_object(size_t) override { return descend(); }
  bool start_array(size_t) override { return descend(); }
  bool end_object() override { return ascend(); }
  bool end_array() override { return ascend(); }

  bool parse_error(size_t, const std::string&, const ordered_json::exception& error) override {
    // "[json.exception.parse_error.101] parse error at line 1, column 2: ..."
    const std::string_view told = error.what();
    fault_ = told.substr(told.find("] ") + 2);
    return false;
  }

 private:
  static constexpr int kDeepest = 200;

  bool descend() {
    if (++depth_ > kDeepest) fault_ = fmt::format("lists and objects are nested more than {} deep", kDeepest);
    return fault_.empty();
  }
  bool ascend() {
    --depth_;
    return true;
  }

  int depth_ = 0;
  std::string fault_;
};

}  // namespace

Result<ordered_json> parse_json(std::string_view text, std::string_view name) {
  Check check;
  if (!ordered_json::sax_parse(text, &check)) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("{}: cannot be read as JSON: {}", name, check.fault())};
  }
  return ordered_json::parse(text, nullptr, false);
}

}  // namespace hearth
