#include "engine/runtime/model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "engine/format/gguf_writer.h"
#include "engine/runtime/synthetic_model_testing.h"
#include "engine/runtime/test_model.h"

namespace hearth {
namespace {

using ::testing::ElementsAre;
using testing::expect_value;
using testing::stories_path;

/// The little model again, with other or further metadata.
std::unique_ptr<Model> stories_with(const std::function<void(GgufWriter&)>& change,
                                    const std::string& without = "") {
  const ModelFile file = expect_value(ModelFile::open(stories_path()));
  GgufWriter writer;
  for (const GgufEntry& entry : file.metadata().entries()) {
    if (entry.key != without) writer.add(std::string(entry.key), entry.value);
  }
  change(writer);
  for (const GgufTensor& tensor : file.metadata().tensors()) {
    writer.add_tensor(std::string(tensor.name), tensor.type, tensor.shape,
                      file.metadata().source().mapped().subspan(tensor.offset, tensor.bytes));
  }
  return expect_value(
      Model::load({own_memory(expect_value(writer.write_to_memory()))}, LoadOptions{.threads = 1}));
}

ChatInput say(std::string text) {
  ChatInput input;
  input.messages.push_back({{"role", "user"}, {"content", std::move(text)}});
  return input;
}

std::string text_of(const std::vector<PromptPiece>& pieces) {
  std::string text;
  for (const PromptPiece& piece : pieces) text += piece.text;
  return text;
}

TEST(Model, TellsWhatItIs) {
  HEARTH_REQUIRE_TESTDATA();
  const auto model = testing::load_stories();
  const ModelInfo& info = model->info();
  EXPECT_EQ(info.architecture, "llama");
  EXPECT_EQ(info.quantization, "F32");
  EXPECT_EQ(info.layer_count, 5);
  EXPECT_EQ(info.head_count, 8);
  EXPECT_EQ(info.kv_head_count, 4);
  EXPECT_EQ(info.vocab_size, 512);
  EXPECT_EQ(info.tokenizer, "spm");
  EXPECT_EQ(info.file_size, std::filesystem::file_size(stories_path()));
  EXPECT_EQ(to_json(info)["layerCount"], 5);
}

TEST(Model, TellsWhichTokensItsVocabularyHas) {
  HEARTH_REQUIRE_TESTDATA();
  EXPECT_EQ(to_json(testing::load_stories()->info())["tokens"].dump(), R"({"bos":1,"eos":2})");
  const auto model = stories_with([](GgufWriter& writer) {
    writer.add_uint32("tokenizer.ggml.fim_pre_token_id", 5);
    writer.add_uint32("tokenizer.ggml.fim_suf_token_id", 7);
    writer.add_uint32("tokenizer.ggml.fim_mid_token_id", 6);
  });
  EXPECT_EQ(to_json(model->info())["tokens"].dump(),
            R"({"bos":1,"eos":2,"fimPrefix":5,"fimSuffix":7,"fimMiddle":6})");
}

TEST(Model, TellsWhatItCanBeAskedFor) {
  HEARTH_REQUIRE_TESTDATA();
  EXPECT_THAT(testing::load_stories()->info().tasks, ElementsAre("generate", "embed"));
  EXPECT_EQ(testing::load_stories()->info().pooling, "mean");
  const auto embedder = stories_with([](GgufWriter& writer) { writer.add_uint32("llama.pooling_type", 3); });
  EXPECT_THAT(embedder->info().tasks, ElementsAre("embed", "generate"));
  EXPECT_EQ(embedder->info().pooling, "last");
  EXPECT_THAT(testing::load_synthetic("tiny-bert")->info().tasks, ElementsAre("embed"));
  EXPECT_THAT(testing::load_synthetic("tiny-bge-reranker")->info().tasks, ElementsAre("rerank", "embed"));
  EXPECT_THAT(testing::load_synthetic("tiny-qwen3-reranker")->info().tasks,
              ElementsAre("rerank", "embed", "generate"));
}

TEST(Model, LoadsAlikeFromAPathFromMemoryAndThroughReads) {
  HEARTH_REQUIRE_TESTDATA();
  const auto mapped = expect_value(map_file(stories_path()));
  const auto read =
      read_with([&](uint64_t offset, std::span<std::byte> into) { return mapped->read(offset, into).ok(); },
                mapped->size(), "host");
  const auto from_memory =
      expect_value(Model::load({borrow_memory(mapped->mapped())}, LoadOptions{.threads = 1}));
  const auto from_reads = expect_value(Model::load({read}, LoadOptions{.threads = 1}));
  EXPECT_EQ(from_memory->info().parameter_count, testing::load_stories()->info().parameter_count);
  EXPECT_EQ(from_reads->info().parameter_count, from_memory->info().parameter_count);
}

TEST(Model, ReportsProgressInOrderAndStopsWhenAsked) {
  HEARTH_REQUIRE_TESTDATA();
  std::vector<LoadStage> stages;
  const auto follow = [&](LoadStage stage, uint64_t done, uint64_t total) {
    EXPECT_LE(done, total);
    if (stages.empty() || stages.back() != stage) stages.push_back(stage);
    return true;
  };
  expect_value(Model::load(stories_path(), LoadOptions{.threads = 1}, follow));
  EXPECT_THAT(stages, ::testing::ElementsAre(LoadStage::kParse, LoadStage::kRead, LoadStage::kInitialize,
                                             LoadStage::kReady));
  for (const LoadStage last : stages) {
    const auto stopped = Model::load(stories_path(), LoadOptions{.threads = 1},
                                     [&](LoadStage stage, uint64_t, uint64_t) { return stage != last; });
    ASSERT_FALSE(stopped.ok());
    EXPECT_EQ(stopped.error().code, ErrorCode::kAborted);
  }
}

TEST(Model, RefusesWhatIsNoModelAndSaysWhy) {
  HEARTH_REQUIRE_TESTDATA();
  const auto container = Model::load(testing::testdata() / "gguf/malformed/DATA_SUCCESS.gguf", {});
  ASSERT_FALSE(container.ok());
  EXPECT_EQ(container.error().code, ErrorCode::kInvalidModel);
  EXPECT_THAT(container.error().message, ::testing::HasSubstr("general.architecture"));
  const auto vocabulary = Model::load(testing::testdata() / "tokenizers/ggml-vocab-gpt-2.gguf", {});
  ASSERT_FALSE(vocabulary.ok());
  const auto unknown = Model::load(stories_path(), LoadOptions{.instruction_set = "sse9"});
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().code, ErrorCode::kInvalidArgument);
}

TEST(Model, WithoutATemplateItContinuesThePlainText) {
  HEARTH_REQUIRE_TESTDATA();
  const auto model = testing::load_stories();
  const auto pieces = expect_value(model->chat().render(say("Once")));
  EXPECT_EQ(text_of(pieces), "Once");
  EXPECT_EQ(model->chat().encode(pieces).front(), model->tokenizer().special().bos);
}

TEST(Model, UsesTheTemplateOfTheFile) {
  HEARTH_REQUIRE_TESTDATA();
  const auto model = stories_with([](GgufWriter& writer) {
    writer.add_string("tokenizer.chat_template",
                      "{{ bos_token }}{% for m in messages %}[{{ m.role }}] {{ m.content }}{% endfor %}");
    writer.add_string("tokenizer.chat_template.tool_use", "{{ messages[0].content }}{{ tools | tojson }}");
  });
  const auto pieces = expect_value(model->chat().render(say("</s> hi")));
  EXPECT_EQ(text_of(pieces), "<s>[user] </s> hi");
  const std::vector<TokenId> tokens = model->chat().encode(pieces);
  const SpecialTokens& special = model->tokenizer().special();
  EXPECT_EQ(std::count(tokens.begin(), tokens.end(), special.bos), 1) << "the template wrote it already";
  EXPECT_EQ(std::count(tokens.begin(), tokens.end(), special.eos), 0) << "a user's </s> is just letters";

  ChatInput with_tools = say("hi");
  with_tools.tools = nlohmann::ordered_json::array({nlohmann::ordered_json::object()});
  EXPECT_EQ(text_of(expect_value(model->chat().render(with_tools))), "hi[{}]");
  EXPECT_TRUE(model->info().template_capabilities.tools);
}

TEST(Model, ABrokenTemplateSpoilsOnlyChats) {
  HEARTH_REQUIRE_TESTDATA();
  const auto model =
      stories_with([](GgufWriter& writer) { writer.add_string("tokenizer.chat_template", "{% for %}"); });
  const auto pieces = model->chat().render(say("hi"));
  ASSERT_FALSE(pieces.ok());
  EXPECT_EQ(pieces.error().code, ErrorCode::kInvalidModel);
}

TEST(Model, TakesSensibleAdviceOnSamplingOnly) {
  HEARTH_REQUIRE_TESTDATA();
  const auto model = stories_with([](GgufWriter& writer) {
    writer.add_float32("general.sampling.temp", 0.0F);
    writer.add_int32("general.sampling.top_k", -1);
    writer.add_float32("general.sampling.top_p", 7.0F);
    writer.add_string("general.sampling.min_p", "low");
  });
  const GenerationOptions options = model->recommended_options();
  const GenerationOptions defaults;
  EXPECT_EQ(options.temperature, 0.0F);
  EXPECT_EQ(options.top_k, 0);
  EXPECT_EQ(options.top_p, defaults.top_p);
  EXPECT_EQ(options.min_p, defaults.min_p);
}

}  // namespace
}  // namespace hearth
