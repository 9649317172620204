/** What of several names was most likely meant: the one with the fewest letters to change, whatever their case. */

export function nearest(name: string, names: string[]): string {
  const plain = (text: string) => text.toLowerCase().replace(/[_-]/g, "");
  const distances = names.map((known) => ({ known, edits: edits_between(plain(name), plain(known)) }));
  return distances.reduce((best, each) => (each.edits < best.edits ? each : best)).known;
}

/** Letters to put in, take out or replace (Levenshtein 1965). */
function edits_between(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 0; i < a.length; ++i) {
    const next = [i + 1];
    for (let j = 0; j < b.length; ++j) {
      const [left = 0, above = 0, corner = 0] = [next[j], row[j + 1], row[j]];
      next.push(Math.min(left + 1, above + 1, corner + Number(a[i] !== b[j])));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
