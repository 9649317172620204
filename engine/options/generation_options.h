// How a text is written: how its tokens are chosen, and where it ends.
#pragma once

#include <cstdint>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/options/option.h"

namespace hearth {

/// Samplers in the order in which they work (engine/sampling/sampler.h).
inline constexpr std::string_view kSamplers[] = {"penalties", "dry",  "topNSigma", "topK",       "typicalP",
                                                 "topP",      "minP", "xtc",       "temperature"};

/// The defaults suit chat with small and middling models: temperature 0.8 with top-k 40, top-p 0.95 and min-p
/// 0.05 (llama.cpp's own) varies the wording but cuts off the long tail of unlikely tokens, where small
/// models go astray. Penalties are off: they harm code, numbers and JSON, which repeat rightly.
struct GenerationOptions {
  int32_t max_tokens = -1;
  float temperature = 0.8F;
  int32_t top_k = 40;
  float top_p = 0.95F;
  float min_p = 0.05F;
  float typical_p = 1.0F;
  float top_n_sigma = 0.0F;
  float xtc_probability = 0.0F;
  float xtc_threshold = 0.1F;
  float dynatemp_range = 0.0F;
  float dynatemp_exponent = 1.0F;
  float repetition_penalty = 1.0F;
  float frequency_penalty = 0.0F;
  float presence_penalty = 0.0F;
  int32_t penalty_window = 64;
  float dry_multiplier = 0.0F;
  float dry_base = 1.75F;
  int32_t dry_allowed_length = 2;
  int32_t dry_penalty_window = -1;
  std::vector<std::string> dry_sequence_breakers = {"\n", ":", "\"", "*"};
  int32_t mirostat = 0;
  float mirostat_tau = 5.0F;
  float mirostat_eta = 0.1F;
  std::vector<std::string> samplers{std::begin(kSamplers), std::end(kSamplers)};
  std::optional<uint64_t> seed;
  std::vector<std::string> stop;
  std::vector<int32_t> stop_tokens;
  std::vector<LogitBias> logit_bias;
  // What the answer must be, by one of these at most:
  std::string grammar;
  std::string regex;
  std::vector<std::string> choices;
  std::string json_schema;
  int32_t reasoning_budget = -1;
  std::vector<AdapterChoice> adapters;
  int32_t keep_tokens = -1;
  int32_t logprobs = -1;
  int32_t priority = 0;
  std::string cache_salt;
  std::string speculation = "auto";
  int32_t draft_tokens = 16;
  int32_t diffusion_steps = 0;
  int32_t diffusion_block_length = 0;
  std::string diffusion_algorithm = "auto";
  bool ignore_end = false;
  bool continues_text = false;
  std::string chat;
};

inline constexpr std::string_view kSpeculations[] = {"auto", "off", "lookup", "draft"};  // the default first

inline constexpr std::string_view kDiffusionAlgorithms[] = {"auto", "confidence", "entropy", "margin",
                                                            "random"};  // the default first

inline constexpr OptionOf<GenerationOptions> kGenerationOptions[] = {
    {Option::integer("maxTokens", {1, kMost32}, "Longest answer, in tokens",
                     {-1, "until the context is full"}),
     &GenerationOptions::max_tokens},
    {Option::number("temperature", {0, 100}, "How freely tokens are drawn", {0, "always the likeliest"}),
     &GenerationOptions::temperature},
    {Option::integer("topK", {0, kMost32}, "Choose among the k likeliest", {0, "all"}),
     &GenerationOptions::top_k},
    {Option::number("topP", {0, 1}, "Choose among the likeliest that make up p of the probability"),
     &GenerationOptions::top_p},
    {Option::number("minP", {0, 1}, "Choose among those at least so probable, relative to the likeliest"),
     &GenerationOptions::min_p},
    {Option::number("typicalP", {0, 1},
                    "Choose among those whose surprise is typical, until they make up p of the probability",
                    {1, "all"}),
     &GenerationOptions::typical_p},
    {Option::number("topNSigma", {0, 100},
                    "Choose among logits at most n standard deviations below the highest", {0, "all"}),
     &GenerationOptions::top_n_sigma},
    {Option::number("xtcProbability", {0, 1},
                    "How often all but the least of the likely tokens are excluded"),
     &GenerationOptions::xtc_probability},
    {Option::number("xtcThreshold", {0, 1}, "Probability from which on xtcProbability calls a token likely"),
     &GenerationOptions::xtc_threshold},
    {Option::number("dynatempRange", {0, 100},
                    "Vary the temperature by so much up and down, by how sure the model is"),
     &GenerationOptions::dynatemp_range},
    {Option::number("dynatempExponent", {0, 100}, "How the temperature follows the entropy"),
     &GenerationOptions::dynatemp_exponent},
    {Option::number("repetitionPenalty", {0.01, 100}, "Divide the logits of recent tokens", {1, "none"}),
     &GenerationOptions::repetition_penalty},
    {Option::number("frequencyPenalty", {-100, 100}, "Lower logits for each recent occurrence"),
     &GenerationOptions::frequency_penalty},
    {Option::number("presencePenalty", {-100, 100}, "Lower the logits of recent tokens once"),
     &GenerationOptions::presence_penalty},
    {Option::integer("penaltyWindow", {0, kMost32}, "Tokens that penalties look back at", {-1, "all"}),
     &GenerationOptions::penalty_window},
    {Option::number("dryMultiplier", {0, 100}, "Lower the logits of what would go on with a repetition",
                    {0, "none"}),
     &GenerationOptions::dry_multiplier},
    {Option::number("dryBase", {1, 100}, "Growth of dryMultiplier with each token that is repeated"),
     &GenerationOptions::dry_base},
    {Option::integer("dryAllowedLength", {1, kMost32}, "Tokens that may be repeated freely"),
     &GenerationOptions::dry_allowed_length},
    {Option::integer("dryPenaltyWindow", {0, kMost32}, "Tokens in which repetitions are looked for",
                     {-1, "all"}),
     &GenerationOptions::dry_penalty_window},
    {{.name = "drySequenceBreakers",
      .type = OptionType::kTexts,
      .help = "Texts that end a repetition; by default a line's end, colon, quote and asterisk"},
     &GenerationOptions::dry_sequence_breakers},
    {Option::integer(
         "mirostat", {0, 2},
         "Version of mirostat, which chooses by a surprise that it keeps, in place of the samplers "
         "that leave fewer tokens",
         {0, "none"}),
     &GenerationOptions::mirostat},
    {Option::number("mirostatTau", {0, 100}, "Surprise that mirostat keeps, in bits"),
     &GenerationOptions::mirostat_tau},
    {Option::number("mirostatEta", {0, 1}, "How fast mirostat follows"), &GenerationOptions::mirostat_eta},
    {{.name = "samplers",
      .type = OptionType::kNames,
      .help = "Which samplers there are, in the order in which they work",
      .names = kSamplers},
     &GenerationOptions::samplers},
    {{.name = "seed",
      .type = OptionType::kSeed,
      .help = "The same seed gives the same text",
      .range = {0, kMostExact},
      .special = {-1, "a new one"}},
     &GenerationOptions::seed},
    {{.name = "stop", .type = OptionType::kTexts, .help = "End the answer before this text"},
     &GenerationOptions::stop},
    {{.name = "stopTokens", .type = OptionType::kTokens, .help = "End the answer at these tokens, too"},
     &GenerationOptions::stop_tokens},
    {{.name = "logitBias",
      .type = OptionType::kBiases,
      .help = "Added to the logits of tokens; minus infinity bans one"},
     &GenerationOptions::logit_bias},
    {{.name = "grammar",
      .type = OptionType::kSomeText,
      .help = "The answer follows this GBNF grammar",
      .is_file = true},
     &GenerationOptions::grammar},
    {{.name = "regex",
      .type = OptionType::kSomeText,
      .help = "The answer is matched by this regular expression"},
     &GenerationOptions::regex},
    {{.name = "choices", .type = OptionType::kTexts, .help = "The answer is this text, or one of several"},
     &GenerationOptions::choices},
    {{.name = "jsonSchema",
      .type = OptionType::kJson,
      .help = "The answer is JSON that this JSON schema allows",
      .is_file = true},
     &GenerationOptions::json_schema},
    {Option::integer("reasoningBudget", {0, kMost32},
                     "Tokens that a conversation's answer may think; then its reasoning is ended",
                     {-1, "as many as it likes"}),
     &GenerationOptions::reasoning_budget},
    {Option::integer("keepTokens", {0, kMost32},
                     "Where the context is full, go on without the older half of what follows so many tokens",
                     {-1, "the answer ends there"}),
     &GenerationOptions::keep_tokens},
    {Option::integer("priority", {-1000, 1000}, "Requests of a higher one are served first"),
     &GenerationOptions::priority},
    {{.name = "cacheSalt",
      .type = OptionType::kText,
      .help = "What was read for the request is found again in the cache only by those with the same salt"},
     &GenerationOptions::cache_salt},
    {{.name = "adapters",
      .type = OptionType::kAdapters,
      .help = "Adapters (LoRA) that are added to the model, by the ids that loading gave them"},
     &GenerationOptions::adapters},
    {Option::integer("logprobs", {0, 20},
                     "Tell how likely each token was to the model, before sampling, and so many of the "
                     "likeliest in its place",
                     {-1, "none are told"}),
     &GenerationOptions::logprobs},
    {{.name = "speculation",
      .type = OptionType::kName,
      .help =
          "Draft ahead what then comes true or not, for the same text sooner: from the text itself (lookup), "
          "by the model's draft model (draft), not at all (off), or by a draft model where there is one "
          "(auto)",
      .names = kSpeculations},
     &GenerationOptions::speculation},
    {Option::integer("draftTokens", {1, 31}, "Tokens drafted ahead at most"),
     &GenerationOptions::draft_tokens},
    {Option::integer(
         "diffusionSteps", {0, kMost32},
         "Steps in which a model that writes by diffusion writes the answer: fewer are sooner done, "
         "and worse",
         {0, "one for each token"}),
     &GenerationOptions::diffusion_steps},
    {Option::integer("diffusionBlockLength", {0, kMost32},
                     "Tokens that such a model writes before those that follow them",
                     {0, "as the model was published"}),
     &GenerationOptions::diffusion_block_length},
    {{.name = "diffusionAlgorithm",
      .type = OptionType::kName,
      .help = "Which tokens such a model writes first: those that it holds the likeliest (confidence), where "
              "it wavers least among all (entropy) or between the best two (margin), any (random), or as it "
              "was published (auto)",
      .names = kDiffusionAlgorithms},
     &GenerationOptions::diffusion_algorithm},
    {{.name = "ignoreEnd", .type = OptionType::kFlag, .help = "Go on past the model's own end tokens"},
     &GenerationOptions::ignore_end},
    {{.name = "continuesText",
      .type = OptionType::kFlag,
      .help = "The answer goes on in the prompt's text: keep a space at its beginning",
      .is_internal = true},
     &GenerationOptions::continues_text},
    {{.name = "chat",
      .type = OptionType::kSomeText,
      .help = "The conversation that is answered, as JSON: what the answer thinks and which tools it calls "
              "comes apart from its text",
      .is_internal = true},
     &GenerationOptions::chat},
};

template <>
inline std::span<const OptionOf<GenerationOptions>> option_table() {
  return kGenerationOptions;
}

}  // namespace hearth
