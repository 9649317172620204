/** An engine somewhere else: in a worker, reached by messages. */

export { type Channel, Connection } from "./connection.js";
export { load_over } from "./load_over.js";
export type { Answer, Request } from "./protocol.js";
export { type Opened, RemoteEngine } from "./remote_engine.js";
export { Hosted, type OpenContext, type OpenedModel, type Port, Session } from "./session.js";
