// Calls that are held to their tools' schemas, however a model writes them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "engine/format/gguf_writer.h"
#include "engine/runtime/scheduler.h"
#include "engine/runtime/test_model.h"
#include "engine/text/chat_template_testing.h"

namespace hearth::testing {
namespace {

using ::testing::HasSubstr;

/// The bundled model, with the chat template of another.
std::unique_ptr<Model> spark_with(const std::string& chat_template) {
  const ModelFile file = expect_value(ModelFile::open("models/hearth-spark.gguf"));
  GgufWriter writer;
  for (const GgufEntry& entry : file.metadata().entries()) {
    if (entry.key == "tokenizer.chat_template")
      writer.add_string(entry.key, chat_template);
    else
      writer.add(entry.key, entry.value);
  }
  for (const GgufTensor& tensor : file.metadata().tensors()) {
    writer.add_tensor(tensor.name, tensor.type, tensor.shape,
                      file.metadata().source().mapped().subspan(tensor.offset, tensor.bytes));
  }
  return expect_value(
      Model::load({own_memory(expect_value(writer.write_to_memory()))}, LoadOptions{.threads = 1}));
}

ordered_json paint_tool() {
  return ordered_json::parse(R"({"type": "function", "function": {
    "name": "paint", "description": "Paints",
    "parameters": {"type": "object",
                   "properties": {"colour": {"type": "string", "enum": ["red", "green"]},
                                  "size": {"type": "integer", "minimum": 1, "maximum": 99},
                                  "title": {"type": "string", "maxLength": 12},
                                  "shape": {"type": "object",
                                            "properties": {"round": {"type": "boolean"}},
                                            "required": ["round"], "additionalProperties": false}},
                   "required": ["colour", "size", "title", "shape"],
                   "additionalProperties": false}}})");
}

void expect_paint(const ordered_json& arguments) {
  ASSERT_TRUE(arguments.is_object()) << arguments;
  ASSERT_EQ(arguments.size(), 4U) << arguments;
  EXPECT_TRUE(arguments["colour"] == "red" || arguments["colour"] == "green") << arguments;
  ASSERT_TRUE(arguments["size"].is_number()) << arguments;
  EXPECT_GE(arguments["size"], 1);
  EXPECT_LE(arguments["size"], 99);
  EXPECT_TRUE(arguments["title"].is_string()) << arguments;
  ASSERT_TRUE(arguments["shape"].is_object()) << arguments;
  EXPECT_TRUE(arguments["shape"]["round"].is_boolean()) << arguments;
}

struct WholeAnswer {
  hearth::Answer answer;
  std::vector<std::string> warnings;
  std::string written;  // with some of the prompt
  FinishReason finish = FinishReason::kNone;
};

class HeldCalls : public ::testing::Test {
 protected:
  void SetUp() override { HEARTH_REQUIRE_TESTDATA(); }

  void load(const std::string& name) {
    model_ = spark_with(read_text(testdata() / "chat-templates/templates" / (name + ".jinja")));
    LoadOptions options;
    options.context_size = 2048;  // for templates that tell much of tools
    scheduler_ = expect_value(Scheduler::create(*model_, options));
  }

  /// To a request that must be answered by a call of the tool, at a temperature at which all is likely.
  Result<WholeAnswer> answer(const ordered_json& tool, uint64_t seed) {
    GenerationRequest request;
    request.chat = ordered_json({{"messages", {{{"role", "user"}, {"content", "Paint a circle"}}}},
                                 {"tools", {tool}},
                                 {"toolChoice", "required"}})
                       .dump();
    HEARTH_ASSIGN(const ChatRequest read, read_chat(request.chat));
    HEARTH_ASSIGN(const auto pieces, model_->chat().render(read.input));
    request.prompt = model_->chat().encode(pieces);
    request.temperature = 2;
    request.top_k = 0;
    request.top_p = 1;
    request.min_p = 0;
    request.seed = seed;
    request.max_tokens = 400;
    HEARTH_ASSIGN(const auto generation, scheduler_->submit(std::move(request)));
    while (scheduler_->step()) {
    }
    WholeAnswer whole;
    while (const auto event = generation->next()) {
      whole.warnings.insert(whole.warnings.end(), event->warnings.begin(), event->warnings.end());
      for (const AnswerDelta& delta : event->calls) whole.answer.add(delta);
      whole.finish = event->finish;
    }
    const auto tokens = generation->tokens();
    whole.written = model_->tokenizer().decode(tokens.last(std::min<size_t>(tokens.size(), 450)), true);
    return whole;
  }

