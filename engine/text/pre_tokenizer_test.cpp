#include "engine/text/pre_tokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hearth {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> words(std::string_view name, std::string_view text) {
  const PreTokenizer* pre_tokenizer = find_pre_tokenizer(name);
  EXPECT_NE(pre_tokenizer, nullptr) << name;
  if (pre_tokenizer == nullptr) return {};
  std::vector<std::string> out;
  size_t begin = 0;
  for (const size_t end : split_words(*pre_tokenizer, text)) {
    out.emplace_back(text.substr(begin, end - begin));
    begin = end;
  }
  EXPECT_EQ(begin, text.size()) << "the words do not cover the text";
  return out;
}

TEST(PreTokenizer, UnknownNamesAreNotGuessed) {
  EXPECT_EQ(find_pre_tokenizer("no-such-model"), nullptr);
  EXPECT_EQ(find_pre_tokenizer(""), nullptr);
}

/// Every value of `tokenizer.ggml.pre` that llama.cpp v0.5.0 takes.
constexpr std::string_view kNamesOfLlamaCpp[] = {
    "a.x-4.0",
    "afmoe",
    "bailingmoe",
    "bailingmoe2",
    "bloom",
    "chameleon",
    "chatglm-bpe",
    "codeshell",
    "cohere2moe",
    "command-r",
    "dbrx",
    "deepseek-coder",
    "deepseek-llm",
    "deepseek-r1-qwen",
    "deepseek-v3",
    "default",
    "exaone",
    "exaone-moe",
    "exaone4",
    "f2llmv2",
    "falcon",
    "falcon-h1",
    "falcon3",
    "gemma4",
    "gigachat",
    "glm4",
    "gpt-2",
    "gpt-4o",
    "gpt3-finnish",
    "granite-docling",
    "granite-embed-multi-311m",
    "granite-embed-multi-97m",
    "grok-2",
    "hunyuan",
    "hunyuan-dense",
    "hy_v4",
    "jais",
    "jais-2",
    "jina-de",
    "jina-es",
    "jina-v1-en",
    "jina-v2-code",
    "jina-v2-de",
    "jina-v2-es",
    "jina-v5-nano",
    "joyai-llm",
    "kanana2",
    "kimi-k2",
    "kormo",
    "laguna",
    "lfm2",
    "llada-moe",
    "llama-bpe",
    "llama-v3",
    "llama3",
    "llama4",
    "megrez",
    "mellum",
    "mellum2",
    "midm-2.0",
    "minerva-7b",
    "minicpm5",
    "minimax-m2",
    "modern-bert",
    "mpt",
    "olmo",
    "phi-2",
    "pixtral",
    "poro-chat",
    "qwen2",
    "qwen35",
    "refact",
    "roberta-bpe",
    "sarvam-moe",
    "seed-coder",
    "smaug-bpe",
    "smollm",
    "solar-open",
    "spark2_5",
    "stablelm2",
    "starcoder",
    "superbpe",
    "talkie",
    "tekken",
    "tiny_aya",
    "trillion",
    "ufakzeka",
    "viking",
    "whitespace",
    "youtu",
};

TEST(PreTokenizer, KnowsEveryNameOfLlamaCppAndNoOther) {
  std::vector<std::string_view> known;
  for (const PreTokenizer& pre_tokenizer : all_pre_tokenizers()) known.push_back(pre_tokenizer.name);
  EXPECT_THAT(known, ::testing::UnorderedElementsAreArray(kNamesOfLlamaCpp));
}

TEST(PreTokenizer, Gpt2) {
  EXPECT_THAT(words("gpt-2", "I've 12 apples!  Don'T"),
              ElementsAre("I", "'ve", " 12", " apples", "!", " ", " Don", "'", "T"));
  EXPECT_THAT(words("gpt-2", "a   \n b  "), ElementsAre("a", "   \n", " b", "  "));
  EXPECT_THAT(words("gpt-2", "x²½ ...'re"), ElementsAre("x", "²½", " ...'", "re"));
  EXPECT_THAT(words("gpt-2", "we're"), ElementsAre("we", "'re"));
}

TEST(PreTokenizer, StarcoderTakesDigitsOneByOne) {
  EXPECT_THAT(words("starcoder", "a 123"), ElementsAre("a", " ", "1", "2", "3"));
}

TEST(PreTokenizer, FalconIsolatesPunctuationAndCutsDigitsInThrees) {
  EXPECT_THAT(words("falcon", "a `b` 12345"), ElementsAre("a", " ", "`", "b", "`", " ", "123", "45"));
  EXPECT_THAT(words("default", "x=`y` 1234"), ElementsAre("x", "=", "`", "y", "`", " ", "123", "4"));
}

