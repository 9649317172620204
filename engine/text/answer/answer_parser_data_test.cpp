#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/base/testdata.h"
#include "engine/text/answer/answer_parser.h"
#include "engine/text/chat_template_testing.h"

namespace hearth::testing {
namespace {

std::vector<ordered_json> cases_of(const char* file) {
  std::vector<ordered_json> cases;
  std::ifstream lines(testdata() / "tools" / file);
  for (std::string line; std::getline(lines, line);) cases.push_back(ordered_json::parse(line));
  return cases;
}

std::string trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \n\t\r");
  if (begin == std::string_view::npos) return "";
  return std::string(text.substr(begin, text.find_last_not_of(" \n\t\r") + 1 - begin));
}

/// Arguments that are cut short are no JSON, and equal one another.
ordered_json comparable(const std::string& arguments) {
  const ordered_json value = ordered_json::parse(arguments, nullptr, false);
  return value.is_discarded() ? ordered_json("cut short") : value;
}

/// One model's output, with all that it takes to read it.
class Case {
 public:
  explicit Case(const ordered_json& data)
      : data_(data),
        template_(parsed(read_text(testdata() / "chat-templates/templates" / data["template"]))),
        format_(find_answer_format(*template_)) {
    const std::string tail = data["generation_prompt"];
    begun_ = begun_answer(format_, tail);
  }

  std::string output() const { return data_["output"]; }

  Answer answer(std::string_view output, size_t piece_length) const {
    AnswerOptions options;
    const auto& inputs = data_["inputs"];
    options.tools = ToolSchemas(inputs.contains("tools") ? inputs["tools"] : ordered_json::array());
    options.keep_reasoning = inputs["reasoning"] == "keep";
    AnswerParser parser(format_, options);
    Answer answer;
    const auto add = [&](const std::vector<AnswerDelta>& deltas) {
      for (const AnswerDelta& delta : deltas) answer.add(delta);
    };
    add(parser.push(begun_));
    for (size_t place = 0; place < output.size(); place += piece_length) {
      add(parser.push(output.substr(place, piece_length)));
    }
    add(parser.finish());
    return answer;
  }

  void expect(const Answer& answer) const {
    const auto& expected = data_["expected"];
    EXPECT_EQ(trimmed(answer.content), trimmed(std::string(expected["content"])));
    EXPECT_EQ(trimmed(answer.reasoning), trimmed(std::string(expected["reasoning_content"])));
    ASSERT_EQ(answer.calls.size(), expected["tool_calls"].size());
    for (size_t index = 0; index < answer.calls.size(); ++index) {
      const auto& call = expected["tool_calls"][index];
      EXPECT_EQ(answer.calls[index].name, call["name"]);
      EXPECT_EQ(comparable(answer.calls[index].arguments).dump(), comparable(call["arguments"]).dump());
      EXPECT_EQ(answer.calls[index].id, call.value("id", answer.calls[index].id));
    }
  }

 private:
  ordered_json data_;
  std::unique_ptr<const ChatTemplate> template_;
  AnswerFormat format_;
  std::string begun_;
};

/// Outputs to requests for JSON are not taken out of a fence: here the grammar lets no fence be written.
bool has_fence(const ordered_json& data) {
  return data["inputs"].contains("json_schema") &&
         std::string(data["output"]).find("```") != std::string::npos;
}

class AnswersOfRealTemplates : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override { HEARTH_REQUIRE_TESTDATA(); }
};

TEST_P(AnswersOfRealTemplates, AreReadWholeAndInPieces) {
  size_t index = 0;
  for (const ordered_json& data : cases_of(GetParam())) {
    SCOPED_TRACE(::testing::Message()
                 << "case " << index++ << ", " << data["template"] << ": " << data["output"]);
    if (has_fence(data)) continue;
    const Case one(data);
    const std::string output = one.output();
    for (const size_t piece_length : {output.size(), size_t{1}, size_t{3}}) {
      one.expect(one.answer(output, piece_length));
    }
  }
}

TEST_P(AnswersOfRealTemplates, AreTheSameCutShortHoweverTheyCome) {
  constexpr size_t kStride = 5;  // other lengths in each case: all of them would take a sanitizer too long
  size_t index = 0;
  for (const ordered_json& data : cases_of(GetParam())) {
    const Case one(data);
    const std::string output = one.output();
    for (size_t length = index++ % kStride; length < output.size(); length += kStride) {
      const std::string_view prefix = std::string_view(output).substr(0, length);
      EXPECT_EQ(to_json(one.answer(prefix, 1)), to_json(one.answer(prefix, length)))
          << data["template"] << ": " << prefix;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Data, AnswersOfRealTemplates,
                         ::testing::Values("parse.jsonl", "parse-partial.jsonl"));

}  // namespace
}  // namespace hearth::testing
