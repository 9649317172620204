/* The C interface as a plain C program sees it: every function, used rightly and wrongly. Ends with 77 where
 * the reference data is absent (CTest then says "skipped"). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/hearth_testing.h"

int failures = 0;
char model_path[1024];
char malformed_path[1024];

static hearth_model* load(void) {
  hearth_model* model = NULL;
  hearth_model_options options;
  hearth_model_options_init(&options, sizeof options);
  options.threads = 1;
  CHECK(hearth_model_load_path(model_path, &options, &model) == HEARTH_OK);
  return model;
}

/* Runs until nothing is left and returns the text of one generation. */
static void run(hearth_model* model, hearth_generation* generation, char* text, size_t room,
                hearth_event* last) {
  int busy = 1;
  size_t length = 0;
  while (busy) {
    /* In two halves, as an event loop would. */
    int ready = 0;
    CHECK(hearth_model_step_begin(model) == HEARTH_OK);
    while (!ready) CHECK(hearth_model_step_ready(model, &ready, &busy) == HEARTH_OK);
    for (;;) {
      hearth_event event;
      event.struct_size = sizeof event;
      CHECK(hearth_generation_next(generation, &event) == HEARTH_OK);
      if (!event.present) break;
      CHECK(event.text_size == strlen(event.text));
      if (length + event.text_size < room) {
        memcpy(text + length, event.text, event.text_size);
        length += event.text_size;
      }
      *last = event;
    }
  }
  text[length] = '\0';
}

static void test_versions_and_names(void) {
  CHECK(hearth_abi_version() == HEARTH_ABI_VERSION);
  CHECK(strlen(hearth_version()) >= 5);
  CHECK(strcmp(hearth_status_name(HEARTH_OK), "OK") == 0);
  CHECK(strcmp(hearth_status_name(HEARTH_INVALID_MODEL), "INVALID_MODEL") == 0);
  CHECK(strcmp(hearth_status_name(HEARTH_INTERNAL), "INTERNAL") == 0);
  CHECK(hearth_status_name((hearth_status)999) != NULL);
  CHECK(strcmp(hearth_finish_reason_name(HEARTH_FINISH_LENGTH), "length") == 0);
}

static void test_info(hearth_model* model) {
  hearth_model_info info;
  hearth_text json = {0};
  uint32_t older[4];
  info.struct_size = sizeof info;
  CHECK(hearth_model_get_info(model, &info) == HEARTH_OK);
  CHECK(info.layer_count == 5 && info.vocab_size == 512 && info.bos_token == 1);
  CHECK(strcmp(info.architecture, "llama") == 0);
  CHECK(info.context_size > 0 && info.cache_bytes > 0);
  /* A caller compiled when the struct was shorter gets what it knows, and no byte more. */
  older[0] = 3 * sizeof(uint32_t);
  older[3] = 0xABCDU;
  CHECK(hearth_model_get_info(model, (hearth_model_info*)older) == HEARTH_OK);
  CHECK(older[1] == 5 && older[3] == 0xABCDU);
  info.struct_size = 0;
  CHECK(hearth_model_get_info(model, &info) == HEARTH_INVALID_ARGUMENT);
  CHECK(hearth_model_get_info(NULL, &info) == HEARTH_INVALID_ARGUMENT);

  CHECK(hearth_model_info_json(model, &json) == HEARTH_OK);
  CHECK(json.size == strlen(json.data));
  CHECK(strstr(json.data, "\"architecture\":\"llama\"") != NULL);
  CHECK(strstr(json.data, "\"templateCapabilities\":{\"system\":true,\"tools\":false,") != NULL);
  hearth_text_free(&json);
  CHECK(json.data == NULL);
  CHECK(hearth_model_metadata_json(model, 2, &json) == HEARTH_OK);
  CHECK(strstr(json.data, "\"llama.block_count\":5") != NULL);
  CHECK(strstr(json.data,
               "\"tokenizer.ggml.tokens\":{\"arrayOf\":\"string\",\"count\":512,"
               "\"first\":[\"<unk>\",\"<s>\"]}") != NULL);
  hearth_text_free(&json);
  CHECK(hearth_model_metadata_json(NULL, 2, &json) == HEARTH_INVALID_ARGUMENT);
  hearth_text_free(NULL);
  CHECK(hearth_model_info_json(model, NULL) == HEARTH_INVALID_ARGUMENT);
}

