// Every family's metadata with one number wrong: zero, one off, beyond all bounds, another key's. It is an
// error that says where, or a model that computes; nothing else.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/compute/cpu/test_inputs.h"
#include "engine/format/gguf.h"
#include "engine/runtime/scheduler.h"
#include "engine/runtime/test_model.h"
#include "testing/synthetic/synthetic_model.h"

namespace hearth {
namespace {

using testing::expect_value;

/// A number as a header has it.
struct Number {
  std::string key;
  GgufType type;
  size_t offset;  // of its bytes in the file
  std::array<std::byte, 8> bytes{};

  size_t size() const { return gguf_type_bytes(type); }
};

template <typename T>
std::array<std::byte, 8> bytes_of_number(T value) {
  std::array<std::byte, 8> bytes{};
  std::memcpy(bytes.data(), &value, sizeof(value));
  return bytes;
}

std::vector<std::byte> write(const SyntheticShape& shape) {
  GgufWriter writer;
  const auto added = add_synthetic_model(shape, expect_value(find_type_mix("F32")), 1, writer);
  if (!added.ok()) throw std::runtime_error(std::string(shape.name) + ": " + added.error().message);
  return expect_value(writer.write_to_memory());
}

/// Those of the architecture, also as the first of an array.
std::vector<Number> numbers_in(const std::vector<std::byte>& file, std::string_view architecture) {
  const Gguf gguf = expect_value(Gguf::parse(borrow_memory(file)));
  std::vector<Number> numbers;
  for (const GgufEntry& entry : gguf.entries()) {
    if (!entry.key.starts_with(std::string(architecture) + ".")) continue;
    const auto* const key = reinterpret_cast<const std::byte*>(entry.key.data());
    constexpr size_t kTypeBytes = 4;
    Number number{std::string(entry.key),
                  entry.value.type,
                  static_cast<size_t>(key - file.data()) + entry.key.size() + kTypeBytes,
                  {}};
    if (const auto* const array = std::get_if<GgufArray>(&entry.value.value)) {
      number.type = array->type;
      number.offset = static_cast<size_t>(array->bytes.data() - file.data());
    }
    if (number.size() == 0) continue;  // a string
    std::copy_n(file.begin() + static_cast<ptrdiff_t>(number.offset), number.size(), number.bytes.begin());
    numbers.push_back(number);
  }
  return numbers;
}

using Damage = std::vector<std::array<std::byte, 8>>;

Damage damage_to(const Number& number) {
  if (number.type == GgufType::kBool) {
    return {bytes_of_number(static_cast<uint8_t>(number.bytes[0] == std::byte{0}))};
  }
  if (number.type == GgufType::kFloat32) {
    using Limits = std::numeric_limits<float>;
    return {bytes_of_number(0.0F), bytes_of_number(-1.0F), bytes_of_number(Limits::quiet_NaN()),
            bytes_of_number(Limits::infinity()), bytes_of_number(1e30F)};
  }
  uint32_t value = 0;
  std::memcpy(&value, number.bytes.data(), std::min(number.size(), sizeof(value)));
  return {bytes_of_number(uint32_t{0}),
          bytes_of_number(value + 1),
          bytes_of_number(value - 1),
          bytes_of_number(uint32_t{1} << 31),
          bytes_of_number(uint32_t{0x7FFFFFFF}),
          bytes_of_number(value * 2),
          bytes_of_number(uint32_t{1}),
          bytes_of_number(uint32_t{1} << 24)};
}

/// With sanitizers each takes ten times as long: shapes take turns at the damage to a key that they share,
/// and of one that no other has a sixth is tried, at least one.
Damage every_sixth(const Damage& damage, size_t first) {
  Damage some;
  for (size_t kind = first % std::min<size_t>(6, damage.size()); kind < damage.size(); kind += 6)
    some.push_back(damage[kind]);
  return some;
}

/// What comes of loading and running it; empty where it computes.
std::optional<Error> outcome_of(const std::vector<std::byte>& file) {
  const auto model = Model::load({borrow_memory(file)}, LoadOptions{.threads = 1});
  if (!model.ok()) return model.error();
  LoadOptions options;
  options.context_size = 64;
  const auto scheduler = Scheduler::create(**model, options);
  if (!scheduler.ok()) return scheduler.error();
  const std::vector<TokenId> tokens{1,  5,  9,  300, 7,   2,   100, 33,  44, 55,
                                    66, 77, 88, 99,  110, 121, 132, 143, 154};
  const auto done =
      (*scheduler)->logits(tokens, testing::first_with_logits(**model), [](size_t, std::span<const float>) {
        return true;
      });
  return done.ok() ? std::nullopt : std::optional(done.error());
}

void expect_an_error_that_says_where(const std::optional<Error>& error) {
  if (!error) return;
  const bool has_a_place =
      error->message.find('\'') != std::string::npos || error->message.find("key") != std::string::npos;
  const bool is_known =
      error->code == ErrorCode::kInvalidModel || error->code == ErrorCode::kUnsupportedModel ||
      error->code == ErrorCode::kOutOfMemory || error->code == ErrorCode::kInvalidArgument ||
      error->code == ErrorCode::kContextOverflow;
  EXPECT_TRUE(is_known) << error->message;
  EXPECT_TRUE(has_a_place || error->code != ErrorCode::kInvalidModel) << error->message;
}

void try_damage(std::vector<std::byte>& file, const Number& number, const Damage& damage) {
  const auto value = file.begin() + static_cast<ptrdiff_t>(number.offset);
  for (size_t kind = 0; kind < damage.size(); ++kind) {
    SCOPED_TRACE(number.key + ", damage " + std::to_string(kind));
    std::copy_n(damage[kind].begin(), number.size(), value);
    expect_an_error_that_says_where(outcome_of(file));
  }
  std::copy_n(number.bytes.begin(), number.size(), value);
}

std::vector<SyntheticShape> tiny_decoders() {
  std::vector<SyntheticShape> shapes;
  for (const SyntheticShape& shape : synthetic_shapes()) {
    if (shape.name.starts_with("tiny-") && !shape.is_encoder) shapes.push_back(shape);
  }
  return shapes;
}

class DamagedHeader : public ::testing::TestWithParam<SyntheticShape> {
 protected:
  std::vector<std::byte> file_ = write(GetParam());
};

TEST_P(DamagedHeader, AWrongNumberIsAnErrorThatSaysWhereOrComputes) {
  const std::vector<Number> numbers = numbers_in(file_, GetParam().architecture);
  for (size_t place = 0; place < numbers.size(); ++place) {
    Damage damage = damage_to(numbers[place]);
    const Number& next = numbers[(place + 1) % numbers.size()];
    if (next.size() == numbers[place].size()) damage.push_back(next.bytes);
    if (cpu::testing::kIsSanitized) damage = every_sixth(damage, place + GetParam().name.size());
    try_damage(file_, numbers[place], damage);
  }
}

/// What comes of the file where one of its names is another one by its last letter.
std::optional<Error> outcome_without(std::vector<std::byte>& file, std::string_view name) {
  std::byte& last = file[static_cast<size_t>(reinterpret_cast<const std::byte*>(name.data()) - file.data()) +
                         name.size() - 1];
  const std::byte before = std::exchange(last, std::byte{'~'});
  std::optional<Error> outcome = outcome_of(file);
  last = before;
  return outcome;
}

TEST_P(DamagedHeader, AMissingKeyIsNamedOrHasADefault) {
  const Gguf gguf = expect_value(Gguf::parse(borrow_memory(file_)));
  for (const GgufEntry& entry : gguf.entries()) {
    if (!entry.key.starts_with(std::string(GetParam().architecture) + ".")) continue;
    SCOPED_TRACE(std::string(entry.key));
    expect_an_error_that_says_where(outcome_without(file_, entry.key));
  }
}

TEST_P(DamagedHeader, OfAMissingTensorItsLayerIsNamed) {
  const Gguf gguf = expect_value(Gguf::parse(borrow_memory(file_)));
  for (const GgufTensor& tensor : gguf.tensors()) {
    const std::string name(tensor.name);
    const auto outcome = outcome_without(file_, tensor.name);
    ASSERT_TRUE(outcome.has_value()) << name;
    // Itself; or where a block is stored in several ways, what the other way would need.
    const std::string place = name.starts_with("blk.") ? name.substr(0, name.find('.', 4) + 1) : "";
    EXPECT_NE(outcome->message.find("'" + place), std::string::npos) << outcome->message;
  }
}

TEST_P(DamagedHeader, ATensorOfAnotherShapeIsNamed) {
  const Gguf gguf = expect_value(Gguf::parse(borrow_memory(file_)));
  for (const GgufTensor& tensor : gguf.tensors()) {
    if (tensor.shape.size() < 2 || tensor.shape[0] == tensor.shape[1]) continue;
    // Its first two dimensions change places, so that it has as many bytes as before.
    constexpr size_t kDimensionCountBytes = 4;
    const auto first = file_.begin() +
                       (reinterpret_cast<const std::byte*>(tensor.name.data()) - file_.data()) +
                       static_cast<ptrdiff_t>(tensor.name.size() + kDimensionCountBytes);
    const auto second = first + sizeof(uint64_t);
    std::swap_ranges(first, second, second);
    const auto outcome = outcome_of(file_);
    std::swap_ranges(first, second, second);
    const std::string name(tensor.name);
    ASSERT_TRUE(outcome.has_value()) << name;
    EXPECT_EQ(outcome->code, ErrorCode::kInvalidModel);
    EXPECT_NE(outcome->message.find("'" + name + "'"), std::string::npos) << outcome->message;
  }
}

INSTANTIATE_TEST_SUITE_P(Of, DamagedHeader, ::testing::ValuesIn(tiny_decoders()), [](const auto& test) {
  std::string letters(test.param.name);
  std::replace_if(
      letters.begin(), letters.end(), [](char letter) { return letter == '-' || letter == '.'; }, '_');
  return letters;
});

}  // namespace
}  // namespace hearth