TEST(PreTokenizer, Llama3) {
  EXPECT_THAT(words("llama-bpe", "I'VE 12345 (x)\n\n  y"),
              ElementsAre("I", "'VE", " ", "123", "45", " (", "x", ")\n\n", " ", " y"));
  EXPECT_THAT(words("llama-bpe", "  \n \n  z"), ElementsAre("  \n \n", " ", " z"));
  EXPECT_THAT(words("llama-bpe", "\tTab"), ElementsAre("\tTab"));
  EXPECT_THAT(words("llama-bpe", "end   "), ElementsAre("end", "   "));
}

TEST(PreTokenizer, Qwen2TakesDigitsOneByOne) {
  EXPECT_THAT(words("qwen2", "it's 42"), ElementsAre("it", "'s", " ", "4", "2"));
}

TEST(PreTokenizer, Qwen35KeepsMarksWithTheirLetters) {
  EXPECT_THAT(words("qwen35", "e\u0301a\u0301 \u0301"), ElementsAre("e\u0301a\u0301", " \u0301"));
  EXPECT_THAT(words("qwen2", "e\u0301a"), ElementsAre("e", "\u0301a"));
}

TEST(PreTokenizer, SeedCoderKeepsLineEndsApart) {
  EXPECT_THAT(words("seed-coder", "a;\nb"), ElementsAre("a", ";", "\n", "b"));
  EXPECT_THAT(words("qwen2", "a;\nb"), ElementsAre("a", ";\n", "b"));
}

TEST(PreTokenizer, Jais2CutsWhiteSpaceInPowersOfTwo) {
  EXPECT_THAT(words("jais-2", "a" + std::string(11, ' ') + "b"),
              ElementsAre("a", std::string(8, ' '), "  ", " b"));
}

TEST(PreTokenizer, ExaoneMoeKeepsSingleSpacesBetweenLetters) {
  EXPECT_THAT(words("exaone-moe", "two words  here 1"), ElementsAre("two words", " ", " here", " ", "1"));
}

TEST(PreTokenizer, Gpt4oSplitsAtCapitals) {
  EXPECT_THAT(words("gpt-4o", "camelCase HTTPServer don't 1234"),
              ElementsAre("camel", "Case", " HTTPServer", " don't", " ", "123", "4"));
  EXPECT_THAT(words("gpt-4o", "ABC"), ElementsAre("ABC"));
  EXPECT_THAT(words("gpt-4o", "a/\n/b"), ElementsAre("a", "/\n/", "b"));
  // Letters without case are both: the capitals give back what the small letters need.
  EXPECT_THAT(words("gpt-4o", "A我BC"), ElementsAre("A我", "BC"));
  // A mark may lead a word or be one.
  EXPECT_THAT(words("gpt-4o", "\u0301"), ElementsAre("\u0301"));
  EXPECT_THAT(words("gpt-4o", "\u0301a"), ElementsAre("\u0301a"));
}

TEST(PreTokenizer, TekkenHasNoContractionsAndSingleDigits) {
  EXPECT_THAT(words("tekken", "don't 12"), ElementsAre("don", "'t", " ", "1", "2"));
}

TEST(PreTokenizer, KimiK2KeepsHanApart) {
  EXPECT_THAT(words("kimi-k2", "abc我想def Ghi's"), ElementsAre("abc", "我想", "def", " Ghi's"));
}

TEST(PreTokenizer, DeepseekLlm) {
  EXPECT_THAT(words("deepseek-llm", "Hi, 工作 123\n"), ElementsAre("Hi", ",", " ", "工作", " ", "123", "\n"));
  EXPECT_THAT(words("deepseek-llm", "a  b  "), ElementsAre("a", " ", " b", "  "));
}

TEST(PreTokenizer, DeepseekCoder) {
  EXPECT_THAT(words("deepseek-coder", "f(x) 12"), ElementsAre("f", "(", "x", ")", " ", "1", "2"));
}

TEST(PreTokenizer, DeepseekV3) {
  EXPECT_THAT(words("deepseek-v3", "1234 x.foo 東京タワーfoo =>\n"),
              ElementsAre("123", "4", " x", ".foo", " ", "東京タワー", "foo", " =>\n"));
}

TEST(PreTokenizer, BloomSplitsAtItsPunctuation) {
  EXPECT_THAT(words("bloom", "Hi there, you-all"), ElementsAre("Hi", " there", ",", " you-all"));
  EXPECT_THAT(words("viking", "a1b"), ElementsAre("a", "1", "b"));
}

