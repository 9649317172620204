/* A GPU that the caller brings: what it is asked for, and what comes of what it says. This one counts. */
#include "engine/hearth_gpu.h"

#include <stdlib.h>
#include <string.h>

#include "engine/hearth_testing.h"

typedef struct counting_gpu {
  hearth_status refusal; /* of the next block */
  int blocks;            /* that are there */
  uint32_t last_block;
  uint64_t bytes_written;
  int lists;
  int reads;
  int reads_to_come;
  int asked;            /* since the last list whether it is ready */
  int lists_until_lost; /* 0: it is not; below: it was */
  int opened_anew;
  int is_profiled;
} counting_gpu;

static const char* message(void* user) {
  (void)user;
  return "the counting GPU has had enough";
}

static hearth_status create_block(void* user, uint64_t size, uint32_t* block) {
  counting_gpu* gpu = user;
  CHECK(size > 0 && size % 4 == 0);
  if (gpu->refusal != HEARTH_OK) return gpu->refusal;
  ++gpu->blocks;
  *block = ++gpu->last_block;
  return HEARTH_OK;
}

static void destroy_block(void* user, uint32_t block) {
  counting_gpu* gpu = user;
  CHECK(block > 0 && block <= gpu->last_block);
  --gpu->blocks;
}

static hearth_status kernel(void* user, const char* name, uint32_t* number) {
  (void)user;
  CHECK(strlen(name) > 0);
  *number = 7;
  return HEARTH_OK;
}

static void write_block(void* user, uint32_t block, uint64_t offset, const void* from, size_t size) {
  counting_gpu* gpu = user;
  CHECK(block > 0 && from != NULL && offset % 4 == 0 && size % 4 == 0);
  gpu->bytes_written += size;
}

static void submit(void* user, const hearth_gpu_list* list) {
  counting_gpu* gpu = user;
  size_t i;
  CHECK(list->command_count > 0);
  for (i = 0; i < list->command_count; ++i) {
    const hearth_gpu_command* command = &list->commands[i];
    CHECK(command->kernel == 7);
    CHECK((size_t)command->first_binding + command->binding_count <= list->binding_count);
  }
  ++gpu->lists;
  gpu->asked = 0;
  if (gpu->lists_until_lost > 0 && --gpu->lists_until_lost == 0) gpu->lists_until_lost = -1;
}

static void begin_read(void* user, uint32_t block, uint64_t offset, void* into, size_t size) {
  counting_gpu* gpu = user;
  CHECK(block > 0 && offset % 4 == 0);
  memset(into, 0, size);
  ++gpu->reads;
  ++gpu->reads_to_come;
}

static hearth_status ready(void* user, int* is_ready) {
  counting_gpu* gpu = user;
  if (gpu->lists_until_lost < 0) return HEARTH_DEVICE_LOST;
  *is_ready = gpu->asked++ > 0;
  if (*is_ready) gpu->reads_to_come = 0;
  return HEARTH_OK;
}

static hearth_status wait_for_it(void* user) {
  counting_gpu* gpu = user;
  gpu->reads_to_come = 0;
  if (gpu->lists_until_lost < 0) return HEARTH_DEVICE_LOST;
  return HEARTH_OK;
}

static hearth_status reopen(void* user) {
  counting_gpu* gpu = user;
  gpu->lists_until_lost = 0;
  ++gpu->opened_anew;
  return HEARTH_OK;
}

static void begin_profile(void* user) {
  counting_gpu* gpu = user;
  gpu->is_profiled = 1;
}

static void kernel_time(void* user, uint32_t number, hearth_gpu_kernel_time* time) {
  counting_gpu* gpu = user;
  CHECK(number == 7);
  time->calls = gpu->is_profiled ? 2 : 0;
  time->seconds = 0.5;
}

