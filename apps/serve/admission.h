// What requests are held to before they are answered, those of HTTP and those on a WebSocket alike.
#pragma once

#include "apps/serve/operation/request_record.h"
#include "apps/serve/service.h"

namespace hearth::serve {

/// The status that is noted of requests whose clients left before the answer's end, or cancelled them; nobody
/// gets to read it.
inline constexpr int kClientLeft = 499;

/// Throws a Refusal (503) where the server takes no new requests, since it ends.
void refuse_while_ending(const Service& service);

/// Throws a Refusal (403) where there is a key, and it is not for requests of that kind.
void require_scope(const RequestRecord& record, Scope scope);

/// Counts the request among those of its key, with the tokens that `bytes` of it may be, until the record
/// ends. Throws a Refusal (429) where the key has to wait. `headers` tell what is left.
void charge(Service& service, RequestRecord& record, size_t bytes, Headers& headers,
            Place place = Place::kOwn);

}  // namespace hearth::serve
