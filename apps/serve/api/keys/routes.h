// The keys of the server's callers, for those whose own key manages the server: what `hearth key` does, over
// HTTP. Nothing tells what a key is presented by, but the answer to who made or rotated it, this once.
#pragma once

#include "apps/serve/service.h"

namespace hearth::serve::keys {

void add_routes(Routes& routes);

/// GET /v1/keys: {"object": "list", "data": [KEY, ...]}, where a KEY has what the file has of it, but no
/// hash.
Awaitable<> list(Service& service, Exchange& exchange);

/// POST /v1/keys: {"name", ...} makes a key: a KEY with its "key", which callers present.
Awaitable<> create(Service& service, Exchange& exchange);

/// PATCH /v1/keys/ID: the members that are to change: a KEY.
Awaitable<> change(Service& service, Exchange& exchange);

/// POST /v1/keys/ID/rotate: a KEY with its new "key"; the old one is worth nothing.
Awaitable<> rotate(Service& service, Exchange& exchange);

/// GET /v1/hearth/caller: the KEY of who asks; on a server that asks for none, {"scopes"} alone.
Awaitable<> show_caller(Service& service, Exchange& exchange);

}  // namespace hearth::serve::keys
