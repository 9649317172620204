/* The C interface of Hearth: what every binding (WebAssembly, Node.js, Python, ...) uses, and nothing else.
 *
 * A model is loaded once. A generation is created from a prompt's tokens; hearth_model_step runs one batch
 * for all generations of the model, and hearth_generation_next hands out what came of it, piece by piece.
 * Nothing here starts a thread of its own besides the model's workers, or calls back from one.
 *
 * Errors: functions return HEARTH_OK or the code of what went wrong; hearth_error_message then says what,
 * where and what to do about it. On an error, outputs are not touched. No C++ exception leaves this
 * interface.
 *
 * Threads: one thread at a time may use a model and its generations, not always the same one.
 * hearth_generation_cancel and _hold may be called from any thread at any time, and so may the functions that
 * only read the model: hearth_model_info*, hearth_tokenize, hearth_detokenize, hearth_apply_chat_template,
 * hearth_chat_tokens*. Different models are independent.
 *
 * Structs with a `struct_size` are set up by their init function, which is given the size that the caller was
 * compiled with; a newer library fills in the fields that an older caller does not know. Texts are UTF-8 with
 * their length in bytes; those handed out also end with a NUL.
 */
#ifndef HEARTH_H
#define HEARTH_H

/* Plain C. NOLINTBEGIN(modernize-deprecated-headers, modernize-use-using) */

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* C++, too, shall let an enumeration hold any int, not only the values that it lists. */
#ifdef __cplusplus
#define HEARTH_AS_INT : int
#else
#define HEARTH_AS_INT
#endif

/* Raised when something here changes its meaning or goes away, not when something is added. */
#define HEARTH_ABI_VERSION 1

typedef struct hearth_model hearth_model;
typedef struct hearth_generation hearth_generation;

typedef enum hearth_status HEARTH_AS_INT {
  HEARTH_OK = 0,
  HEARTH_ABORTED,             /* the caller cancelled */
  HEARTH_TIMEOUT,             /* a deadline passed */
  HEARTH_NETWORK,             /* a transfer failed */
  HEARTH_INTEGRITY,           /* bytes differ from their checksum */
  HEARTH_INVALID_MODEL,       /* the file is damaged or contradicts itself */
  HEARTH_UNSUPPORTED_MODEL,   /* well-formed, but of a kind that Hearth does not run */
  HEARTH_MODEL_TOO_LARGE,     /* needs more memory or address space than there is */
  HEARTH_OUT_OF_MEMORY,       /* an allocation failed, or no thread could be started */
  HEARTH_CONTEXT_OVERFLOW,    /* more tokens than the context holds */
  HEARTH_CACHE_QUOTA,         /* the model cache may not grow further */
  HEARTH_DEVICE_LOST,         /* the GPU went away */
  HEARTH_INVALID_ARGUMENT,    /* the caller asked for something that makes no sense */
  HEARTH_NOT_FOUND,           /* no such file, model or tensor */
  HEARTH_IO,                  /* the operating system could not read or write */
  HEARTH_DISPOSED,            /* the object was already closed */
  HEARTH_SERVER,              /* a remote server answered with an error */
  HEARTH_INTERNAL,            /* a broken invariant of ours: a bug worth reporting */
  HEARTH_UNSUPPORTED,         /* what this version, or this platform, cannot do */
  HEARTH_WORKER_NOT_SUPPORTED /* the page cannot start workers */
} hearth_status;

/* The library's version, for example "0.1.0", and the HEARTH_ABI_VERSION it was built with. */
const char* hearth_version(void);
uint32_t hearth_abi_version(void);

/* A status's public name, the same on every face of Hearth: "INVALID_MODEL". Never NULL. */
const char* hearth_status_name(hearth_status status);
/* What the last call that failed on this thread had to say; "" if none has. Valid until the next failure. */
const char* hearth_error_message(void);

/* Outputs of a length not known before. Start them as {0}; the free functions empty them again. */
typedef struct hearth_text {
  char* data; /* ends with a NUL that `size` does not count */
  size_t size;
} hearth_text;

typedef struct hearth_tokens {
  int32_t* data;
  size_t size;
} hearth_tokens;

typedef struct hearth_bytes {
  uint8_t* data;
  size_t size;
} hearth_bytes;

void hearth_text_free(hearth_text* text);
void hearth_tokens_free(hearth_tokens* tokens);
void hearth_bytes_free(hearth_bytes* bytes);

/* ---- Loading ---- */

