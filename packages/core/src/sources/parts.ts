/** All parts of a split model, whose first part is named; otherwise the URL itself. */
export function split_parts(url: URL): URL[] {
  const match = /-00001-of-(\d{5})\.gguf$/.exec(url.pathname);
  if (!match) return [url];
  const count = Number(match[1]);
  return Array.from({ length: count }, (_, index) => {
    const part = new URL(url);
    const number = String(index + 1).padStart(5, "0");
    part.pathname = url.pathname.replace(/-00001-of-/, `-${number}-of-`);
    return part;
  });
}
