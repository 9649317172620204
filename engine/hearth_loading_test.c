/* Opening models through the C interface: from paths, memory and callbacks, with progress, and what that
 * takes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/hearth_testing.h"

/* The whole file in memory. */
static void* read_file(const char* path, size_t* size) {
  FILE* file = fopen(path, "rb");
  void* bytes;
  if (file == NULL) return NULL;
  fseek(file, 0, SEEK_END);
  *size = (size_t)ftell(file);
  rewind(file);
  bytes = malloc(*size);
  if (bytes != NULL && fread(bytes, 1, *size, file) != *size) *size = 0;
  fclose(file);
  return bytes;
}

static void test_loading_fails_with_reasons(void) {
  hearth_model* model = NULL;
  hearth_model_options options;
  CHECK(hearth_model_load_path("/no/such/file.gguf", NULL, &model) == HEARTH_NOT_FOUND);
  CHECK(strstr(hearth_error_message(), "/no/such/file.gguf") != NULL);
  CHECK(hearth_model_load_path(malformed_path, NULL, &model) == HEARTH_INVALID_MODEL);
  CHECK(hearth_model_load_path(NULL, NULL, &model) == HEARTH_INVALID_ARGUMENT);
  CHECK(hearth_model_load_path(model_path, NULL, NULL) == HEARTH_INVALID_ARGUMENT);
  CHECK(hearth_model_load_memory(NULL, 1, NULL, &model) == HEARTH_INVALID_ARGUMENT);
  CHECK(hearth_model_load_memory(NULL, 0, NULL, &model) != HEARTH_OK);
  CHECK(hearth_model_load_read(NULL, 1, NULL, &model) == HEARTH_INVALID_ARGUMENT);
  hearth_model_options_init(&options, sizeof options);
  options.kv_type = "q9_9";
  CHECK(hearth_model_load_path(model_path, &options, &model) == HEARTH_INVALID_ARGUMENT);
  hearth_model_options_init(&options, sizeof options);
  options.context_size = -5;
  CHECK(hearth_model_load_path(model_path, &options, &model) == HEARTH_INVALID_ARGUMENT);
  CHECK(strstr(hearth_error_message(), "contextSize must be a whole number from 1 to 16777216") != NULL);
  memset(&options, 0, sizeof options);
  CHECK(hearth_model_load_path(model_path, &options, &model) == HEARTH_INVALID_ARGUMENT);
  CHECK(model == NULL);
  hearth_model_free(NULL);
}

static int count_progress(void* user, hearth_load_stage stage, uint64_t done, uint64_t total) {
  int* calls = user;
  CHECK(stage <= HEARTH_STAGE_READY);
  CHECK(done <= total);
  ++*calls;
  return 0;
}

static int cancel_at_read(void* user, hearth_load_stage stage, uint64_t done, uint64_t total) {
  (void)user;
  (void)done;
  (void)total;
  return stage == HEARTH_STAGE_READ;
}

static void test_progress_and_cancel(void) {
  hearth_model* model = NULL;
  hearth_model_options options;
  int calls = 0;
  hearth_model_options_init(&options, sizeof options);
  options.threads = 1;
  options.progress = count_progress;
  options.progress_user = &calls;
  CHECK(hearth_model_load_path(model_path, &options, &model) == HEARTH_OK);
  CHECK(calls >= 4);
  hearth_model_free(model);
  model = NULL;
  options.progress = cancel_at_read;
  CHECK(hearth_model_load_path(model_path, &options, &model) == HEARTH_ABORTED);
  CHECK(model == NULL);
}

struct bytes {
  const char* data;
  size_t size;
};

static int read_bytes(void* user, uint64_t offset, void* into, size_t size) {
  const struct bytes* bytes = user;
  if (offset > bytes->size || size > bytes->size - offset) return 1;
  memcpy(into, bytes->data + offset, size);
  return 0;
}

static int read_nothing(void* user, uint64_t offset, void* into, size_t size) {
  (void)user;
  (void)offset;
  (void)into;
  (void)size;
  return 1;
}