typedef enum hearth_load_stage HEARTH_AS_INT {
  HEARTH_STAGE_PARSE = 0,  /* the header is read and checked */
  HEARTH_STAGE_READ,       /* tensors are found, and read where they are not in memory; counts bytes */
  HEARTH_STAGE_INITIALIZE, /* tokenizer, chat template, caches */
  HEARTH_STAGE_READY
} hearth_load_stage;

/* Called on the loading thread. Returning anything but 0 cancels with HEARTH_ABORTED. */
typedef int (*hearth_progress)(void* user, hearth_load_stage stage, uint64_t done, uint64_t total);

/* docs/options.md lists all options, what each may be and what it is by default. They are given as members,
 * as JSON under the names that all faces have for them, or both; JSON comes last, and it alone has options
 * that this struct has no member for. What cannot be fails with INVALID_ARGUMENT under that name:
 * maxSequences for max_sequences. */
typedef struct hearth_model_options {
  uint32_t struct_size;
  int32_t context_size;        /* positions of one sequence; 0: as docs/options.md says */
  int32_t cache_positions;     /* positions of all sequences together; 0: likewise */
  int32_t max_sequences;       /* generations that run at once; more wait */
  int32_t max_batch_rows;      /* tokens computed together; 0: chosen for the model */
  int32_t threads;             /* 0: one per physical core */
  const char* kv_type;         /* keys and values are kept as "f16" (default), "f32", "q8_0" or "q4_0" */
  const char* instruction_set; /* NULL: the best there is; others: docs/options.md */
  hearth_progress progress;    /* may be NULL */
  void* progress_user;
  uint64_t memory_limit; /* bytes of weights in memory at most, by streaming layers from the file while they
                            are used; 0: no limit. Not with hearth_model_load_memory */
  const char* json;      /* {"contextSize": 8192}, read during the call; may be NULL */
  const struct hearth_gpu_runner* gpu; /* the caller's (hearth_gpu.h); may be NULL */
} hearth_model_options;

void hearth_model_options_init(hearth_model_options* options, size_t struct_size);

/* Maps a GGUF file, and the parts beside it if it is the first of several. `options` may always be NULL. */
hearth_status hearth_model_load_path(const char* path, const hearth_model_options* options,
                                     hearth_model** model);

typedef struct hearth_memory {
  const void* data;
  uint64_t size;
} hearth_memory;

/* A model that is in memory already, one entry per part. It is used where it lies: it must stay there,
 * unchanged, until hearth_model_free. */
hearth_status hearth_model_load_memory(const hearth_memory* parts, size_t part_count,
                                       const hearth_model_options* options, hearth_model** model);

/* Fills `into` with `size` bytes from `offset`; returns 0 on success. */
typedef int (*hearth_read)(void* user, uint64_t offset, void* into, size_t size);

/* Begins to fill `into` in the background. A hearth_read of the same bytes to the same place follows, which
 * waits for the end; until then the engine neither uses nor frees them. */
typedef void (*hearth_read_ahead)(void* user, uint64_t offset, void* into, size_t size);

typedef struct hearth_source {
  const char* name; /* for messages; may be NULL */
  uint64_t size;    /* in bytes */
  hearth_read read; /* called on the loading thread; later by the functions that compute, with a memory_limit
                       and for rows of tables that stay in the file (Gemma 3n's) */
  void* user;
  hearth_read_ahead read_ahead; /* may be NULL; with a memory_limit, called for layers and experts to come */
} hearth_source;

/* A model behind the caller's own read function, one source per part. Its weights are read into memory. */
hearth_status hearth_model_load_read(const hearth_source* parts, size_t part_count,
                                     const hearth_model_options* options, hearth_model** model);

typedef struct hearth_memory_need {
  uint32_t struct_size;
  uint64_t weights;     /* bytes of all parts but for what stays there, or the memory_limit if that is less */
  uint64_t cache;       /* keys and values of all positions */
  uint64_t activations; /* of the largest batch */
} hearth_memory_need;

/* What hearth_model_load_read would take for good, found in the header: no weights are read. The tokenizer
 * and what is used in passing come on top, less than 256 MiB. `need` is filled in as in
 * hearth_model_get_info. */
hearth_status hearth_model_memory_need(const hearth_source* parts, size_t part_count,
                                       const hearth_model_options* options, hearth_memory_need* need);

/* Ends the model's generations with HEARTH_DISPOSED (their handles stay valid and are freed as ever) and
 * frees it. NULL is allowed. */
void hearth_model_free(hearth_model* model);

/* ---- Information ---- */

