#include "engine/runtime/adapters.h"

#include <gtest/gtest.h>

#include <cstring>

#include "engine/format/gguf_writer.h"
#include "engine/runtime/scheduler_fixture.h"

namespace hearth {
namespace {

class AdaptersTest : public testing::SchedulerFixture {
 protected:
  /// An adapter that turns what the first layer writes: B A with rank 1.
  static std::shared_ptr<const ByteSource> adapter(float value,
                                                   const std::vector<int32_t>& activated_by = {}) {
    const auto width = static_cast<uint64_t>(model_->spec().n_embd());
    GgufWriter writer;
    writer.add_string("general.architecture", "llama");
    writer.add_string("general.type", "adapter");
    writer.add_string("adapter.type", "lora");
    if (!activated_by.empty()) writer.add_int32s("adapter.alora.invocation_tokens", activated_by);
    const auto fill = [value](uint64_t offset, std::span<std::byte> into) -> Result<void> {
      for (size_t i = 0; i + sizeof(float) <= into.size(); i += sizeof(float)) {
        const float here = (offset + i) / sizeof(float) % 2 == 0 ? value : -value;
        std::memcpy(into.data() + i, &here, sizeof here);
      }
      return {};
    };
    writer.add_tensor("blk.0.attn_output.weight.lora_a", BlockType::kF32, {width, 1}, fill);
    writer.add_tensor("blk.0.attn_output.weight.lora_b", BlockType::kF32, {1, width}, fill);
    return own_memory(std::move(writer.write_to_memory()).value(), "adapter.gguf");
  }

  /// Of a prompt that fills some pages.
  static GenerationRequest story(std::vector<AdapterChoice> adapters) {
    std::string prompt;
    for (int i = 0; i < 6; ++i) prompt += "Once upon a time, there was a little girl named Lily. ";
    GenerationRequest asked = request(prompt, 30);
    asked.adapters = std::move(adapters);
    return asked;
  }
};

TEST_F(AdaptersTest, AreChosenByEachRequest) {
  const auto scheduler = make();
  const std::string plain = generate(*scheduler, story({})).text;
  const int32_t id = testing::expect_value(scheduler->adapters().load(adapter(0.7F)));
  const std::string adapted = generate(*scheduler, story({{id, 1.0F}})).text;
  EXPECT_NE(adapted, plain);
  EXPECT_EQ(generate(*scheduler, story({{id, 0.0F}})).text, plain);
  EXPECT_NE(generate(*scheduler, story({{id, -2.0F}})).text, adapted);
  EXPECT_EQ(generate(*scheduler, story({})).text, plain);

  // Side by side, each gives what it gives alone.
  const auto one = testing::expect_value(scheduler->submit(story({{id, 1.0F}})));
  const auto other = testing::expect_value(scheduler->submit(story({})));
  while (scheduler->step()) {
  }
  EXPECT_EQ(collect(*one).text, adapted);
  EXPECT_EQ(collect(*other).text, plain);
}

TEST_F(AdaptersTest, ShareKeysAndValuesOnlyWithTheSame) {
  const auto scheduler = make();
  const int32_t id = testing::expect_value(scheduler->adapters().load(adapter(0.7F)));
  const auto cached = [&](std::vector<AdapterChoice> adapters) {
    return generate(*scheduler, story(std::move(adapters))).last.usage.cached_tokens;
  };
  EXPECT_EQ(cached({{id, 1.0F}}), 0);
  EXPECT_EQ(cached({}), 0);
  EXPECT_EQ(cached({{id, 0.5F}}), 0);
  EXPECT_GT(cached({{id, 1.0F}}), 0);
  EXPECT_GT(cached({}), 0);
  // What was read with adapters is not saved: whoever restores it may have others.
  std::vector<std::byte> state(scheduler->saved_state_size(scheduler->kept_texts()));
  EXPECT_TRUE(scheduler->save_state(scheduler->kept_texts(), state).ok());
  const auto restored = make();
  EXPECT_TRUE(restored->restore_state(state).ok());
  EXPECT_GT(generate(*restored, story({})).last.usage.cached_tokens, 0);
}

TEST_F(AdaptersTest, ThatTokensActivateNeedThemInThePrompt) {
  const auto scheduler = make();
  const std::vector<TokenId> prompt = story({}).prompt;
  const std::vector<int32_t> at_the_end(prompt.end() - 3, prompt.end());
  const int32_t id = testing::expect_value(scheduler->adapters().load(adapter(0.7F, at_the_end)));
  const int32_t other = testing::expect_value(scheduler->adapters().load(adapter(0.7F, {1, 1, 1})));
  const int32_t always = testing::expect_value(scheduler->adapters().load(adapter(0.7F)));
  const std::string plain = generate(*scheduler, story({})).text;
  const std::string adapted = generate(*scheduler, story({{id, 1.0F}})).text;
  EXPECT_NE(adapted, plain);
  EXPECT_NE(adapted, generate(*scheduler, story({{always, 1.0F}})).text);
  EXPECT_EQ(generate(*scheduler, story({{other, 1.0F}})).text, plain);

  // Whatever is kept of it.
  const auto again = generate(*scheduler, story({{id, 1.0F}}));
  EXPECT_EQ(again.text, adapted);
  EXPECT_GT(again.last.usage.cached_tokens, 0);
}

TEST_F(AdaptersTest, MayBeUnloadedWhileAnAnswerGoesOn) {
  const auto scheduler = make();
  const int32_t id = testing::expect_value(scheduler->adapters().load(adapter(0.7F)));
  const std::string whole = generate(*scheduler, story({{id, 1.0F}})).text;
  const auto going = testing::expect_value(scheduler->submit(story({{id, 1.0F}})));
  scheduler->step();
  EXPECT_TRUE(scheduler->adapters().unload(id).ok());
  while (scheduler->step()) {
  }
  EXPECT_EQ(collect(*going).text, whole);
  EXPECT_EQ(scheduler->submit(story({{id, 1.0F}})).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(scheduler->adapters().unload(id).error().code, ErrorCode::kNotFound);
  EXPECT_NE(testing::expect_value(scheduler->adapters().load(adapter(0.7F))), id) << "numbers are used once";
}

TEST_F(AdaptersTest, MayBeTheSameForAllRequestsThatNameNone) {
  const auto scheduler = make();
  const int32_t id = testing::expect_value(scheduler->adapters().load(adapter(0.7F)));
  const std::string adapted = generate(*scheduler, story({{id, 1.0F}})).text;
  const std::vector<AdapterChoice> chosen = {{id, 1.0F}};
  EXPECT_TRUE(scheduler->use_adapters(chosen).ok());
  EXPECT_EQ(generate(*scheduler, story({})).text, adapted);
  EXPECT_TRUE(scheduler->use_adapters({}).ok());
  EXPECT_NE(generate(*scheduler, story({})).text, adapted);
  const std::vector<AdapterChoice> unknown = {{id + 1, 1.0F}};
  EXPECT_EQ(scheduler->use_adapters(unknown).error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace hearth
