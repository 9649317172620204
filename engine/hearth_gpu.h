/* A GPU that the caller of hearth.h brings: how WebGPU, which only JavaScript can reach, computes for the
 * engine in browsers and in Node.js.
 *
 * The engine puts down what a step computes as a list of commands, each a kernel at work on windows of blocks
 * of the GPU's memory, and hands it to a runner: a struct of functions. Kernels are asked for by name; their
 * text is in engine/compute/gpu/kernels, which says what a name means.
 *
 * A runner is given to a model as hearth_model_options.gpu and used with the device "gpu". The struct is
 * copied, with the properties; what `user` points at must stay until hearth_model_free has returned.
 *
 * Threads: functions are called on the thread that loads, steps, calls or frees the model, while it does so,
 * one at a time. Pointers that they are given are the caller's again when they return, besides `into` of
 * begin_read.
 *
 * Errors: a runner says what went wrong with the code that fits (OUT_OF_MEMORY, UNSUPPORTED for what a driver
 * refuses, DEVICE_LOST) and its message. What it learns of only later, `ready` or `wait` report; from then on
 * that runner is of no more use until it was opened anew, and where it is not, the CPU goes on.
 */
#ifndef HEARTH_GPU_H
#define HEARTH_GPU_H

/* Plain C. NOLINTBEGIN(modernize-deprecated-headers, modernize-use-using) */

#include "hearth.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What the GPU has, as WebGPU names it. 0 of a limit: what WebGPU promises at least. */
typedef struct hearth_gpu_properties {
  uint32_t struct_size;       /* sizeof(hearth_gpu_properties) */
  uint32_t binding_alignment; /* of where a window begins, in bytes */
  const char* name;           /* "NVIDIA H200" */
  const char* driver;        /* with its version; NULL: it is trusted, else what it computes is checked by the
                                processor once */
  uint64_t memory_bytes;     /* for blocks; 0: not known */
  uint64_t block_bytes;      /* of the largest block */
  uint64_t binding_bytes;    /* of the largest window */
  uint32_t storage_bindings; /* different blocks in one command, the list's data counted as one */
  uint32_t groups;           /* of one dimension of a command */
  uint32_t group_threads;    /* of a kernel */
  uint32_t group_memory_bytes; /* likewise */
  uint32_t subgroup_threads;   /* where all subgroups have as many; 0: they differ */
  int32_t half;                /* 1: kernels may use f16 */
  int32_t subgroups;           /* 1: likewise the sums of subgroups */
  int32_t packed_dot;          /* 1: likewise dot4I8Packed */
  int32_t software;            /* 1: a driver that computes on the processor */
} hearth_gpu_properties;

/* A window of a block, in bytes: offset a multiple of binding_alignment, size one of 4. Windows of a command
 * in the same block are the same window, which kernels see as one binding (a driver may forbid overlapping
 * ones). Block 0: the command is given nothing there. */
typedef struct hearth_gpu_binding {
  uint32_t block;
  uint32_t reserved; /* 0 */
  uint64_t offset;
  uint64_t size;
} hearth_gpu_binding;

/* So many groups of a kernel's threads, on so many windows of the list's: the operands, in their order. */
typedef struct hearth_gpu_command {
  uint32_t kernel;
  uint32_t groups[3];
  uint32_t first_binding;
  uint32_t binding_count;
} hearth_gpu_command;

/* 32-bit words that each command has as its parameters. */
#define HEARTH_GPU_PARAMETER_WORDS 64

/* Computed in order: each command sees what those before it wrote. */
typedef struct hearth_gpu_list {
  const hearth_gpu_command* commands;
  size_t command_count;
  const hearth_gpu_binding* bindings;
  size_t binding_count;
  const uint32_t* parameters; /* [command_count, HEARTH_GPU_PARAMETER_WORDS] */
  const uint32_t* data;       /* of the whole list: what kernels read as step_data; may have no words */
  size_t data_words;
} hearth_gpu_list;

/* How often a kernel ran, and how long in all by the GPU's own clock. */
typedef struct hearth_gpu_kernel_time {
  uint64_t calls;
  double seconds;
} hearth_gpu_kernel_time;

/* None of the functions may be NULL but the last three. Blocks and kernels are numbers that the runner gives
 * out; 0 is no block. What is written, submitted and read happens in that order. */
typedef struct hearth_gpu_runner {
  uint32_t struct_size; /* sizeof(hearth_gpu_runner) */
  const hearth_gpu_properties* properties;
  void* user; /* given to each function */

  /* What the last function that failed has to say; stays until the next call. */
  const char* (*message)(void* user);

  /* A block of undefined content; its size is a multiple of 4. */
  hearth_status (*create_block)(void* user, uint64_t size, uint32_t* block);
  /* What was submitted so far may still use it. */
  void (*destroy_block)(void* user, uint32_t block);

  /* UNSUPPORTED for a name that there is not. The same name is the same kernel. */
  hearth_status (*kernel)(void* user, const char* name, uint32_t* kernel);

  /* Offsets and sizes in bytes, multiples of 4. */
  void (*write)(void* user, uint32_t block, uint64_t offset, const void* from, size_t size);
  void (*submit)(void* user, const hearth_gpu_list* list);
  /* `into` is filled by the time that `ready` says so, or `wait` returns. Once either has failed, it must not
   * be touched. */
  void (*begin_read)(void* user, uint32_t block, uint64_t offset, void* into, size_t size);

  /* Whether all that was asked for is done: 1 or 0. Never waits. */
  hearth_status (*ready)(void* user, int* ready);
  /* Until all is done. Where nothing may wait, as in a browser: UNSUPPORTED unless it is done already. Then
   * only hearth_model_step_begin and _ready compute; what computes in one call, such as hearth_logits and
   * hearth_embed, fails with that. */
  hearth_status (*wait)(void* user);

  /* After DEVICE_LOST: opens the GPU, or another that has all of the properties, once more. Blocks and
   * kernels of before are gone; their numbers are not given out again, and destroying such a block does
   * nothing. Who must not wait has it opened before telling of the loss. Fails with the reason, and so does
   * NULL. */
  hearth_status (*reopen)(void* user);
  /* From now on each command's time is taken, which may make lists slower; nothing where there is no clock.
   */
  void (*begin_profile)(void* user);
  /* Of all lists since then that are done. */
  void (*kernel_time)(void* user, uint32_t kernel, hearth_gpu_kernel_time* time);
} hearth_gpu_runner;

#ifdef __cplusplus
}
#endif

/* NOLINTEND(modernize-deprecated-headers, modernize-use-using) */

#endif
