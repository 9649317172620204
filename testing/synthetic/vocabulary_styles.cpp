#include "testing/synthetic/vocabulary_styles.h"

#include <algorithm>
#include <iterator>

namespace hearth {
namespace {

using enum VocabularyKind;

constexpr std::string_view kLlama2Special[] = {"<unk>", "<s>", "</s>"};
constexpr std::string_view kGemmaSpecial[] = {"<pad>", "<eos>",           "<bos>",
                                              "<unk>", "<start_of_turn>", "<end_of_turn>"};
constexpr std::string_view kPhi3Special[] = {"<unk>",         "<s>",        "</s>",    "<|endoftext|>",
                                             "<|assistant|>", "<|system|>", "<|end|>", "<|user|>"};
constexpr std::string_view kLlama3Special[] = {"<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>",
                                               "<|end_header_id|>", "<|eot_id|>"};
constexpr std::string_view kQwenSpecial[] = {"<|endoftext|>", "<|im_start|>", "<|im_end|>"};
constexpr std::string_view kDreamSpecial[] = {"<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|mask|>"};
constexpr std::string_view kLladaSpecial[] = {"<|startoftext|>",   "<|endoftext|>", "<|start_header_id|>",
                                              "<|end_header_id|>", "<|eot_id|>",    "<|mdm_mask|>"};
constexpr std::string_view kQwenCoderSpecial[] = {"<|endoftext|>",  "<|im_start|>",   "<|im_end|>",
                                                  "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>",
                                                  "<|fim_pad|>",    "<|repo_name|>",  "<|file_sep|>"};
constexpr std::string_view kCodeLlamaSpecial[] = {"<unk>",  "<s>",    "</s>",  "▁<PRE>",
                                                  "▁<SUF>", "▁<MID>", "▁<EOT>"};
constexpr std::string_view kPhi2Special[] = {"<|endoftext|>"};
constexpr std::string_view kPhi4Special[] = {"<|endoftext|>", "<|assistant|>", "<|system|>", "<|end|>",
                                             "<|user|>"};

constexpr std::string_view kGemma4Special[] = {"<pad>",   "<eos>",   "<bos>",           "<unk>",
                                               "<|turn>", "<turn|>", "<|tool_response>"};
constexpr std::string_view kPlamoSpecial[] = {"<|plamo:unk|>", "<|plamo:bos|>", "<|plamo:eos|>",
                                              "<|plamo:pad|>", "<|plamo:op|>"};
constexpr std::string_view kRwkvSpecial[] = {"<s>"};

constexpr std::string_view kBertSpecial[] = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"};
constexpr std::string_view kT5Special[] = {"<pad>", "</s>", "<unk>"};
constexpr std::string_view kRobertaSpecial[] = {"<s>", "<pad>", "</s>", "<unk>", "<mask>"};

// The formats that the families were trained on, in a few lines each: no tools, one optional system message.

constexpr std::string_view kChatMlTemplate =
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

constexpr std::string_view kZephyrTemplate =
    "{% for message in messages %}<|{{ message['role'] }}|>\n{{ message['content'] }}{{ eos_token }}\n"
    "{% endfor %}{% if add_generation_prompt %}<|assistant|>\n{% endif %}";

constexpr std::string_view kLlama2Template =
    "{% for message in messages %}{% if message['role'] == 'system' %}<<SYS>>\n{{ message['content'] }}\n"
    "<</SYS>>\n\n{% elif message['role'] == 'user' %}{{ bos_token }}[INST] {{ message['content'] }} [/INST]"
    "{% else %} {{ message['content'] }} {{ eos_token }}{% endif %}{% endfor %}";

constexpr std::string_view kMistralTemplate =
    "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'assistant' %}"
    " {{ message['content'] }}{{ eos_token }}{% else %}[INST] {{ message['content'] }} [/INST]{% endif %}"
    "{% endfor %}";

constexpr std::string_view kLlama3Template =
    "{{ bos_token }}{% for message in messages %}<|start_header_id|>{{ message['role'] "
    "}}<|end_header_id|>\n\n"
    "{{ message['content'] }}<|eot_id|>{% endfor %}{% if add_generation_prompt %}"
    "<|start_header_id|>assistant<|end_header_id|>\n\n{% endif %}";

constexpr std::string_view kGemmaTemplate =
    "{{ bos_token }}{% for message in messages %}<start_of_turn>"
    "{{ 'model' if message['role'] == 'assistant' else 'user' }}\n{{ message['content'] }}<end_of_turn>\n"
    "{% endfor %}{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}";

constexpr std::string_view kGemma4Template =
    "{{ bos_token }}{% for message in messages %}<|turn>"
    "{{ 'model' if message['role'] == 'assistant' else message['role'] }}\n{{ message['content'] }}<turn|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|turn>model\n{% endif %}";

constexpr std::string_view kQwenRerankTemplate =
    "<|im_start|>user\n<Query>: {query}\n<Document>: {document}<|im_end|>\n<|im_start|>assistant\n";

constexpr std::string_view kPhi2Template =
    "{% for message in messages %}{{ 'Output: ' if message['role'] == 'assistant' else 'Instruct: ' }}"
    "{{ message['content'] }}\n{% endfor %}{% if add_generation_prompt %}Output: {% endif %}";

constexpr std::string_view kPhi3Template =
    "{% for message in messages %}<|{{ message['role'] }}|>\n{{ message['content'] }}<|end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>\n{% endif %}";

// clang-format off
constexpr VocabularyStyle kStyles[] = {
    {.name = "llama2", .special = kLlama2Special, .bos = "<s>", .eos = "</s>", .eot = "",
     .unk = "<unk>", .pad = "", .add_bos = true, .add_space_prefix = true, .chat_template = kLlama2Template},
    {.name = "zephyr", .special = kLlama2Special, .bos = "<s>", .eos = "</s>", .eot = "",
     .unk = "<unk>", .pad = "</s>", .add_bos = true, .add_space_prefix = true, .chat_template = kZephyrTemplate},
    {.name = "mistral", .special = kLlama2Special, .bos = "<s>", .eos = "</s>", .eot = "",
     .unk = "<unk>", .pad = "", .add_bos = true, .add_space_prefix = true, .chat_template = kMistralTemplate},
    {.name = "gemma", .special = kGemmaSpecial, .bos = "<bos>", .eos = "<eos>",
     .eot = "<end_of_turn>", .unk = "<unk>", .pad = "<pad>", .add_bos = true, .add_space_prefix = false,
     .chat_template = kGemmaTemplate},
    {.name = "phi3", .special = kPhi3Special, .bos = "<s>", .eos = "<|endoftext|>",
     .eot = "<|end|>", .unk = "<unk>", .pad = "<|endoftext|>", .add_bos = true, .add_space_prefix = true,
     .chat_template = kPhi3Template},
    {.name = "llama3", .kind = kByteLevelBpe, .pre_tokenizer = "llama-bpe", .special = kLlama3Special, .bos = "<|begin_of_text|>",
     .eos = "<|eot_id|>", .eot = "<|eot_id|>", .unk = "", .pad = "", .add_bos = true,
     .add_space_prefix = false, .chat_template = kLlama3Template},
    {.name = "smollm", .kind = kByteLevelBpe, .pre_tokenizer = "smollm", .special = kQwenSpecial, .bos = "<|im_start|>",
     .eos = "<|im_end|>", .eot = "<|im_end|>", .unk = "<|endoftext|>", .pad = "<|im_end|>", .add_bos = false,
     .add_space_prefix = false, .chat_template = kChatMlTemplate},
    {.name = "qwen", .kind = kByteLevelBpe, .pre_tokenizer = "qwen2", .special = kQwenSpecial, .bos = "<|endoftext|>",
     .eos = "<|im_end|>", .eot = "<|im_end|>", .unk = "", .pad = "<|endoftext|>", .add_bos = false,
     .add_space_prefix = false, .chat_template = kChatMlTemplate},
    {.name = "dream", .kind = kByteLevelBpe, .pre_tokenizer = "qwen2", .special = kDreamSpecial, .bos = "<|endoftext|>",
     .eos = "<|endoftext|>", .eot = "<|im_end|>", .unk = "", .pad = "<|endoftext|>", .add_bos = false,
     .add_space_prefix = false, .chat_template = kChatMlTemplate, .mask = "<|mask|>"},
    {.name = "llada", .kind = kByteLevelBpe, .pre_tokenizer = "llada-moe", .special = kLladaSpecial,
     .bos = "<|startoftext|>", .eos = "<|endoftext|>", .eot = "<|eot_id|>", .unk = "", .pad = "<|endoftext|>",
     .add_bos = true, .add_space_prefix = false, .chat_template = kLlama3Template, .mask = "<|mdm_mask|>"},
    {.name = "qwen-coder", .kind = kByteLevelBpe, .pre_tokenizer = "qwen2", .special = kQwenCoderSpecial,
     .bos = "<|endoftext|>", .eos = "<|endoftext|>", .eot = "<|im_end|>", .unk = "", .pad = "<|endoftext|>",
     .add_bos = false, .add_space_prefix = false, .chat_template = kChatMlTemplate},
    {.name = "codellama", .special = kCodeLlamaSpecial, .bos = "<s>", .eos = "</s>", .eot = "▁<EOT>",
     .unk = "<unk>", .pad = "", .add_bos = true, .add_space_prefix = true, .chat_template = kLlama2Template},
    {.name = "phi2", .kind = kByteLevelBpe, .pre_tokenizer = "gpt-2", .special = kPhi2Special, .bos = "<|endoftext|>",
     .eos = "<|endoftext|>", .eot = "", .unk = "<|endoftext|>", .pad = "", .add_bos = false,
     .add_space_prefix = false, .chat_template = kPhi2Template},
    {.name = "phi4", .kind = kByteLevelBpe, .pre_tokenizer = "gpt-4o", .special = kPhi4Special, .bos = "<|endoftext|>",
     .eos = "<|endoftext|>", .eot = "<|end|>", .unk = "<|endoftext|>", .pad = "<|endoftext|>",
     .add_bos = false, .add_space_prefix = false, .chat_template = kPhi3Template},
    {.name = "qwen-reranker", .kind = kByteLevelBpe, .pre_tokenizer = "qwen2", .special = kQwenSpecial,
     .bos = "<|endoftext|>", .eos = "<|im_end|>", .eot = "<|im_end|>", .unk = "", .pad = "<|endoftext|>",
     .add_bos = false, .add_space_prefix = false, .rerank_template = kQwenRerankTemplate},
    {.name = "gemma4", .kind = kCharacterBpe, .special = kGemma4Special, .bos = "<bos>", .eos = "<eos>",
     .eot = "<turn|>", .unk = "<unk>", .pad = "<pad>", .add_bos = true, .add_space_prefix = false,
     .chat_template = kGemma4Template},
    {.name = "plamo2", .kind = kPlamo, .special = kPlamoSpecial, .bos = "<|plamo:bos|>",
     .eos = "<|plamo:eos|>", .eot = "<|plamo:op|>", .unk = "<|plamo:unk|>", .pad = "<|plamo:pad|>",
     .add_bos = true, .add_space_prefix = false},
    {.name = "rwkv", .kind = kLongestToken, .special = kRwkvSpecial, .bos = "<s>", .eos = "<s>",
     .eot = "\\n\\n", .unk = "", .pad = "", .add_bos = false, .add_space_prefix = false,
     .chat_template = "rwkv-world"},
    // Of encoders: every text has a beginning and an end.
    {.name = "bert", .kind = kWordPiece, .special = kBertSpecial, .bos = "[CLS]", .eos = "[SEP]", .eot = "",
     .unk = "[UNK]", .pad = "[PAD]", .add_bos = true, .add_space_prefix = false, .sep = "[SEP]",
     .mask = "[MASK]"},
    {.name = "xlm-roberta", .kind = kUnigram, .special = kRobertaSpecial, .bos = "<s>", .eos = "</s>", .eot = "",
     .unk = "<unk>", .pad = "<pad>", .add_bos = true, .add_space_prefix = true, .sep = "</s>",
     .mask = "<mask>"},
    {.name = "t5", .kind = kUnigram, .special = kT5Special, .bos = "", .eos = "</s>", .eot = "", .unk = "<unk>",
     .pad = "<pad>", .add_bos = false, .add_space_prefix = true, .sep = "</s>"},
    {.name = "modern-bert", .kind = kByteLevelBpe, .pre_tokenizer = "modern-bert", .special = kBertSpecial,
     .bos = "[CLS]", .eos = "[SEP]", .eot = "", .unk = "[UNK]", .pad = "[PAD]", .add_bos = true,
     .add_space_prefix = false, .sep = "[SEP]", .mask = "[MASK]"},
    {.name = "roberta", .kind = kByteLevelBpe, .pre_tokenizer = "jina-v2-code", .special = kRobertaSpecial,
     .bos = "<s>", .eos = "</s>", .eot = "", .unk = "<unk>", .pad = "<pad>", .add_bos = true,
     .add_space_prefix = false, .sep = "</s>", .mask = "<mask>"},
};
// clang-format on

}  // namespace

const VocabularyStyle* find_vocabulary_style(std::string_view name) {
  const auto found = std::find_if(std::begin(kStyles), std::end(kStyles),
                                  [name](const VocabularyStyle& style) { return style.name == name; });
  return found == std::end(kStyles) ? nullptr : &*found;
}

}  // namespace hearth