/* Texts belong to the model and are never NULL. */
typedef struct hearth_model_info {
  uint32_t struct_size;
  int32_t layer_count;
  int32_t head_count;
  int32_t kv_head_count;
  int32_t embedding_length;
  int32_t vocab_size;     /* logits per position */
  int32_t context_length; /* positions the model was trained for */
  int32_t context_size;   /* positions of one sequence, as loaded */
  uint64_t parameter_count;
  uint64_t file_size;   /* bytes */
  uint64_t cache_bytes; /* address space for keys and values; memory is taken as positions are used */
  int32_t has_chat_template;
  int32_t bos_token; /* -1 where the vocabulary has none */
  int32_t eos_token;
  const char* name;
  const char* architecture;
  const char* quantization;
  const char* license;
  const char* tokenizer;
  const char* device; /* what computes: "cpu (AVX2, 4 threads)" */
} hearth_model_info;

/* Fills in `info`, whose struct_size the caller has set to sizeof(hearth_model_info). */
hearth_status hearth_model_get_info(const hearth_model* model, hearth_model_info* info);
/* The same and more as JSON: {"name", "architecture", "quantization", "license", "creator", "fileName",
 * "ggufVersion", "parameterCount", "fileSize", "layerCount", "embeddingLength", "headCount", "headCountKv",
 * "contextLength", "contextSize", "maxSequences", "vocabSize", "ropeFrequencyBase", "ropeFrequencyScale",
 * "pooling", "tasks", "tokenizer", "tokens", "hasChatTemplate", "templateCapabilities", "cacheBytes",
 * "draftBytes", "device", "deviceReason"}. The capabilities {"system", "tools", "parts", "reasoning",
 * "parallelCalls"} say whether it shows system messages (else they go before what the user says), shows tools
 * (else they are refused), takes lists of parts (else their texts are joined), shows the "reasoning_content"
 * of an assistant's message, and shows several tool calls of one message (else they are refused). */
hearth_status hearth_model_info_json(const hearth_model* model, hearth_text* json);
/* Every key of the file's metadata as a JSON object. An array becomes {"arrayOf": the type of its elements,
 * "count": how many there are, "first": the first `most_elements` of them}. */
hearth_status hearth_model_metadata_json(const hearth_model* model, uint64_t most_elements,
                                         hearth_text* json);

typedef struct hearth_model_statistics {
  uint32_t struct_size;
  int32_t layers_resident; /* layers in memory now; all where there is no memory_limit */
  uint64_t bytes_read;     /* of layers streamed since loading */
  double wait_ms;          /* that computing has waited for them */
} hearth_model_statistics;

/* Fills in `statistics`, whose struct_size the caller has set to sizeof(hearth_model_statistics). From any
 * thread. */
hearth_status hearth_model_get_statistics(const hearth_model* model, hearth_model_statistics* statistics);

/* ---- Text ---- */

/* With `add_special`, the beginning and end tokens that the vocabulary asks for are added. With
 * `parse_special`, names of control tokens in the text become those tokens: never set it for text that a user
 * wrote. */
hearth_status hearth_tokenize(const hearth_model* model, const char* text, size_t size, int add_special,
                              int parse_special, hearth_tokens* tokens);
/* With `with_special`, control tokens are shown by name, and otherwise as nothing. */
hearth_status hearth_detokenize(const hearth_model* model, const int32_t* tokens, size_t count,
                                int with_special, hearth_text* text);

/* `chat` is JSON: {"messages": [{"role": "user", "content": "..."}, ...]}, and optionally "tools" (OpenAI
 * function tools), "toolChoice" and "keepReasoning" (docs/tools.md), "variables" (further names for the
 * template) and "addGenerationPrompt" (default true). A content is a text, null for none, or a list of parts
 * {"type": "text", "text": "..."}. The prompt as text, for display; hearth_chat_tokens gives what to run, in
 * which text from the messages never becomes a control token. */
hearth_status hearth_apply_chat_template(const hearth_model* model, const char* chat, size_t size,
                                         hearth_text* prompt);
hearth_status hearth_chat_tokens(const hearth_model* model, const char* chat, size_t size,
                                 hearth_tokens* tokens);
/* The same for a conversation that may have outgrown the context. At least a quarter of the context is kept
 * for the answer: until then the oldest turns are left out, a turn being what a user said and all that
 * followed it. System messages that the conversation begins with stay, and so does its last turn. */
hearth_status hearth_chat_tokens_that_fit(const hearth_model* model, const char* chat, size_t size,
                                          hearth_tokens* tokens, int32_t* turns_left_out);

/* ---- Generating ---- */

typedef struct hearth_logit_bias {
  int32_t token;
  float bias; /* added to its logit; minus infinity bans it */
} hearth_logit_bias;

