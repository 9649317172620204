#include <string.h>

#include "engine/hearth_testing.h"

static void note_unloaded(void* user, const char* name) { strncat(user, name, 1); }

void test_registry(void) {
  hearth_registry* registry = NULL;
  hearth_request request;
  hearth_text json = {0};
  char unloaded[8] = "";
  CHECK(hearth_registry_create(100, NULL, &registry) == HEARTH_OK);
  CHECK(hearth_registry_begin(registry, NULL, &request) == HEARTH_NOT_FOUND);
  CHECK(hearth_registry_add(registry, "a", 40, note_unloaded, unloaded) == HEARTH_OK);
  CHECK(hearth_registry_add(registry, "b", 40, note_unloaded, unloaded) == HEARTH_OK);
  CHECK(hearth_registry_add(registry, "b", 40, note_unloaded, unloaded) == HEARTH_INVALID_ARGUMENT);
  CHECK(hearth_registry_begin(registry, NULL, &request) == HEARTH_OK && strcmp(request.model, "a") == 0);
  CHECK(hearth_registry_add(registry, "c", 70, note_unloaded, unloaded) == HEARTH_OUT_OF_MEMORY);
  CHECK(hearth_registry_add(registry, "c", 60, note_unloaded, unloaded) == HEARTH_OK);
  CHECK(strcmp(unloaded, "b") == 0);
  CHECK(hearth_registry_use(registry, "b") == HEARTH_NOT_FOUND);
  CHECK(hearth_registry_use(registry, "c") == HEARTH_OK);
  CHECK(hearth_registry_json(registry, &json) == HEARTH_OK);
  CHECK(strcmp(json.data,
               "{\"current\":\"c\",\"models\":[{\"id\":\"a\",\"memory\":40,\"active\":1},"
               "{\"id\":\"c\",\"memory\":60,\"active\":0}]}") == 0);
  hearth_text_free(&json);
  hearth_registry_end(registry, request.id);
  CHECK(hearth_registry_remove(registry, "a") == HEARTH_OK);
  CHECK(hearth_registry_remove(registry, "a") == HEARTH_NOT_FOUND);
  CHECK(hearth_registry_add(registry, "d", 1, NULL, NULL) == HEARTH_INVALID_ARGUMENT);
  CHECK(hearth_registry_add(registry, NULL, 1, note_unloaded, unloaded) == HEARTH_INVALID_ARGUMENT);
  CHECK(hearth_registry_remove(NULL, "c") == HEARTH_INVALID_ARGUMENT);
  CHECK(hearth_registry_create(0, NULL, NULL) == HEARTH_INVALID_ARGUMENT);
  hearth_registry_end(NULL, 1);
  hearth_registry_free(registry);
  hearth_registry_free(NULL);

  CHECK(hearth_registry_create(0, "late", &registry) == HEARTH_OK); /* no limit */
  CHECK(hearth_registry_add(registry, "early", UINT64_MAX, note_unloaded, unloaded) == HEARTH_OK);
  CHECK(hearth_registry_begin(registry, NULL, &request) == HEARTH_NOT_FOUND);
  CHECK(hearth_registry_add(registry, "late", UINT64_MAX, note_unloaded, unloaded) == HEARTH_OK);
  CHECK(hearth_registry_begin(registry, NULL, &request) == HEARTH_OK && strcmp(request.model, "late") == 0);
  hearth_registry_free(registry);
}