/* `model` was loaded from `source` with default options. */
static void test_memory_need(const hearth_source* source, const hearth_model* model) {
  hearth_model_options options;
  hearth_model_info info;
  hearth_memory_need need;
  hearth_memory_need half;
  info.struct_size = sizeof info;
  need.struct_size = half.struct_size = sizeof need;
  CHECK(hearth_model_get_info(model, &info) == HEARTH_OK);
  CHECK(hearth_model_memory_need(source, 1, NULL, &need) == HEARTH_OK);
  CHECK(need.weights == source->size && need.cache == info.cache_bytes && need.activations > 0);
  hearth_model_options_init(&options, sizeof options);
  options.memory_limit = source->size / 2;
  options.context_size = info.context_size / 2;
  CHECK(hearth_model_memory_need(source, 1, &options, &half) == HEARTH_OK);
  CHECK(half.weights == source->size / 2 && half.cache == need.cache / 2);
  options.cache_positions = info.context_size;
  CHECK(hearth_model_memory_need(source, 1, &options, &half) == HEARTH_OK);
  CHECK(half.cache == need.cache);
  options.cache_positions = INT32_MAX;
  CHECK(hearth_model_memory_need(source, 1, &options, &half) == HEARTH_OK);
  CHECK(half.cache > need.cache);
  CHECK(hearth_model_memory_need(source, 1, NULL, NULL) == HEARTH_INVALID_ARGUMENT);
  CHECK(hearth_model_memory_need(source, 0, NULL, &need) != HEARTH_OK);
}

static void test_memory_and_read_callback(void) {
  size_t size = 0;
  void* file = read_file(model_path, &size);
  hearth_memory memory;
  hearth_source source;
  struct bytes bytes;
  hearth_model* model = NULL;
  hearth_model_info info;
  CHECK(file != NULL && size > 0);

  memory.data = file;
  memory.size = size;
  CHECK(hearth_model_load_memory(&memory, 1, NULL, &model) == HEARTH_OK);
  info.struct_size = sizeof info;
  CHECK(hearth_model_get_info(model, &info) == HEARTH_OK);
  CHECK(info.file_size == size);
  hearth_model_free(model);

  memory.size = size - 1;
  CHECK(hearth_model_load_memory(&memory, 1, NULL, &model) == HEARTH_INVALID_MODEL);

  bytes.data = file;
  bytes.size = size;
  source.name = "callback";
  source.size = size;
  source.read = read_bytes;
  source.user = &bytes;
  source.read_ahead = NULL;
  CHECK(hearth_model_load_read(&source, 1, NULL, &model) == HEARTH_OK);
  test_memory_need(&source, model);
  hearth_model_free(model);
  model = NULL;
  source.read = read_nothing;
  CHECK(hearth_model_load_read(&source, 1, NULL, &model) == HEARTH_IO);
  CHECK(strstr(hearth_error_message(), "callback") != NULL);
  source.read = NULL;
  CHECK(hearth_model_load_read(&source, 1, NULL, &model) == HEARTH_INVALID_ARGUMENT);
  CHECK(model == NULL);
  free(file);
}

/* Layers that come and go compute the same as layers that stay. */
static void test_memory_limit(void) {
  const int32_t tokens[] = {1, 403, 407};
  static float with_limit[512];
  static float without[512];
  hearth_model* model = NULL;
  hearth_model_options options;
  hearth_model_statistics statistics;
  hearth_memory memory = {"", 0};
  statistics.struct_size = sizeof statistics;
  hearth_model_options_init(&options, sizeof options);
  options.threads = 1;
  CHECK(hearth_model_load_path(model_path, &options, &model) == HEARTH_OK);
  CHECK(hearth_logits(model, tokens, 3, 2, without, 512) == HEARTH_OK);
  CHECK(hearth_model_get_statistics(model, &statistics) == HEARTH_OK);
  CHECK(statistics.layers_resident == 5 && statistics.bytes_read == 0);
  hearth_model_free(model);
  model = NULL;

  options.memory_limit = 900000; /* of 1.2 MB: room for three of five layers beside the embedding */
  CHECK(hearth_model_load_path(model_path, &options, &model) == HEARTH_OK);
  CHECK(hearth_logits(model, tokens, 3, 2, with_limit, 512) == HEARTH_OK);
  CHECK(memcmp(with_limit, without, sizeof without) == 0);
  CHECK(hearth_model_get_statistics(model, &statistics) == HEARTH_OK);
  CHECK(statistics.layers_resident < 5 && statistics.bytes_read > 0 && statistics.wait_ms >= 0);
  statistics.struct_size = 0;
  CHECK(hearth_model_get_statistics(model, &statistics) == HEARTH_INVALID_ARGUMENT);
  hearth_model_free(model);
  model = NULL;

  options.memory_limit = 1000;
  CHECK(hearth_model_load_path(model_path, &options, &model) == HEARTH_OUT_OF_MEMORY);
  CHECK(hearth_model_load_memory(&memory, 1, &options, &model) != HEARTH_OK);
  CHECK(model == NULL);
}

void test_loading(void) {
  test_loading_fails_with_reasons();
  test_progress_and_cancel();
  test_memory_and_read_callback();
  test_memory_limit();
}