/* As members, as JSON or both, like hearth_model_options. */
typedef struct hearth_generation_options {
  uint32_t struct_size;
  int32_t max_tokens;       /* -1: until the context is full */
  float temperature;        /* 0: greedy */
  int32_t top_k;            /* 0: all */
  float top_p;              /* 1: all */
  float min_p;              /* 0: all */
  float repetition_penalty; /* 1: none */
  float frequency_penalty;
  float presence_penalty;
  int32_t penalty_window; /* tokens looked back at; -1: all */
  int32_t use_seed;       /* 0: a new seed each time */
  uint64_t seed;
  const hearth_logit_bias* logit_bias;
  size_t logit_bias_count;
  const char* const* stop; /* texts that end the answer and are not part of it; each ends with a NUL */
  size_t stop_count;
  const int32_t* stop_tokens; /* besides the vocabulary's own end tokens */
  size_t stop_token_count;
  int32_t ignore_end;     /* go on past the vocabulary's end tokens */
  int32_t continues_text; /* the answer continues the prompt's text: keep a space at its beginning */
  const char* json;       /* {"minP": 0.1, "stop": ["\n"], "logitBias": {"42": null}}, in which null is minus
                             infinity; read during the call; may be NULL */
} hearth_generation_options;

/* Sets the defaults, with what the model's file recommends for itself; `model` may be NULL. */
void hearth_generation_options_init(const hearth_model* model, hearth_generation_options* options,
                                    size_t struct_size);

/* Copies what it is given. The generation advances with hearth_model_step. `options` may be NULL. */
hearth_status hearth_generation_create(hearth_model* model, const int32_t* tokens, size_t count,
                                       const hearth_generation_options* options,
                                       hearth_generation** generation);

/* Runs one batch for all generations of the model: some rows of a prompt, or the next token of answers.
 * `busy` becomes 0 when there is nothing left to run but what is held. Returns after one batch, so that a
 * caller with an event loop can do other things in between. */
hearth_status hearth_model_step(hearth_model* model, int* busy);

/* The same in two halves, for callers that must not wait for a device, such as a browser's worker: the first
 * begins a batch unless one is going on, the second says whether it is done (`ready`; never waits). Only when
 * it is are there new events, and `busy` is as above. */
hearth_status hearth_model_step_begin(hearth_model* model);
hearth_status hearth_model_step_ready(hearth_model* model, int* ready, int* busy);

typedef enum hearth_finish_reason HEARTH_AS_INT {
  HEARTH_FINISH_NONE = 0,  /* still going */
  HEARTH_FINISH_STOP,      /* an end token or a stop text */
  HEARTH_FINISH_LENGTH,    /* max_tokens reached, or the context is full */
  HEARTH_FINISH_CANCELLED, /* by hearth_generation_cancel */
  HEARTH_FINISH_ERROR,
  HEARTH_FINISH_TOOL_CALLS /* as STOP, behind calls of tools */
} hearth_finish_reason;

/* "stop", "length", "cancelled", "error" or "tool-calls"; "" for NONE. Never NULL. */
const char* hearth_finish_reason_name(hearth_finish_reason reason);

typedef struct hearth_event {
  uint32_t struct_size;
  int32_t present;  /* 0: there is no event now; all else is then 0 */
  const char* text; /* whole characters; belongs to the generation, until its next event */
  size_t text_size;
  hearth_finish_reason finish; /* not NONE in the last event */
  hearth_status error;         /* of HEARTH_FINISH_ERROR */
  const char* error_message;   /* likewise, belongs to the generation; otherwise "" */
  int32_t prompt_tokens;
  int32_t cached_tokens; /* of the prompt, reused from an earlier generation */
  int32_t completion_tokens;
  double queued_ms;
  double prefill_ms;
  double decode_ms;
  uint64_t seed;    /* that tokens are drawn with, given or new; a new one has at most 53 bits */
  const char* json; /* what else it carries (engine/runtime/event_json.h), or ""; the generation's, as text */
} hearth_event;

/* Fills in `event`, whose struct_size the caller has set to sizeof(hearth_event), with the oldest event not
 * yet read. Never waits. */
hearth_status hearth_generation_next(hearth_generation* generation, hearth_event* event);
/* The generation ends before the next batch. Its last event says so. From any thread; NULL is allowed. */
void hearth_generation_cancel(hearth_generation* generation);
/* While `held`, no token is computed for it and its place is free for others: for readers that cannot keep
 * up. From any thread; NULL is allowed. */
void hearth_generation_hold(hearth_generation* generation, int held);
/* Cancels it if it is still going. NULL is allowed. */
void hearth_generation_free(hearth_generation* generation);

/* ---- State ---- */

