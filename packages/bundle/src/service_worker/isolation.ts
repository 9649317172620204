/** What makes a page cross-origin isolated, which browsers ask of pages whose threads share memory. */

const headers = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  "cross-origin-resource-policy": "same-origin",
};

/** The response with the headers that its host may not have sent. */
export function isolated(response: Response, more: Record<string, string> = {}): Response {
  // A redirected navigation, or an error, is the browser's affair.
  if (response.type === "opaqueredirect" || response.type === "error") return response;
  const all = new Headers(response.headers);
  for (const [name, value] of Object.entries({ ...headers, ...more })) all.set(name, value);
  const { status, statusText } = response;
  return new Response([204, 205, 304].includes(status) ? null : response.body, { status, statusText, headers: all });
}
