// Adapters beside what they stand for: a model whose matrices have the same products merged in.
#include "engine/model/adapter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <functional>
#include <numeric>

#include "engine/base/random.h"
#include "engine/compute/devices.h"
#include "engine/format/gguf_writer.h"
#include "engine/model/adapter_set.h"
#include "engine/model/families/family.h"
#include "engine/model/forward.h"
#include "engine/model/weights.h"
#include "testing/synthetic/synthetic_model.h"

namespace hearth {
namespace {

using ::testing::HasSubstr;

constexpr int32_t kRank = 3;
constexpr float kAlpha = 6.0F;

std::vector<float> floats_of(const Gguf& file, const std::string& name) {
  const GgufTensor& tensor = *file.find_tensor(name);
  std::vector<float> floats(tensor.bytes / sizeof(float));
  EXPECT_TRUE(file.source().read(tensor.offset, std::as_writable_bytes(std::span(floats))).ok());
  return floats;
}

SyntheticShape shape_of(std::string_view name) {
  SyntheticShape shape = *find_synthetic_shape(name);
  shape.n_vocab = 300;
  return shape;
}

std::vector<std::byte> model_bytes(const SyntheticShape& shape, std::string_view type = "F32") {
  GgufWriter writer;
  EXPECT_TRUE(add_synthetic_model(shape, find_type_mix(std::string(type)).value(), 1, writer).ok());
  return std::move(writer.write_to_memory()).value();
}

/// A random adapter of such a model, which these tokens activate.
Gguf adapter_of(const SyntheticShape& shape, uint64_t seed, const std::vector<int32_t>& activated_by = {}) {
  GgufWriter writer;
  EXPECT_TRUE(add_synthetic_adapter(shape, kRank, seed, writer).ok());
  if (!activated_by.empty()) writer.add_int32s("adapter.alora.invocation_tokens", activated_by);
  return Gguf::parse(own_memory(std::move(writer.write_to_memory()).value(), "adapter.gguf")).value();
}

/// Adds scale * alpha / rank * B A to each matrix of an F32 model, expert by expert; of the embedding, whose
/// A has a row per token, A B^T.
void merge(const Gguf& adapter, float scale, std::vector<std::byte>& model) {
  const Gguf file = Gguf::parse(borrow_memory(model)).value();
  const float factor =
      scale * static_cast<float>(adapter.number("adapter.lora.alpha").value().value()) / kRank;
  for (const GgufTensor& down : adapter.tensors()) {
    if (!down.name.ends_with(".lora_a")) continue;
    const std::string name(down.name.substr(0, down.name.size() - 7));
    const std::vector<float> a = floats_of(adapter, name + ".lora_a");
    const std::vector<float> b = floats_of(adapter, name + ".lora_b");
    std::vector<float> weights = floats_of(file, name);
    const size_t columns = file.find_tensor(name)->columns();
    const size_t rows = file.find_tensor(name)->shape[1];  // of one expert
    const bool of_embeddings = name == "token_embd.weight";
    for (size_t i = 0; i < weights.size(); ++i) {
      const size_t row = i / columns;
      const size_t column = i % columns;
      for (size_t r = 0; r < kRank; ++r) {
        weights[i] +=
            factor * (of_embeddings ? a[row * kRank + r] * b[column * kRank + r]
                                    : b[row * kRank + r] * a[(row / rows * kRank + r) * columns + column]);
      }
    }
    std::memcpy(model.data() + file.find_tensor(name)->offset, weights.data(),
                weights.size() * sizeof(float));
  }
}

/// In memory, or to be read from there.
std::shared_ptr<const ByteSource> source_of(std::vector<std::byte> bytes, bool is_read) {
  if (!is_read) return own_memory(std::move(bytes), "model.gguf");
  const uint64_t size = bytes.size();
  const auto read = [bytes = std::move(bytes)](uint64_t offset, std::span<std::byte> into) {
    std::copy_n(bytes.begin() + static_cast<ptrdiff_t>(offset), into.size(), into.begin());
    return true;
  };
  return read_with(read, size, "model.gguf");
}

constexpr int32_t kShortText[] = {1, 17, 203, 44, 5};

/// A model that is ready to run, with the adapters that it is given.
class AdaptedModel {
 public:
  explicit AdaptedModel(std::vector<std::byte> bytes, const std::string& device = "cpu",
                        uint64_t memory_limit = 0)
      : file_(std::move(ModelFile::open({source_of(std::move(bytes), memory_limit > 0)})).value()),
        spec_(std::move(read_model_spec(file_.metadata())).value()),
        backend_(std::move(make_backend({device, device == "cpu" ? 2 : 0})).value()),
        bound_(std::move(bind_network(file_, spec_, *backend_, nullptr, memory_limit)).value()),
        states_(
            std::move(StateStore::create(*backend_, bound_.network->states(), 512, BlockType::kF32)).value()),
        forward_(std::make_unique<Forward>(*bound_.network, *bound_.weights, *states_, 128)) {}

