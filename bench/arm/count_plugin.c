// A plug-in of QEMU 7 (its interface of version 1, of which Debian ships no header): tells how many
// instructions ran in each function whose symbol has TEXT in it, of the argument in=TEXT.
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct qemu_info;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
enum operation { add_u64 };
void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, void (*translate)(uint64_t, struct qemu_plugin_tb*));
void qemu_plugin_register_atexit_cb(uint64_t id, void (*at_exit)(uint64_t, void*), void* data);
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn*, enum operation, void* to, uint64_t);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb*);
struct qemu_plugin_insn* qemu_plugin_tb_get_insn(const struct qemu_plugin_tb*, size_t);
const char* qemu_plugin_insn_symbol(const struct qemu_plugin_insn*);

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

enum { most = 64 };
static struct {
  const char* symbol;
  uint64_t instructions;
} functions[most];
static const char* wanted = "";

static uint64_t* counter_of(const char* symbol) {
  if (symbol == NULL || strstr(symbol, wanted) == NULL) return NULL;
  for (int i = 0; i < most; ++i) {
    if (!functions[i].symbol) functions[i].symbol = strdup(symbol);
    if (strcmp(functions[i].symbol, symbol) == 0) return &functions[i].instructions;
  }
  return NULL;
}

static void translate(uint64_t id, struct qemu_plugin_tb* block) {
  (void)id;
  for (size_t i = 0; i < qemu_plugin_tb_n_insns(block); ++i) {
    struct qemu_plugin_insn* instruction = qemu_plugin_tb_get_insn(block, i);
    uint64_t* counter = counter_of(qemu_plugin_insn_symbol(instruction));
    if (counter) qemu_plugin_register_vcpu_insn_exec_inline(instruction, add_u64, counter, 1);
  }
}

static void tell(uint64_t id, void* data) {
  (void)id, (void)data;
  for (int i = 0; i < most && functions[i].symbol; ++i) {
    fprintf(stderr, "%s %llu\n", functions[i].symbol, (unsigned long long)functions[i].instructions);
  }
}

__attribute__((visibility("default"))) int qemu_plugin_install(uint64_t id, const struct qemu_info* info,
                                                               int argument_count, char** arguments) {
  (void)info;
  if (argument_count > 0) wanted = strchr(arguments[0], '=') + 1;
  qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
  qemu_plugin_register_atexit_cb(id, tell, NULL);
  return 0;
}
