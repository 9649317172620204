/* What was read, saved and restored as bytes, through the C interface. */
#include <stddef.h>
#include <string.h>

#include "engine/hearth_testing.h"

/* With one bit of that byte changed. */
static hearth_status restore_changed(hearth_model* model, hearth_bytes* state, size_t at) {
  hearth_status status;
  state->data[at] ^= 1;
  status = hearth_model_restore_state(model, state->data, state->size);
  state->data[at] ^= 1;
  return status;
}

void test_state(hearth_model* model) {
  hearth_bytes state = {0};
  CHECK(hearth_model_save_state(model, &state) == HEARTH_OK);
  CHECK(state.size > 0);
  CHECK(hearth_model_restore_state(model, state.data, state.size) == HEARTH_OK);
  CHECK(hearth_model_restore_state(model, state.data, state.size - 1) != HEARTH_OK);
  CHECK(restore_changed(model, &state, 8) == HEARTH_INVALID_ARGUMENT);
  CHECK(strstr(hearth_error_message(), "version") != NULL);
  CHECK(restore_changed(model, &state, 16) == HEARTH_INVALID_ARGUMENT);
  CHECK(strstr(hearth_error_message(), "another model") != NULL);
  CHECK(restore_changed(model, &state, 24) == HEARTH_INTEGRITY); /* the checksum */
  CHECK(hearth_model_restore_state(model, NULL, 0) == HEARTH_INVALID_ARGUMENT);
  CHECK(hearth_model_restore_state(model, NULL, 8) == HEARTH_INVALID_ARGUMENT);
  CHECK(hearth_model_restore_state(NULL, state.data, state.size) == HEARTH_INVALID_ARGUMENT);
  CHECK(hearth_model_save_state(NULL, &state) == HEARTH_INVALID_ARGUMENT);
  CHECK(hearth_model_save_state(model, NULL) == HEARTH_INVALID_ARGUMENT);
  hearth_bytes_free(&state);
  hearth_bytes_free(NULL);
  CHECK(state.data == NULL);
}