  Result<std::shared_ptr<Adapter>> load(const Gguf& file) const {
    return Adapter::load(file, spec_.architecture, bound_.matrices, *backend_);
  }
  AdapterSet set_of(const std::vector<std::pair<const Gguf*, float>>& adapters) const {
    AdapterSet set;
    for (const auto& [file, scale] : adapters) set.members.push_back({load(*file).value(), scale});
    return set;
  }

  /// The logits of every row of sequences of the same tokens, each with its adapters.
  std::vector<std::vector<float>> logits(const std::vector<const AdapterSet*>& adapters,
                                         std::span<const int32_t> text = kShortText) {
    std::vector<SequenceState> states;
    for (size_t i = 0; i < adapters.size(); ++i) states.emplace_back(*states_);
    std::vector<int32_t> tokens, positions, sequences, outputs;
    std::vector<std::span<const int32_t>> pages;
    for (size_t sequence = 0; sequence < adapters.size(); ++sequence) {
      EXPECT_TRUE(states[sequence].extend(static_cast<int32_t>(text.size())).ok());
      pages.push_back(states[sequence].pages());
      for (size_t i = 0; i < text.size(); ++i) {
        tokens.push_back(text[i]);
        positions.push_back(static_cast<int32_t>(i));
        sequences.push_back(static_cast<int32_t>(sequence));
        outputs.push_back(static_cast<int32_t>(outputs.size()));
      }
    }
    std::vector<float> all(tokens.size() * static_cast<size_t>(spec_.n_vocab()));
    Batch batch{tokens, {positions, sequences, pages}, outputs};
    batch.adapters = adapters;
    EXPECT_TRUE(forward_->begin_logits(batch, all).ok());
    EXPECT_TRUE(backend_->wait().ok());
    const auto size = static_cast<ptrdiff_t>(all.size() / adapters.size());
    std::vector<std::vector<float>> each;
    for (auto row = all.begin(); row != all.end(); row += size) each.emplace_back(row, row + size);
    return each;
  }

