/* What the files of the C interface's test share. */
#ifndef HEARTH_TESTING_H
#define HEARTH_TESTING_H

#include <stdio.h>

#include "engine/hearth.h"

extern int failures;

#define CHECK(condition)                                                              \
  do {                                                                                \
    if (!(condition)) {                                                               \
      fprintf(stderr, "%s:%d: %s (last error: %s)\n", __FILE__, __LINE__, #condition, \
              hearth_error_message());                                                \
      ++failures;                                                                     \
    }                                                                                 \
  } while (0)

void test_registry(void);

#endif