static void test_text(hearth_model* model) {
  static const char said[] = "Once upon a time";
  static const char chat[] = "{\"messages\": [{\"role\": \"user\", \"content\": \"Once </s>\"}]}";
  static const char call[] =
      "{\"messages\": [{\"role\": \"user\", \"content\": \"Hi\"}, {\"role\": \"assistant\", \"content\": "
      "null, "
      "\"tool_calls\": [{\"function\": {\"name\": \"f\", \"arguments\": {\"id\": "
      "12345678901234567890123}}}]}]}";
  const int32_t outside = 99999;
  static const char image[] = "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\"}]}]}";
  hearth_tokens tokens = {0};
  hearth_text text = {0};
  int32_t left_out = -1;
  size_t i;

  CHECK(hearth_tokenize(model, said, strlen(said), 1, 0, &tokens) == HEARTH_OK);
  CHECK(tokens.size == 5 && tokens.data[0] == 1 && tokens.data[1] == 403);
  CHECK(hearth_detokenize(model, tokens.data, tokens.size, 0, &text) == HEARTH_OK);
  CHECK(strcmp(text.data, said) == 0);
  hearth_text_free(&text);
  hearth_tokens_free(&tokens);
  CHECK(hearth_detokenize(model, &outside, 1, 0, &text) == HEARTH_INVALID_ARGUMENT);
  CHECK(hearth_tokenize(model, NULL, 3, 0, 0, &tokens) == HEARTH_INVALID_ARGUMENT);
  CHECK(hearth_tokenize(model, NULL, 0, 0, 0, &tokens) == HEARTH_OK);
  CHECK(tokens.size == 0);
  hearth_tokens_free(&tokens);

  CHECK(hearth_apply_chat_template(model, chat, strlen(chat), &text) == HEARTH_OK);
  CHECK(strstr(text.data, "Once </s>") != NULL);
  hearth_text_free(&text);
  CHECK(hearth_apply_chat_template(model, call, strlen(call), &text) == HEARTH_OK);
  CHECK(strstr(text.data, "{\"id\":12345678901234567890123}") != NULL);
  hearth_text_free(&text);
  CHECK(hearth_chat_tokens(model, chat, strlen(chat), &tokens) == HEARTH_OK);
  for (i = 0; i < tokens.size; ++i) CHECK(tokens.data[i] != 2); /* a user's </s> is just letters */
  hearth_tokens_free(&tokens);
  CHECK(hearth_chat_tokens_that_fit(model, chat, strlen(chat), &tokens, &left_out) == HEARTH_OK);
  CHECK(tokens.size > 0 && left_out == 0);
  hearth_tokens_free(&tokens);
  CHECK(hearth_chat_tokens_that_fit(model, chat, strlen(chat), &tokens, NULL) == HEARTH_INVALID_ARGUMENT);
  CHECK(hearth_apply_chat_template(model, image, strlen(image), &text) == HEARTH_INVALID_ARGUMENT);
  CHECK(strstr(hearth_error_message(), "messages[0].content[0]") != NULL);
  CHECK(hearth_apply_chat_template(model, "{", 1, &text) == HEARTH_INVALID_ARGUMENT);
  CHECK(hearth_apply_chat_template(model, "{}", 2, &text) == HEARTH_INVALID_ARGUMENT);
  CHECK(hearth_apply_chat_template(model, "{\"messages\":[],\"x\":1}", 21, &text) == HEARTH_INVALID_ARGUMENT);
}

