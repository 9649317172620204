/**
 * A worker's file must be of its page's origin. One of another, as from a CDN, is reached through a module that only
 * imports it: its address, or undefined where that is not needed.
 *
 * `module_url` is the importing module's own import.meta.url, handed over under another name: an expression
 * `new URL("./file.js", import.meta.url)` makes bundlers take the file for one to be copied. webpack puts the address on
 * the builder's disk in its place, from which no page was ever loaded.
 */
export function importing(file: string, module_url: string): string | undefined {
  const { href, protocol, origin } = new URL(file, module_url);
  if (!protocol.startsWith("http") || origin === globalThis.location?.origin) return undefined;
  const source = new Blob([`import ${JSON.stringify(href)};`], { type: "text/javascript" });
  return URL.createObjectURL(source);
}