TEST(PreTokenizer, SuperbpeGroupsDigitsFromTheRight) {
  EXPECT_THAT(words("superbpe", "to be 1234567 or 123"),
              ElementsAre("to be ", "1", "234", "567", " or ", "123"));
  // Only before groups, and other numbers are no digits.
  EXPECT_THAT(words("superbpe", "12345½678²12"), ElementsAre("12", "345½", "678²12"));
  EXPECT_THAT(words("superbpe", "123456½"), ElementsAre("123", "456½"));
  EXPECT_THAT(words("superbpe", "½1"), ElementsAre("½1"));
}

TEST(PreTokenizer, LagunaSplitsLinesFirst) {
  EXPECT_THAT(words("laguna", "a;\n\nb"), ElementsAre("a", ";", "\n\n", "b"));
}

TEST(PreTokenizer, TinyAyaGroupsTheDigitsOfWholeNumbersFromTheRight) {
  EXPECT_THAT(words("tiny_aya", "1234567 12 don't"), ElementsAre("1", "234", "567", " ", "12", " don't"));
  // The number does not end the word, so that the rule for words takes its digits from the left.
  EXPECT_THAT(words("tiny_aya", "x1234y"), ElementsAre("x", "123", "4", "y"));
  EXPECT_THAT(words("cohere2moe", "1234_5678"), ElementsAre("123", "4", "_", "5", "678"));
  EXPECT_THAT(words("tiny_aya", "1234½"), ElementsAre("1", "234", "½"));
}

TEST(PreTokenizer, YoutuKeepsScriptsApart) {
  EXPECT_THAT(words("youtu", "한국어、東京タワーㄅabcDef 12"),
              ElementsAre("한국어", "、", "東京タワー", "ㄅ", "abc", "Def", " ", "1", "2"));
}

TEST(PreTokenizer, AfmoeKeepsScriptsWithoutSpacesApart) {
  EXPECT_THAT(words("afmoe", "1234 東京한국 .foo"), ElementsAre("1", "234", " ", "東京한국", " .", "foo"));
}

TEST(PreTokenizer, ChameleonCutsIndentationDigitsAndPunctuation) {
  EXPECT_THAT(words("chameleon", "     a$12;"), ElementsAre("    ", " a", "$", "1", "2", ";"));
  EXPECT_THAT(words("chameleon", "\t\n   b"), ElementsAre("\t", "\n", "  ", " b"));
  EXPECT_THAT(words("chameleon", "xIMGIMGABCZyIMGIMGABCDEZ"),
              ElementsAre("x", "IMGIMGABCZ", "yIMGIMGABCDEZ"));
}

TEST(PreTokenizer, UfakzekaHasNoContractions) {
  EXPECT_THAT(words("ufakzeka", "Ankara's 42"), ElementsAre("Ankara", "'s", " ", "4", "2"));
  EXPECT_THAT(words("ufakzeka", "it'size"), ElementsAre("it", "'size"));
}

TEST(PreTokenizer, SparkKeepsLineEndsApart) {
  EXPECT_THAT(words("spark2_5", "1234 x;\n\n東"),
              ElementsAre("1", "2", "3", "4", " x", ";", "\n", "\n", "東"));
}

TEST(PreTokenizer, VocabulariesInCharactersCutLinesOrWhiteSpace) {
  EXPECT_THAT(words("gemma4", "a b\n\nc"), ElementsAre("a b", "\n\n", "c"));
  EXPECT_THAT(words("sarvam-moe", "a b\n\nc"), ElementsAre("a b", "\n\n", "c"));
  EXPECT_THAT(words("whitespace", "a, b\u3000\nc"), ElementsAre("a,", " ", "b", "\u3000\n", "c"));
}

TEST(PreTokenizer, NamesOfOneRule) {
  EXPECT_EQ(find_pre_tokenizer("jina-v5-nano")->rules.data(), find_pre_tokenizer("llama3")->rules.data());
  EXPECT_EQ(find_pre_tokenizer("talkie")->rules.data(), find_pre_tokenizer("gpt-4o")->rules.data());
  EXPECT_TRUE(find_pre_tokenizer("granite-embed-multi-97m")->ignore_merges);
  EXPECT_EQ(find_pre_tokenizer("granite-embed-multi-311m")->alphabet, BpeAlphabet::kSpmSpaces);
}

TEST(PreTokenizer, BadBytesAreCharactersOfTheirOwn) {
  EXPECT_THAT(words("gpt-2", "a\xFF\xE2\x96 b"), ElementsAre("a", "\xFF\xE2\x96", " b"));
}

}  // namespace
}  // namespace hearth