static void test_generation(hearth_model* model) {
  const int32_t prompt[] = {1};
  const char* stops[] = {"Lily"};
  char text[4096];
  hearth_generation* generation = NULL;
  hearth_generation_options options;
  hearth_event event;

  hearth_generation_options_init(model, &options, sizeof options);
  options.temperature = 0;
  options.max_tokens = 20;
  CHECK(hearth_generation_create(model, prompt, 1, &options, &generation) == HEARTH_OK);
  run(model, generation, text, sizeof text, &event);
  CHECK(strncmp(text, "Once upon a time, there was a little girl", 40) == 0);
  CHECK(event.finish == HEARTH_FINISH_LENGTH);
  CHECK(event.prompt_tokens == 1 && event.completion_tokens == 20);
  CHECK(event.prefill_ms >= 0 && event.decode_ms >= 0);
  CHECK(event.seed < UINT64_C(1) << 53);
  hearth_generation_free(generation);

  options.stop = stops;
  options.stop_count = 1;
  CHECK(hearth_generation_create(model, prompt, 1, &options, &generation) == HEARTH_OK);
  run(model, generation, text, sizeof text, &event);
  CHECK(strcmp(text, "Once upon a time, there was a little girl named ") == 0);
  CHECK(event.finish == HEARTH_FINISH_STOP);
  hearth_generation_free(generation);
  hearth_generation_free(NULL);
  hearth_generation_cancel(NULL);
}

static void test_several_generations_and_cancel(hearth_model* model) {
  const int32_t prompt[] = {1, 403, 407};
  hearth_generation* all[3];
  hearth_generation_options options;
  hearth_event event;
  char text[4096];
  char first[4096];
  int busy = 0;
  int i;

  hearth_generation_options_init(NULL, &options, sizeof options);
  options.use_seed = 1;
  options.seed = 5;
  options.max_tokens = 40;
  for (i = 0; i < 3; ++i) {
    CHECK(hearth_generation_create(model, prompt, 3, &options, &all[i]) == HEARTH_OK);
  }
  CHECK(hearth_model_step(model, &busy) == HEARTH_OK && busy);
  hearth_generation_cancel(all[1]);
  run(model, all[0], first, sizeof first, &event);
  run(model, all[2], text, sizeof text, &event);
  CHECK(strcmp(first, text) == 0); /* the same seed, the same text */
  CHECK(event.seed == 5);
  run(model, all[1], text, sizeof text, &event);
  CHECK(event.finish == HEARTH_FINISH_CANCELLED);
  for (i = 0; i < 3; ++i) hearth_generation_free(all[i]);
}

static void test_generation_refuses_nonsense(hearth_model* model) {
  const int32_t prompt[] = {1, 99999};
  const hearth_logit_bias bias = {-4, 1.0F};
  hearth_generation* generation = NULL;
  hearth_generation_options options;
  hearth_event event;
  int busy = 0;

  CHECK(hearth_generation_create(model, NULL, 0, NULL, &generation) == HEARTH_INVALID_ARGUMENT);
  CHECK(hearth_generation_create(model, prompt, 2, NULL, &generation) == HEARTH_INVALID_ARGUMENT);
  CHECK(hearth_generation_create(model, prompt, 1, NULL, NULL) == HEARTH_INVALID_ARGUMENT);
  CHECK(hearth_generation_create(NULL, prompt, 1, NULL, &generation) == HEARTH_INVALID_ARGUMENT);
  hearth_generation_options_init(model, &options, sizeof options);
  options.temperature = -1;
  CHECK(hearth_generation_create(model, prompt, 1, &options, &generation) == HEARTH_INVALID_ARGUMENT);
  CHECK(strstr(hearth_error_message(), "temperature") != NULL);
  hearth_generation_options_init(model, &options, sizeof options);
  options.logit_bias = &bias;
  options.logit_bias_count = 1;
  CHECK(hearth_generation_create(model, prompt, 1, &options, &generation) == HEARTH_INVALID_ARGUMENT);
  options.logit_bias = NULL;
  CHECK(hearth_generation_create(model, prompt, 1, &options, &generation) == HEARTH_INVALID_ARGUMENT);
  CHECK(generation == NULL);
  CHECK(hearth_model_step(model, NULL) == HEARTH_INVALID_ARGUMENT);
  CHECK(hearth_model_step(NULL, &busy) == HEARTH_INVALID_ARGUMENT);
  CHECK(hearth_model_step_begin(NULL) == HEARTH_INVALID_ARGUMENT);
  CHECK(hearth_model_step_ready(model, &busy, NULL) == HEARTH_INVALID_ARGUMENT);
  event.struct_size = sizeof event;
  CHECK(hearth_generation_next(NULL, &event) == HEARTH_INVALID_ARGUMENT);
}

