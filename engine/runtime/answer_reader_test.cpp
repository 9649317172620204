#include "engine/runtime/answer_reader.h"

#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "engine/runtime/scheduler.h"
#include "engine/runtime/test_model.h"

namespace hearth::testing {
namespace {

using nlohmann::ordered_json;

/// The bundled model, whose template writes calls as Hermes' does.
class ToolAnswers : public ::testing::Test {
 protected:
  static constexpr std::string_view kModel = "models/hearth-spark.gguf";

  void SetUp() override {
    model_ = expect_value(Model::load(kModel, LoadOptions{.threads = 1}));
    scheduler_ = expect_value(Scheduler::create(*model_, LoadOptions()));
  }

  static ordered_json tool(const std::string& name, const ordered_json& properties) {
    const ordered_json parameters = {{"type", "object"},
                                     {"properties", properties},
                                     {"required", {properties.begin().key()}},
                                     {"additionalProperties", false}};
    return {{"type", "function"}, {"function", {{"name", name}, {"parameters", parameters}}}};
  }

  static std::string chat(const std::string& choice) {
    return ordered_json({{"messages", {{{"role", "user"}, {"content", "What is Hearth?"}}}},
                         {"tools",
                          {tool("count", {{"number", {{"type", "integer"}}}}),
                           tool("paint", {{"colour", {{"enum", {"red", "green"}}}}})}},
                         {"toolChoice", choice}})
        .dump();
  }

  Result<hearth::Answer> answer(const std::string& chat, uint64_t seed) {
    HEARTH_ASSIGN(const ChatRequest read, read_chat(chat));
    HEARTH_ASSIGN(const auto pieces, model_->chat().render(read.input));
    GenerationRequest request;
    request.prompt = model_->chat().encode(pieces);
    request.chat = chat;
    request.temperature = 2;
    request.top_k = 0;
    request.top_p = 1;
    request.min_p = 0;
    request.seed = seed;
    request.max_tokens = 60;
    HEARTH_ASSIGN(const auto generation, scheduler_->submit(std::move(request)));
    while (scheduler_->step()) {
    }
    hearth::Answer whole;
    while (const auto event = generation->next()) {
      whole.content += event->text;
      for (const AnswerDelta& delta : event->calls) whole.add(delta);
    }
    return whole;
  }

  std::unique_ptr<Model> model_;
  std::unique_ptr<Scheduler> scheduler_;
};

TEST_F(ToolAnswers, ARequiredCallIsMadeWithArgumentsThatItsSchemaAllows) {
  for (uint64_t seed = 0; seed < 8; ++seed) {
    const auto named = answer(chat("paint"), seed);
    ASSERT_TRUE(named.ok()) << named.error().message;
    ASSERT_GE(named->calls.size(), 1U);
    EXPECT_EQ(named->calls[0].name, "paint");
    const ordered_json colour = to_json(named->calls)[0]["arguments"].value("colour", "");
    EXPECT_TRUE(colour == "red" || colour == "green") << named->calls[0].arguments;

    const auto any = answer(chat("required"), seed);
    ASSERT_TRUE(any.ok()) << any.error().message;
    ASSERT_GE(any->calls.size(), 1U);
    const ordered_json given = to_json(any->calls)[0]["arguments"];
    ASSERT_EQ(given.size(), 1U) << any->calls[0].arguments;
    if (any->calls[0].name == "count") {
      EXPECT_TRUE(given.contains("number")) << given;
    } else {
      EXPECT_EQ(any->calls[0].name, "paint");
      EXPECT_TRUE(given.value("colour", "") == "red" || given.value("colour", "") == "green") << given;
    }
    EXPECT_EQ(any->content.find("<tool_call>"), std::string::npos);
  }
}

TEST_F(ToolAnswers, RefusesAChoiceThatIsNoTool) {
  EXPECT_EQ(answer(chat("sing"), 0).error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace hearth::testing