 private:
  ModelFile file_;
  ModelSpec spec_;
  std::unique_ptr<Backend> backend_;
  BoundNetwork bound_;
  std::unique_ptr<StateStore> states_;
  std::unique_ptr<Forward> forward_;
};

double largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  double largest = 0.0;
  for (size_t i = 0; i < a.size(); ++i) {
    largest = std::max(largest, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
  }
  return largest;
}

using Place = std::tuple<const char*, const char*>;  // shape, device

class AdapterOf : public ::testing::TestWithParam<Place> {};

TEST_P(AdapterOf, GivesWhatTheMergedModelGives) {
  const auto& [name, device] = GetParam();
  const SyntheticShape shape = shape_of(name);
  const Gguf first = adapter_of(shape, 7);
  const Gguf second = adapter_of(shape, 8);
  std::vector<std::byte> bytes = model_bytes(shape);
  AdaptedModel model(bytes, device);
  const AdapterSet one = model.set_of({{&first, 0.5F}});
  const AdapterSet two = model.set_of({{&first, 0.5F}, {&second, -0.3F}});
  // In one batch, and each as it is alone.
  const auto together = model.logits({&one, nullptr, &two, nullptr, &one});
  EXPECT_EQ(together[0], model.logits({&one})[0]);
  EXPECT_EQ(together[0], together[4]);
  EXPECT_EQ(together[2], model.logits({&two})[0]);
  EXPECT_EQ(together[1], model.logits({nullptr})[0]);

  EXPECT_EQ(together[1], AdaptedModel(bytes, device).logits({nullptr})[0]);
  merge(first, 0.5F, bytes);
  EXPECT_LT(largest_difference(together[0], AdaptedModel(bytes, device).logits({nullptr})[0]), 1e-3);
  EXPECT_GT(largest_difference(together[0], together[1]), 0.5);
  merge(second, -0.3F, bytes);
  EXPECT_LT(largest_difference(together[2], AdaptedModel(bytes, device).logits({nullptr})[0]), 1e-3);
}

INSTANTIATE_TEST_SUITE_P(All, AdapterOf,
                         ::testing::Combine(::testing::Values("tiny-llama", "tiny-gemma2", "tiny-phi2",
                                                              "tiny-phi3", "tiny-mixtral", "tiny-deepseek2"),
                                            ::testing::Values("cpu", "reference")),
                         [](const auto& test) {
                           std::string label =
                               std::string(std::get<0>(test.param)) + "_" + std::get<1>(test.param);
                           std::replace(label.begin(), label.end(), '-', '_');
                           return label;
                         });

TEST(Adapter, StaysWhileLayersComeAndGo) {
  SyntheticShape shape = shape_of("tiny-llama");
  shape.n_layer = 6;
  const Gguf file = adapter_of(shape, 7);
  const std::vector<std::byte> bytes = model_bytes(shape, "Q8_0");
  AdaptedModel whole(bytes);
  AdaptedModel streamed(bytes, "cpu", bytes.size() * 3 / 4);
  const AdapterSet in_whole = whole.set_of({{&file, 1.0F}});
  const AdapterSet in_streamed = streamed.set_of({{&file, 1.0F}});
  EXPECT_EQ(streamed.logits({&in_streamed})[0], whole.logits({&in_whole})[0]);
}

constexpr int32_t kInvokingText[] = {1, 17, 203, 44, 17, 203, 5};

/// Rows before the last place of its tokens are the model's own, to the bit; those behind, which look back at
/// these, are neither the model's nor what it gives where all rows are adapted.
TEST(Adapter, ThatTokensActivateIsAddedFromTheirLastPlaceOn) {
  const SyntheticShape shape = shape_of("tiny-mixtral");
  const Gguf file = adapter_of(shape, 7, {17, 203});
  const Gguf always = adapter_of(shape, 7);
  AdaptedModel model(model_bytes(shape));
  const auto whole = std::make_shared<AdapterSet>(model.set_of({{&file, 1.0F}}));
  const std::shared_ptr<const AdapterSet> set = activated(whole, kInvokingText);
  ASSERT_EQ(set->members.size(), 1U);
  EXPECT_EQ(set->members[0].first_position, 4);
  const AdapterSet from_the_first = model.set_of({{&always, 1.0F}});

  const std::vector<std::vector<float>> logits =
      model.logits({set.get(), nullptr, &from_the_first}, kInvokingText);
  const auto row = [&](size_t sequence, size_t index) {
    const size_t size = logits[sequence].size() / std::size(kInvokingText);
    return std::span(logits[sequence]).subspan(index * size, size);
  };
  for (size_t index = 0; index < std::size(kInvokingText); ++index) {
    SCOPED_TRACE(index);
    EXPECT_EQ(std::ranges::equal(row(0, index), row(1, index)), index < 4);
    EXPECT_FALSE(std::ranges::equal(row(0, index), row(2, index)));
  }
  EXPECT_EQ(model.logits({set.get()}, kInvokingText)[0], logits[0]);
}

TEST(Adapter, ThatTokensActivateIsNotThereWithoutThem) {
  const SyntheticShape shape = shape_of("tiny-llama");
  const Gguf file = adapter_of(shape, 7, {17, 204});
  const Gguf always = adapter_of(shape, 8);
  const AdaptedModel model(model_bytes(shape));
  EXPECT_EQ(activated(std::make_shared<AdapterSet>(model.set_of({{&file, 1.0F}})), kInvokingText), nullptr);
  const auto both = std::make_shared<AdapterSet>(model.set_of({{&file, 1.0F}, {&always, 0.5F}}));
  const auto left = activated(both, kInvokingText);
  ASSERT_EQ(left->members.size(), 1U);
  EXPECT_EQ(left->members[0].scale, 0.5F);
}

TEST(Adapter, ThatTokensActivateMovesUpWithItsSequence) {
  const SyntheticShape shape = shape_of("tiny-llama");
  const Gguf file = adapter_of(shape, 7, {17, 203});
  const AdaptedModel model(model_bytes(shape));
  const auto set = activated(std::make_shared<AdapterSet>(model.set_of({{&file, 1.0F}})), kInvokingText);
  EXPECT_EQ(moved_up(set, 1, 2)->members[0].first_position, 2);
  EXPECT_EQ(moved_up(set, 3, 3)->members[0].first_position, 3);
  EXPECT_EQ(moved_up(set, 4, 2)->members[0].first_position, 4);
  EXPECT_NE(moved_up(set, 1, 2)->key, set->key);
}

/// What is wrong with an adapter as it is written.
Error refused(const std::function<void(GgufWriter&)>& write) {
  const AdaptedModel model(model_bytes(shape_of("tiny-llama")));
  GgufWriter writer;
  write(writer);
  const Gguf file =
      Gguf::parse(own_memory(std::move(writer.write_to_memory()).value(), "adapter.gguf")).value();
  const auto loaded = model.load(file);
  EXPECT_FALSE(loaded.ok());
  return loaded.ok() ? Error{ErrorCode::kInternal, ""} : loaded.error();
}

void add_header(GgufWriter& writer, const std::string& architecture = "llama") {
  writer.add_string("general.type", "adapter");
  writer.add_string("adapter.type", "lora");
  writer.add_string("general.architecture", architecture);
  writer.add_float32("adapter.lora.alpha", kAlpha);
}

void add_zeros(GgufWriter& writer, const std::string& name, const std::vector<uint64_t>& shape) {
  writer.add_tensor(name, BlockType::kF32, shape, [](uint64_t, std::span<std::byte> into) -> Result<void> {
    std::fill(into.begin(), into.end(), std::byte{0});
    return {};
  });
}

TEST(Adapter, OfAnotherModelIsRefusedWithTheTensor) {
  const Error architecture = refused([](GgufWriter& writer) { add_header(writer, "gemma"); });
  EXPECT_EQ(architecture.code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(architecture.message, HasSubstr("for architecture 'gemma', and the model is of 'llama'"));
  const Error shape = refused([](GgufWriter& writer) {
    add_header(writer);
    add_zeros(writer, "blk.0.attn_q.weight.lora_a", {128, 4});
    add_zeros(writer, "blk.0.attn_q.weight.lora_b", {4, 256});
  });
  EXPECT_EQ(shape.code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(shape.message,
              HasSubstr("adapter.gguf: tensor 'blk.0.attn_q.weight.lora_a' has shape [128, 4]; "
                        "this model calls for [256, 4]"));
  const Error ranks = refused([](GgufWriter& writer) {
    add_header(writer);
    add_zeros(writer, "blk.0.attn_q.weight.lora_a", {256, 4});
    add_zeros(writer, "blk.0.attn_q.weight.lora_b", {5, 256});
  });
  EXPECT_EQ(ranks.code, ErrorCode::kInvalidArgument);
  const Error missing = refused([](GgufWriter& writer) {
    add_header(writer);
    add_zeros(writer, "blk.9.attn_q.weight.lora_a", {256, 4});
  });
  EXPECT_EQ(missing.code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(missing.message, HasSubstr("'blk.9.attn_q.weight', a matrix that this model has not"));
}

TEST(Adapter, ThatIsNoneIsRefused) {
  const auto code_of = [](const std::function<void(GgufWriter&)>& write) { return refused(write).code; };
  EXPECT_EQ(code_of([](GgufWriter& writer) { writer.add_string("general.type", "model"); }),
            ErrorCode::kInvalidModel);
  EXPECT_EQ(code_of([](GgufWriter& writer) { add_header(writer); }), ErrorCode::kInvalidModel);
  EXPECT_EQ(code_of([](GgufWriter& writer) {
              add_header(writer);
              add_zeros(writer, "blk.0.attn_q.weight.lora_b", {4, 256});
            }),
            ErrorCode::kInvalidModel);
  EXPECT_EQ(code_of([](GgufWriter& writer) {
              add_header(writer);
              add_zeros(writer, "blk.0.attn_norm.weight", {256});
            }),
            ErrorCode::kUnsupportedModel);
  EXPECT_EQ(code_of([](GgufWriter& writer) {
              add_header(writer);
              writer.add_string("adapter.alora.invocation_tokens", "<|adapt|>");
            }),
            ErrorCode::kInvalidModel);
}

}  // namespace
}  // namespace hearth
