// What Hearth's own clients speak (packages/core/src/server, python/): the engine's calls and answers, as
// they are, so that a model behind the server is used as one in the program.
#pragma once

#include "apps/serve/service.h"

namespace hearth::serve::native {

void add_routes(Routes& routes);

/// POST /v1/hearth/load: {"model": NAME} makes sure that a model is loaded. With "id", or "options" of
/// loading (docs/options.md), it is loaded once more, under that id or, where that is taken, one like it. The
/// answer is events, {"progress": {"stage", "loaded", "total"}}, any number of them, and in the end {"model":
/// {"id", "info", "memory"}} or {"error": {"code", "message"}}.
Awaitable<> load(Service& service, Exchange& exchange);

/// POST /v1/hearth/unload: {"model": ID}: {}.
Awaitable<> unload(Service& service, Exchange& exchange);

/// POST /v1/hearth/generate: {"model", "tokens": [...], "options": {...}} as hearth_generate takes them.
/// Events: {"text", "extras", "completionTokens", "result"}; the last has a "result", with an "error":
/// {"code", "message"} where it failed.
Awaitable<> generate(Service& service, Exchange& exchange);

/// POST /v1/hearth/call: {"model", "name", "arguments": [...], "data": BASE64}: hearth_call. Its reply's
/// bytes; the header X-Hearth-Reply says what they are: nothing, json, text, bytes, int32 or float32,
/// little-endian.
Awaitable<> call(Service& service, Exchange& exchange);

/// POST /v1/models/pull: {"model": REFERENCE} downloads it. Events: {"progress": {"stage", "loaded", "total",
/// "file", "message"}}, any number of them, and in the end {"model": {"id", "reference", "size"}} or an
/// error. What has come stays where the client leaves before.
Awaitable<> pull(Service& service, Exchange& exchange);

/// DELETE /v1/models/NAME: deletes a model that was downloaded.
Awaitable<> erase(Service& service, Exchange& exchange);

}  // namespace hearth::serve::native