/* What finished generations have read, with its keys and values, in whole pages of 64 positions: a later run
 * of the same model gets it back and goes on in those texts without reading them again. */
hearth_status hearth_model_save_state(hearth_model* model, hearth_bytes* state);
/* INVALID_ARGUMENT for bytes that no save_state of this model with this kv_type has made, INTEGRITY for
 * damaged ones. Where the cache is too small for all of it, what was used last stays. */
hearth_status hearth_model_restore_state(hearth_model* model, const uint8_t* state, size_t size);

/* ---- Numbers ---- */

/* Runs the tokens as a text of their own and gives vocab_size logits for every position from `first` on:
 * logits_count must be (count - first) * vocab_size. T5's encoder reads those before `first`. */
hearth_status hearth_logits(hearth_model* model, const int32_t* tokens, size_t count, size_t first,
                            float* logits, size_t logits_count);

typedef enum hearth_pooling HEARTH_AS_INT { HEARTH_POOLING_MEAN = 0, HEARTH_POOLING_LAST } hearth_pooling;

/* The text's embedding, of Euclidean length 1: embedding_length values. */
hearth_status hearth_embed(hearth_model* model, const int32_t* tokens, size_t count, hearth_pooling pooling,
                           float* embedding, size_t embedding_count);

/* ---- Several models ---- */

/* Which of several models stay in memory, in names and numbers: it neither loads nor frees them, the caller
 * does. One thread at a time may use a registry. */
typedef struct hearth_registry hearth_registry;

/* `memory_budget`: bytes that models may take together; 0: no limit. `default_model` names the model that
 * answers where a request names none; NULL: the first that is added. */
hearth_status hearth_registry_create(uint64_t memory_budget, const char* default_model,
                                     hearth_registry** registry);
/* NULL is allowed. */
void hearth_registry_free(hearth_registry* registry);

/* Told, before hearth_registry_add returns, of a model that has to be unloaded. */
typedef void (*hearth_unload)(void* user, const char* name);

/* Takes in a model that needs `memory` bytes. For it, models without requests are unloaded, those first that
 * were used longest ago; they are in the registry no longer. OUT_OF_MEMORY where all of them together would
 * not make room: then everything stays as it was. INVALID_ARGUMENT where there is a model of that name. */
hearth_status hearth_registry_add(hearth_registry* registry, const char* name, uint64_t memory,
                                  hearth_unload unload, void* user);
/* NOT_FOUND where there is no such model, as in the two functions below. */
hearth_status hearth_registry_remove(hearth_registry* registry, const char* name);
/* From now on it answers where a request names no model. */
hearth_status hearth_registry_use(hearth_registry* registry, const char* name);

typedef struct hearth_request {
  uint64_t id;
  const char* model; /* its name; belongs to the registry, until the model is removed or unloaded */
} hearth_request;

/* A request begins: the model that it names, or with NULL the current one, stays until hearth_registry_end,
 * unless it is removed. */
hearth_status hearth_registry_begin(hearth_registry* registry, const char* name, hearth_request* request);
/* By the id that the request began with. NULL is allowed. */
void hearth_registry_end(hearth_registry* registry, uint64_t request);

/* {"current": a name or null, "models": [{"id": its name, "memory", "active": its requests}, ...]} */
hearth_status hearth_registry_json(const hearth_registry* registry, hearth_text* json);

/* ---- Calls by name ---- */

/* Most of the above again, in one form for all, for bindings that pass calls on without knowing them. The
 * calls and what they take are listed in engine/hearth_calls.cpp. */

typedef enum hearth_reply_type HEARTH_AS_INT {
  HEARTH_REPLY_NOTHING = 0,
  HEARTH_REPLY_JSON,
  HEARTH_REPLY_TEXT, /* UTF-8 */
  HEARTH_REPLY_BYTES,
  HEARTH_REPLY_INT32,
  HEARTH_REPLY_FLOAT32
} hearth_reply_type;

typedef struct hearth_reply {
  hearth_reply_type type;
  hearth_bytes data; /* to be freed with hearth_bytes_free */
} hearth_reply;

/* `arguments` is a JSON array, and `data` the tokens (int32_t) or bytes that belong to it. INVALID_ARGUMENT
 * for a name that there is not. */
hearth_status hearth_call(hearth_model* model, const char* name, const char* arguments, const void* data,
                          size_t size, hearth_reply* reply);
/* Whether it only reads the model, so that any thread may call it at any time: 1 or 0. */
int hearth_call_only_reads(const char* name);

#ifdef __cplusplus
}
#endif

/* NOLINTEND(modernize-deprecated-headers, modernize-use-using) */

#endif
