/* The C interface of Hearth's workflows: an interpreter that its host drives.
 *
 * It reads no file, asks no model and has no clock: hearth_workflow_run_advance says what has happened and
 * what is asked of the host, who carries that out in its own time and gives the answers. docs/workflows.md
 * lists events, calls and their answers. So the same file means the same in a browser, in Python, on a
 * server.
 *
 * Errors, texts and memory are those of hearth.h. One thread at a time may use a workflow and its runs.
 */
#ifndef HEARTH_WORKFLOW_H
#define HEARTH_WORKFLOW_H

/* Plain C. NOLINTBEGIN(modernize-deprecated-headers, modernize-use-using) */

#include "hearth.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A workflow with those that it calls. */
typedef struct hearth_workflow hearth_workflow;
typedef struct hearth_workflow_run hearth_workflow_run;

/* ---- Reading ---- */

/* A workflow to be read. `functions_json` is a list of the names of actions that the host has beside
 * Hearth's; NULL: none. The path may be an address; what the file calls is found from there. */
hearth_status hearth_workflow_create(const char* path, const char* functions_json,
                                     hearth_workflow** workflow);

/* The path of the file that is to be given next; "" when all are there. */
hearth_status hearth_workflow_wanted(const hearth_workflow* workflow, hearth_text* path);

/* The wanted file, read by the host's own reader of YAML: a JSON list of its events, each
 *
 *   ["[", line, column, anchor, tag]  ["]"]          a list, between them; "" where there is no anchor or tag
 *   ["{", line, column, anchor, tag]  ["}"]          an object: keys and values in turns
 *   ["=", line, column, text, style, anchor, tag]    a scalar; style "plain" has neither quotes nor is a
 * block
 *   ["*", line, column, name]                        an alias
 *
 * Lines and columns count from 1, columns in characters. Fails where the first file is no document; what is
 * wrong otherwise is a fault. */
hearth_status hearth_workflow_add(hearth_workflow* workflow, const char* events_json, size_t size);

/* The wanted file cannot be read, for the reason given. Fails with that reason where it is the first one. */
hearth_status hearth_workflow_refuse(hearth_workflow* workflow, const char* reason);

/* All that is wrong, a JSON list: [{"severity": "error", "unsupported" or "warning", "rule", "line",
 * "column", "message", "file"}, ...]. With errors or what is unsupported it does not run. */
hearth_status hearth_workflow_faults(const hearth_workflow* workflow, hearth_text* json);

/* What it is: {"name", "description", "inputSchema", "runs"}. The schema is null where there is none. */
hearth_status hearth_workflow_info(const hearth_workflow* workflow, hearth_text* json);

/* A picture of it, as "mermaid" or "svg". */
hearth_status hearth_workflow_graph(const hearth_workflow* workflow, const char* format, hearth_text* text);

/* After its runs. NULL is allowed. */
void hearth_workflow_free(hearth_workflow* workflow);

/* ---- Running ---- */

/* A run that begins with `input_json`, an object. The workflow stays until the run is gone. */
hearth_status hearth_workflow_start(const hearth_workflow* workflow, const char* input_json, size_t size,
                                    hearth_workflow_run** run);

/* A run that goes on from a checkpoint, {"checkpoint": ..., "changes": {...}}: with changes to its state. */
hearth_status hearth_workflow_resume(const hearth_workflow* workflow, const char* json, size_t size,
                                     hearth_workflow_run** run);

/* Goes on as far as it gets at the time `now_ms`, of a clock that never goes back:
 * {"events": [...], "wakeAt": when to advance next if no answer comes before, or null, "ended": whether the
 * last event has come}. An event {"event": "call", "id", "kind", "request", "node"} asks the host;
 * {"event": "cancel", "id"} says that the answer is not wanted any more. */
hearth_status hearth_workflow_run_advance(hearth_workflow_run* run, double now_ms, hearth_text* json);

/* The answer to a call: {"id", "value"} or {"id", "error": {"code", "message"}}. One that nobody waits for is
 * passed over. */
hearth_status hearth_workflow_run_answer(hearth_workflow_run* run, const char* json, size_t size);

/* Has the next advance end the run with ABORTED. */
void hearth_workflow_run_cancel(hearth_workflow_run* run);

/* Where the run is, for hearth_workflow_resume: nodes that have ended are not run again. */
hearth_status hearth_workflow_run_checkpoint(const hearth_workflow_run* run, hearth_text* json);

void hearth_workflow_run_free(hearth_workflow_run* run);

#ifdef __cplusplus
}
#endif

/* NOLINTEND(modernize-deprecated-headers, modernize-use-using) */

#endif /* HEARTH_WORKFLOW_H */
