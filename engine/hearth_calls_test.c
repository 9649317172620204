#include <string.h>

#include "engine/hearth_testing.h"

void test_calls_by_name(hearth_model* model) {
  const int32_t tokens[] = {1, 403};
  hearth_reply reply = {0};
  CHECK(hearth_call(model, "tokenize", "[\"Once upon a time\", true, false]", NULL, 0, &reply) == HEARTH_OK);
  CHECK(reply.type == HEARTH_REPLY_INT32 && reply.data.size == 5 * sizeof(int32_t));
  CHECK(memcmp(reply.data.data, tokens, sizeof tokens) == 0);
  hearth_bytes_free(&reply.data);
  CHECK(hearth_call(model, "detokenize", "[false]", tokens, sizeof tokens, &reply) == HEARTH_OK);
  CHECK(reply.type == HEARTH_REPLY_TEXT && strcmp((const char*)reply.data.data, "Once") == 0);
  hearth_bytes_free(&reply.data);
  CHECK(hearth_call(model, "statistics", "[]", NULL, 0, &reply) == HEARTH_OK);
  CHECK(reply.type == HEARTH_REPLY_JSON);
  CHECK(strstr((const char*)reply.data.data, "\"layersResident\":5") != NULL);
  CHECK(strstr((const char*)reply.data.data, "\"running\":0") != NULL);
  hearth_bytes_free(&reply.data);
  CHECK(hearth_call(model, "logits", "[1]", tokens, sizeof tokens, &reply) == HEARTH_OK);
  CHECK(reply.type == HEARTH_REPLY_FLOAT32 && reply.data.size == 512 * sizeof(float));
  hearth_bytes_free(&reply.data);
  CHECK(hearth_call(model, "logprobs", "[2]", tokens, sizeof tokens, &reply) == HEARTH_OK);
  CHECK(strstr((const char*)reply.data.data, "[{\"id\":403,\"text\":\" Once\",") == (char*)reply.data.data);
  hearth_bytes_free(&reply.data);
  CHECK(hearth_call(model, "pieces", "[]", tokens, sizeof tokens, &reply) == HEARTH_OK);
  CHECK(strcmp((const char*)reply.data.data, "[\"<s>\",\" Once\"]") == 0);
  hearth_bytes_free(&reply.data);
  const char* two = "[[\"Once\", \"upon a time\"], {\"pooling\": \"last\", \"dimensions\": 8}]";
  CHECK(hearth_call(model, "embed", two, NULL, 0, &reply) == HEARTH_OK);
  CHECK(reply.type == HEARTH_REPLY_FLOAT32 && reply.data.size == 2 * 8 * sizeof(float));
  hearth_bytes_free(&reply.data);
  CHECK(hearth_call(model, "embed", "[[\"Once\", [1, 403]], {}]", NULL, 0, &reply) == HEARTH_OK);
  CHECK(reply.data.size > 0 &&
        memcmp(reply.data.data, reply.data.data + reply.data.size / 2, reply.data.size / 2) == 0);
  hearth_bytes_free(&reply.data);
  CHECK(hearth_call(model, "embed", "[[[1, -1]], {}]", NULL, 0, &reply) == HEARTH_INVALID_ARGUMENT);
  CHECK(hearth_call(model, "embed", "[[[1, 512]], {}]", NULL, 0, &reply) == HEARTH_INVALID_ARGUMENT);
  CHECK(strstr(hearth_error_message(), "token 512 is not in the vocabulary") != NULL);
  CHECK(hearth_call(model, "embed", "[[\"Once\"], {}, 1]", NULL, 0, &reply) == HEARTH_INVALID_ARGUMENT);
  CHECK(hearth_call(model, "embed", "[]", NULL, 0, &reply) == HEARTH_INVALID_ARGUMENT);
  CHECK(strstr(hearth_error_message(), "argument 1 must be a list of texts") != NULL);
  CHECK(hearth_call(model, "embed", "{}", NULL, 0, &reply) == HEARTH_INVALID_ARGUMENT);
  CHECK(hearth_call(model, "embed", "[[5], {}]", NULL, 0, &reply) == HEARTH_INVALID_ARGUMENT);
  CHECK(hearth_call(model, "embed", "[[], {\"pooling\": \"max\"}]", NULL, 0, &reply) ==
        HEARTH_INVALID_ARGUMENT);
  CHECK(hearth_call(model, "rerank", "[\"who?\", [\"a\", \"b\"]]", NULL, 0, &reply) == HEARTH_UNSUPPORTED);
  CHECK(strstr(hearth_error_message(), "no classifier") != NULL);
  CHECK(hearth_call(model, "logits", "[3]", tokens, sizeof tokens, &reply) == HEARTH_INVALID_ARGUMENT);
  CHECK(hearth_call(model, "translate", "[]", NULL, 0, &reply) == HEARTH_INVALID_ARGUMENT);
  CHECK(hearth_call(NULL, "info", "[]", NULL, 0, &reply) == HEARTH_INVALID_ARGUMENT);
  CHECK(reply.data.data == NULL);
  CHECK(hearth_call_only_reads("tokenize") == 1 && hearth_call_only_reads("embed") == 0);
  CHECK(hearth_call_only_reads("translate") == 0);
}