static void set_up(hearth_gpu_properties* properties, hearth_gpu_runner* runner, counting_gpu* gpu) {
  memset(properties, 0, sizeof *properties);
  properties->struct_size = sizeof *properties;
  properties->name = "Counting GPU";
  memset(runner, 0, sizeof *runner);
  runner->struct_size = sizeof *runner;
  runner->properties = properties;
  runner->user = gpu;
  runner->message = message;
  runner->create_block = create_block;
  runner->destroy_block = destroy_block;
  runner->kernel = kernel;
  runner->write = write_block;
  runner->submit = submit;
  runner->begin_read = begin_read;
  runner->ready = ready;
  runner->wait = wait_for_it;
}

/* Each step reads back once, and is there only when the GPU says so. */
static void test_steps(hearth_model* model, counting_gpu* gpu) {
  const int32_t prompt[] = {1, 2, 3};
  hearth_generation_options options;
  hearth_generation* generation = NULL;
  int is_ready = 0;
  int busy = 1;
  int steps = 0;
  hearth_generation_options_init(model, &options, sizeof options);
  options.max_tokens = 3;
  options.temperature = 0;
  options.ignore_end = 1;
  CHECK(hearth_generation_create(model, prompt, 3, &options, &generation) == HEARTH_OK);
  gpu->reads = 0;
  while (busy != 0 && steps < 10) {
    gpu->lists = 0;
    CHECK(hearth_model_step_begin(model) == HEARTH_OK);
    CHECK(gpu->lists > 0);
    CHECK(hearth_model_step_ready(model, &is_ready, &busy) == HEARTH_OK);
    CHECK(is_ready == 0 && busy == 1);
    CHECK(hearth_model_step_ready(model, &is_ready, &busy) == HEARTH_OK);
    CHECK(is_ready == 1);
    ++steps;
  }
  CHECK(steps == options.max_tokens);
  CHECK(gpu->reads == steps);
  hearth_generation_free(generation);
}

/* How an answer ends that loses its GPU in its second step. */
static hearth_status lose_in_the_middle(hearth_model* model, counting_gpu* gpu) {
  const int32_t prompt[] = {1, 2, 3};
  hearth_generation_options options;
  hearth_generation* generation = NULL;
  hearth_event event;
  int busy = 1;
  int warned = 0;
  hearth_generation_options_init(model, &options, sizeof options);
  options.max_tokens = 4;
  options.ignore_end = 1;
  CHECK(hearth_generation_create(model, prompt, 3, &options, &generation) == HEARTH_OK);
  gpu->lists_until_lost = 2;
  while (busy != 0) CHECK(hearth_model_step(model, &busy) == HEARTH_OK);
  event.struct_size = sizeof event;
  do {
    CHECK(hearth_generation_next(generation, &event) == HEARTH_OK && event.present);
    if (strstr(event.json, "the answer goes on") != NULL) ++warned;
  } while (event.finish == HEARTH_FINISH_NONE);
  CHECK(warned == 1);
  CHECK(event.completion_tokens == options.max_tokens);
  hearth_generation_free(generation);
  return event.error;
}

/* The first time the weights are read again, to the GPU opened anew; the second time the CPU goes on. */
static void test_lost_gpu(void) {
  counting_gpu gpu = {0};
  hearth_gpu_properties properties;
  hearth_gpu_runner runner;
  hearth_model_options options;
  hearth_model_info info;
  hearth_model* model = NULL;
  set_up(&properties, &runner, &gpu);
  runner.reopen = reopen;
  hearth_model_options_init(&options, sizeof options);
  options.json = "{\"device\": \"gpu\"}";
  options.gpu = &runner;
  CHECK(hearth_model_load_path(model_path, &options, &model) == HEARTH_OK);
  if (model == NULL) return;
  info.struct_size = sizeof info;
  gpu.bytes_written = 0;
  CHECK(lose_in_the_middle(model, &gpu) == HEARTH_OK);
  CHECK(gpu.opened_anew == 1);
  CHECK(hearth_model_get_info(model, &info) == HEARTH_OK);
  CHECK(strcmp(info.device, "gpu (Counting GPU)") == 0);
  CHECK(gpu.bytes_written > info.file_size / 2);
  CHECK(lose_in_the_middle(model, &gpu) == HEARTH_OK);
  CHECK(gpu.opened_anew == 1);
  CHECK(hearth_model_get_info(model, &info) == HEARTH_OK);
  CHECK(strncmp(info.device, "cpu (", 5) == 0);
  hearth_model_free(model);
}