/* The text of a generation with options as JSON; "" where it is refused. */
static void generate_with(hearth_model* model, const char* json, char* text, size_t room,
                          hearth_event* last) {
  const int32_t prompt[] = {1};
  hearth_generation* generation = NULL;
  hearth_generation_options options;
  hearth_generation_options_init(model, &options, sizeof options);
  options.temperature = 0.5F;
  options.json = json;
  text[0] = '\0';
  if (hearth_generation_create(model, prompt, 1, &options, &generation) != HEARTH_OK) return;
  run(model, generation, text, room, last);
  hearth_generation_free(generation);
}

static void test_options_as_json(hearth_model* model) {
  hearth_model* other = NULL;
  hearth_model_options options;
  hearth_model_info info;
  hearth_event event;
  char text[4096];

  generate_with(model, "{\"temperature\": 0, \"stop\": \"Lily\"}", text, sizeof text, &event);
  CHECK(strcmp(text, "Once upon a time, there was a little girl named ") == 0); /* JSON comes last */
  generate_with(model, "{\"temperature\": 0, \"maxTokens\": 3, \"logitBias\": {\"403\": null}}", text,
                sizeof text, &event);
  CHECK(strncmp(text, "Once", 4) != 0 && event.completion_tokens == 3); /* null bans " Once" */
  generate_with(model, "{\"maxTokens\": 1, \"seed\": 18446744073709551615}", text, sizeof text, &event);
  CHECK(event.seed == UINT64_MAX);
  generate_with(model, "{\"topK\": 1.5}", text, sizeof text, &event);
  CHECK(strstr(hearth_error_message(), "topK must be a whole number from 0") != NULL);
  generate_with(model, "{\"topk\": 1}", text, sizeof text, &event);
  CHECK(strstr(hearth_error_message(), "there is no option 'topk'") != NULL);
  generate_with(model, "{", text, sizeof text, &event);
  CHECK(strstr(hearth_error_message(), "cannot be read as JSON") != NULL && text[0] == '\0');

  hearth_model_options_init(&options, sizeof options);
  options.json = "{\"contextSize\": 100, \"threads\": 1}";
  CHECK(hearth_model_load_path(model_path, &options, &other) == HEARTH_OK);
  info.struct_size = sizeof info;
  CHECK(hearth_model_get_info(other, &info) == HEARTH_OK && info.context_size == 100);
  hearth_model_free(other);
  options.json = "{\"kvType\": \"q9\"}";
  CHECK(hearth_model_load_path(model_path, &options, &other) == HEARTH_INVALID_ARGUMENT);
  CHECK(strstr(hearth_error_message(), "kvType must be one of f16, f32, q8_0, q4_0, not 'q9'") != NULL);
}

static void test_numbers(hearth_model* model) {
  const int32_t tokens[] = {1, 403, 407};
  float logits[2 * 512];
  float embedding[64];
  double squares = 0;
  int best = 0;
  int i;
  CHECK(hearth_logits(model, tokens, 3, 1, logits, 2 * 512) == HEARTH_OK);
  for (i = 0; i < 512; ++i) {
    if (logits[i] > logits[best]) best = i;
  }
  CHECK(best == 407); /* " upon" follows "Once" */
  CHECK(hearth_logits(model, tokens, 3, 1, logits, 512) == HEARTH_INVALID_ARGUMENT);
  CHECK(hearth_logits(model, tokens, 3, 4, logits, 0) == HEARTH_INVALID_ARGUMENT);

  CHECK(hearth_embed(model, tokens, 3, HEARTH_POOLING_MEAN, embedding, 64) == HEARTH_OK);
  for (i = 0; i < 64; ++i) squares += (double)embedding[i] * embedding[i];
  CHECK(fabs(squares - 1) < 1e-5);
  CHECK(hearth_embed(model, tokens, 3, HEARTH_POOLING_LAST, embedding, 63) == HEARTH_INVALID_ARGUMENT);
}

