/* What the files of the C interface's test share. */
#ifndef HEARTH_TESTING_H
#define HEARTH_TESTING_H

#include <stdio.h>

#include "engine/hearth.h"

extern int failures;

/* Of the reference data. */
extern char model_path[];
extern char malformed_path[];

#define CHECK(condition)                                                              \
  do {                                                                                \
    if (!(condition)) {                                                               \
      fprintf(stderr, "%s:%d: %s (last error: %s)\n", __FILE__, __LINE__, #condition, \
              hearth_error_message());                                                \
      ++failures;                                                                     \
    }                                                                                 \
  } while (0)

void test_brought_gpu(void);
void test_calls_by_name(hearth_model* model);
void test_loading(void);
void test_registry(void);
void test_state(hearth_model* model);

#endif