/* What a driver with a name computes is checked before a step is there: not any more when the model has gone.
 */
static void test_goes_while_checked(const hearth_model_options* options, counting_gpu* gpu) {
  const int32_t prompt[] = {1, 2, 3};
  hearth_generation_options asked;
  hearth_generation* generation = NULL;
  hearth_model* model = NULL;
  int is_ready = 0;
  int busy = 0;
  CHECK(hearth_model_load_path(model_path, options, &model) == HEARTH_OK);
  hearth_generation_options_init(model, &asked, sizeof asked);
  CHECK(hearth_generation_create(model, prompt, 3, &asked, &generation) == HEARTH_OK);
  gpu->reads = 0;
  CHECK(hearth_model_step_begin(model) == HEARTH_OK);
  CHECK(gpu->reads == 1);
  CHECK(hearth_model_step_ready(model, &is_ready, &busy) == HEARTH_OK);
  CHECK(hearth_model_step_ready(model, &is_ready, &busy) == HEARTH_OK);
  CHECK(is_ready == 0 && gpu->reads > 1 && gpu->reads_to_come > 0);
  hearth_generation_free(generation);
  hearth_model_free(model);
  CHECK(gpu->reads_to_come == 0);
  CHECK(gpu->blocks == 0);
}

static void test_profile(hearth_model* model) {
  hearth_reply reply;
  CHECK(hearth_call(model, "profile", "[]", NULL, 0, &reply) == HEARTH_OK);
  CHECK(reply.data.size == 2); /* an empty list */
  hearth_bytes_free(&reply.data);
  CHECK(hearth_call(model, "beginProfile", "[]", NULL, 0, &reply) == HEARTH_OK);
  CHECK(hearth_call(model, "profile", "[]", NULL, 0, &reply) == HEARTH_OK);
  CHECK(reply.type == HEARTH_REPLY_JSON);
  CHECK(strstr((const char*)reply.data.data, "\"calls\":2,\"ms\":500.0}") != NULL);
  hearth_bytes_free(&reply.data);
}

void test_brought_gpu(void) {
  counting_gpu gpu = {0};
  hearth_gpu_properties properties;
  hearth_gpu_runner runner;
  hearth_model_options options;
  hearth_model_info info;
  hearth_model* model = NULL;
  set_up(&properties, &runner, &gpu);
  runner.begin_profile = begin_profile;
  runner.kernel_time = kernel_time;
  hearth_model_options_init(&options, sizeof options);
  options.json = "{\"device\": \"gpu\"}";
  options.gpu = &runner;
  CHECK(hearth_model_load_path(model_path, &options, &model) == HEARTH_OK);
  if (model == NULL) return;
  info.struct_size = sizeof info;
  CHECK(hearth_model_get_info(model, &info) == HEARTH_OK);
  CHECK(strcmp(info.device, "gpu (Counting GPU)") == 0);
  /* The file is its weights, a header and a vocabulary. */
  CHECK(gpu.bytes_written > info.file_size / 2);
  test_steps(model, &gpu);
  test_profile(model);
  hearth_model_free(model);
  CHECK(gpu.blocks == 0);

  properties.driver = "counting 1.0";
  test_goes_while_checked(&options, &gpu);

  model = NULL;
  gpu.refusal = HEARTH_OUT_OF_MEMORY;
  CHECK(hearth_model_load_path(model_path, &options, &model) == HEARTH_OUT_OF_MEMORY);
  CHECK(strcmp(hearth_error_message(), message(NULL)) == 0);
  runner.submit = NULL;
  CHECK(hearth_model_load_path(model_path, &options, &model) == HEARTH_INVALID_ARGUMENT);
  set_up(&properties, &runner, &gpu);
  runner.struct_size = 8;
  CHECK(hearth_model_load_path(model_path, &options, &model) == HEARTH_INVALID_ARGUMENT);
  CHECK(model == NULL);
  test_lost_gpu();
}