static void test_hold(hearth_model* model) {
  const int32_t prompt[] = {1};
  char text[64];
  hearth_generation* generation = NULL;
  hearth_event event;
  int busy = 1;
  CHECK(hearth_generation_create(model, prompt, 1, NULL, &generation) == HEARTH_OK);
  hearth_generation_hold(generation, 1);
  CHECK(hearth_model_step(model, &busy) == HEARTH_OK && !busy);
  event.struct_size = sizeof event;
  CHECK(hearth_generation_next(generation, &event) == HEARTH_OK && !event.present);
  hearth_generation_hold(generation, 0);
  CHECK(hearth_model_step(model, &busy) == HEARTH_OK && busy);
  hearth_generation_cancel(generation);
  run(model, generation, text, sizeof text, &event);
  CHECK(event.finish == HEARTH_FINISH_CANCELLED);
  hearth_generation_hold(NULL, 1);
  hearth_generation_free(generation);
}

static void test_logprobs(hearth_model* model) {
  const int32_t prompt[] = {1};
  hearth_generation_options options;
  hearth_generation* generation = NULL;
  hearth_event event;
  int busy = 1;
  hearth_generation_options_init(model, &options, sizeof options);
  options.json = "{\"logprobs\": 2, \"maxTokens\": 1}";
  CHECK(hearth_generation_create(model, prompt, 1, &options, &generation) == HEARTH_OK);
  CHECK(hearth_model_step(model, &busy) == HEARTH_OK);
  event.struct_size = sizeof event;
  CHECK(hearth_generation_next(generation, &event) == HEARTH_OK && event.present);
  CHECK(strncmp(event.json, "{\"logprobs\":[{\"id\":", 19) == 0);
  CHECK(strstr(event.json, "\"topLogprobs\":[{") != NULL);
  hearth_generation_free(generation);
  CHECK(hearth_generation_create(model, prompt, 1, NULL, &generation) == HEARTH_OK);
  CHECK(hearth_model_step(model, &busy) == HEARTH_OK);
  CHECK(hearth_generation_next(generation, &event) == HEARTH_OK && event.present);
  CHECK(strcmp(event.json, "") == 0);
  hearth_generation_free(generation);
  CHECK(hearth_model_step(model, &busy) == HEARTH_OK);
}

static void test_a_generation_outlives_its_model(void) {
  const int32_t prompt[] = {1};
  hearth_model* model = load();
  hearth_generation* generation = NULL;
  hearth_event event;
  int busy;
  CHECK(hearth_generation_create(model, prompt, 1, NULL, &generation) == HEARTH_OK);
  CHECK(hearth_model_step(model, &busy) == HEARTH_OK);
  hearth_model_free(model);
  do {
    event.struct_size = sizeof event;
    CHECK(hearth_generation_next(generation, &event) == HEARTH_OK);
  } while (event.present && event.finish == HEARTH_FINISH_NONE);
  CHECK(event.error == HEARTH_DISPOSED && strlen(event.error_message) > 0);
  hearth_generation_free(generation);
}

int main(void) {
  const char* testdata = getenv("HEARTH_TESTDATA");
  hearth_model* model;
  FILE* found;
  if (testdata == NULL) testdata = "../shared/testdata";
  snprintf(model_path, sizeof model_path, "%s/models/stories260K/stories260K.gguf", testdata);
  snprintf(malformed_path, sizeof malformed_path, "%s/gguf/malformed/HEADER_BAD_MAGIC.gguf", testdata);
  found = fopen(model_path, "rb");
  if (found == NULL) {
    fprintf(stderr, "no reference data at %s; set HEARTH_TESTDATA to it\n", testdata);
    return 77;
  }
  fclose(found);

  test_versions_and_names();
  test_loading();
  test_brought_gpu();
  model = load();
  if (model == NULL) return 1;
  test_info(model);
  test_text(model);
  test_generation(model);
  test_several_generations_and_cancel(model);
  test_generation_refuses_nonsense(model);
  test_options_as_json(model);
  test_numbers(model);
  test_calls_by_name(model);
  test_state(model);
  test_hold(model);
  test_logprobs(model);
  hearth_model_free(model);
  test_a_generation_outlives_its_model();
  test_registry();
  if (failures > 0) fprintf(stderr, "%d checks failed\n", failures);
  return failures > 0;
}
