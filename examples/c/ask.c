/* Asks a model and prints its answer as it is written:
 *
 *   cc ask.c -o ask $(pkg-config --cflags --libs hearth)
 *   ./ask model.gguf '{"messages": [{"role": "user", "content": "What is 37 + 48?"}]}'
 */
#include <hearth.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void stop_with(hearth_status status, const char* message) {
  fprintf(stderr, "%s: %s\n", hearth_status_name(status), message);
  exit(1);
}

static void check(hearth_status status) {
  if (status != HEARTH_OK) stop_with(status, hearth_error_message());
}

/* What has come of the generation since it was asked last. */
static void print_news(hearth_generation* generation) {
  for (;;) {
    hearth_event event;
    event.struct_size = sizeof event;
    check(hearth_generation_next(generation, &event));
    if (!event.present) return;
    if (event.finish == HEARTH_FINISH_ERROR) stop_with(event.error, event.error_message);
    fwrite(event.text, 1, event.text_size, stdout);
    fflush(stdout);
  }
}

static void answer(hearth_model* model, const char* chat) {
  hearth_tokens prompt = {0};
  hearth_generation_options options;
  hearth_generation* generation = NULL;
  int busy = 1;

  check(hearth_chat_tokens(model, chat, strlen(chat), &prompt));
  hearth_generation_options_init(model, &options, sizeof options);
  options.temperature = 0; /* the likeliest token each time */
  options.max_tokens = 200;
  check(hearth_generation_create(model, prompt.data, prompt.size, &options, &generation));
  hearth_tokens_free(&prompt);
  while (busy) {
    check(hearth_model_step(model, &busy));
    print_news(generation);
  }
  printf("\n");
  hearth_generation_free(generation);
}

int main(int argc, char** argv) {
  hearth_model* model = NULL;
  if (argc != 3) {
    fprintf(stderr, "usage: %s MODEL CHAT\n", argv[0]);
    return 2;
  }
  check(hearth_model_load_path(argv[1], NULL, &model));
  answer(model, argv[2]);
  hearth_model_free(model);
  return 0;
}
