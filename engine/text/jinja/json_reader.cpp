#include <fmt/format.h>

#include "engine/text/jinja/access.h"
#include "engine/text/jinja/json.h"
#include "engine/text/jinja/number_text.h"

namespace hearth::jinja {
namespace {

/// Builds values while nlohmann's parser walks through the text: nothing is looked up twice, and what the
/// text costs is spent as it is read.
class JsonReader final : public nlohmann::json_sax<nlohmann::ordered_json> {
 public:
  JsonReader(Origin origin, Interpreter& interpreter) : origin_(origin), interpreter_(interpreter) {}

  bool null() override { return add(None()); }
  bool boolean(bool value) override { return add(Value::boolean(value)); }
  bool number_integer(number_integer_t value) override { return add(Value::integer(value)); }
  bool number_unsigned(number_unsigned_t value) override {
    return add(Value::integer(BigInteger(value, false)));
  }
  bool number_float(number_float_t value, const string_t& digits) override {
    if (digits.find_first_of(".eE") != std::string::npos) return add(Value::real(value));
    const std::optional<BigInteger> whole = parse_digits(digits, 10);  // it has more than 64 bits
    if (!whole) fault_ = interpreter_.fail("from_json meets an integer of too many digits");
    return add(whole ? Value::integer(*whole) : Value());
  }
  bool string(string_t& value) override { return add(text(value)); }
  bool binary(binary_t&) override { return false; }
  bool start_object(size_t) override { return open(interpreter_.heap().make<Dict>()); }
  bool start_array(size_t) override { return open(interpreter_.heap().list({})); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& key) override {
    keys_.push_back(text(key));
    return true;
  }
  bool parse_error(size_t position, const std::string&, const nlohmann::detail::exception&) override {
    fault_ = interpreter_.fail(fmt::format("from_json meets a text that is no JSON at byte {}", position));
    return false;
  }

  Result<Value> result() const {
    if (interpreter_.budget().exhausted()) return interpreter_.limit_error();
    if (fault_) return *fault_;
    return result_;
  }

 private:
  Value text(const std::string& bytes) {
    TextBuilder out(interpreter_.budget());
    out.append(bytes, origin_);
    return out.take();
  }

  /// Puts a value where it belongs: into the innermost open list or dict.
  bool add(Value value) {
    if (open_.empty()) {
      result_ = std::move(value);
    } else if (List* list = open_.back().list()) {
      list->items.push_back(std::move(value));
    } else {
      if (const auto set = set_item(*open_.back().dict(), keys_.back(), std::move(value), interpreter_);
          !set.ok()) {
        fault_ = set.error();
      }
      keys_.pop_back();
    }
    interpreter_.budget().spend(1);
    return !fault_ && !interpreter_.budget().exhausted();
  }

  bool open(Value container) {
    if (!add(container)) return false;
    open_.push_back(std::move(container));
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  const Origin origin_;
  Interpreter& interpreter_;
  Value result_;
  std::vector<Value> open_;
  std::vector<Value> keys_;  // of the open dicts, whose values are still to come
  std::optional<Error> fault_;
};

}  // namespace

Result<Value> parse_json(std::string_view json, Origin origin, Interpreter& interpreter) {
  JsonReader reader(origin, interpreter);
  nlohmann::ordered_json::sax_parse(json, &reader);
  return reader.result();
}

}  // namespace hearth::jinja