  std::unique_ptr<Model> model_;
  std::unique_ptr<Scheduler> scheduler_;
};

class HeldCallsOfTemplates : public HeldCalls, public ::testing::WithParamInterface<const char*> {};

TEST_P(HeldCallsOfTemplates, KeepToTheSchema) {
  load(GetParam());
  for (uint64_t seed = 0; seed < 2; ++seed) {
    const auto answered = answer(paint_tool(), seed);
    ASSERT_TRUE(answered.ok()) << answered.error().message;
    SCOPED_TRACE(answered->written);
    ASSERT_GE(answered->answer.calls.size(), 1U);
    EXPECT_EQ(answered->answer.calls[0].name, "paint");
    expect_paint(to_json(answered->answer.calls)[0]["arguments"]);
    EXPECT_TRUE(answered->warnings.empty());
    EXPECT_TRUE(answered->finish == FinishReason::kToolCalls || answered->finish == FinishReason::kLength);
  }
}

INSTANTIATE_TEST_SUITE_P(Data, HeldCallsOfTemplates,
                         ::testing::Values("ByteDance-Seed-OSS", "GLM-4.6", "deepseek-ai-DeepSeek-V3.2",
                                           "LFM2.5-8B-A1B", "google-gemma-4-31B-it"));

class HeldTools : public HeldCalls {
 protected:
  /// A tool with a schema that no grammar keeps.
  static ordered_json tool_of_distinct(bool strict) {
    return {{"type", "function"},
            {"function",
             {{"name", "choose"},
              {"description", "Chooses"},
              {"strict", strict},
              {"parameters",
               {{"type", "object"},
                {"properties", {{"numbers", {{"type", "array"}, {"uniqueItems", true}}}}},
                {"required", {"numbers"}}}}}}};
  }
};

TEST_F(HeldTools, SayWhereASchemaCannotBeKept) {
  load("ByteDance-Seed-OSS");
  const auto answered = answer(tool_of_distinct(false), 1);
  ASSERT_TRUE(answered.ok()) << answered.error().message;
  ASSERT_EQ(answered->warnings.size(), 1U);
  EXPECT_THAT(answered->warnings[0], HasSubstr("the tool \"choose\""));
  EXPECT_THAT(answered->warnings[0], HasSubstr("/properties/numbers/uniqueItems"));
}

TEST_F(HeldTools, AreRefusedWhereTheyAreStrictAndTheirSchemaCannotBeKept) {
  load("ByteDance-Seed-OSS");
  const auto answered = answer(tool_of_distinct(true), 1);
  ASSERT_FALSE(answered.ok());
  EXPECT_EQ(answered.error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(answered.error().message, HasSubstr("the tool \"choose\": JSON schema, at "));
}

TEST_F(HeldTools, AreRefusedWithASchemaThatIsNone) {
  load("Qwen-Qwen3-0.6B");
  ordered_json tool = paint_tool();
  tool["function"]["parameters"] = {{"type", "object"}, {"properties", {{"a", {{"$ref", "#/$defs/b"}}}}}};
  const auto answered = answer(tool, 1);
  ASSERT_FALSE(answered.ok());
  EXPECT_EQ(answered.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(answered.error().message, HasSubstr("the tool \"paint\": JSON schema, at "));
}

}  // namespace
}  // namespace hearth::testing
