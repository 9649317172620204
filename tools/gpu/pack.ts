// Packs what repeats itself, as kernels of different options do: the bytes that follow, and where bytes like those
// behind them were before, again and again. engine/compute/gpu/packed.cpp unpacks it.
//
//   count, so many bytes; length, distance: so many bytes as so many bytes before; ...
//
// Numbers are in bytes of seven bits, the lowest first, the eighth bit set in all but the last.

/** Shorter repetitions take hardly less than the bytes themselves. */
const SHORTEST = 6;

/** Of the places where bytes begin alike, so many are looked at. */
const LOOKED_AT = 32;

const HASH_BITS = 18;

export function pack(bytes: Uint8Array): Uint8Array {
  const latest = new Int32Array(1 << HASH_BITS).fill(-1); // by hash: the last place with that one
  const earlier = new Int32Array(bytes.length).fill(-1); // by place: the one before with the same hash
  const packed: number[] = [];
  let literals = 0;
  for (let at = 0; at < bytes.length; ) {
    const [length, distance] = longestBefore(bytes, at, latest, earlier);
    const step = length >= SHORTEST ? length : 1;
    if (length >= SHORTEST) {
      putNumber(packed, at - literals);
      for (let i = literals; i < at; i++) packed.push(bytes[i] ?? 0);
      putNumber(packed, length);
      putNumber(packed, distance);
      literals = at + length;
    }
    for (let i = at; i < at + step; i++) {
      const hash = hashOf(bytes, i);
      earlier[i] = latest[hash] ?? -1;
      latest[hash] = i;
    }
    at += step;
  }
  putNumber(packed, bytes.length - literals);
  for (let i = literals; i < bytes.length; i++) packed.push(bytes[i] ?? 0);
  return Uint8Array.from(packed);
}

function hashOf(bytes: Uint8Array, at: number): number {
  let hash = 0;
  for (let i = at; i < at + SHORTEST; i++) hash = Math.imul(hash ^ (bytes[i] ?? 0), 0x01000193);
  return (hash ^ (hash >>> HASH_BITS)) & ((1 << HASH_BITS) - 1);
}

function longestBefore(bytes: Uint8Array, at: number, latest: Int32Array, earlier: Int32Array): [number, number] {
  let longest = 0;
  let distance = 0;
  let place = latest[hashOf(bytes, at)] ?? -1;
  for (let looked = 0; place >= 0 && looked < LOOKED_AT; looked++) {
    let length = 0;
    while (at + length < bytes.length && bytes[place + length] === bytes[at + length]) length++;
    if (length > longest) {
      longest = length;
      distance = at - place;
    }
    place = earlier[place] ?? -1;
  }
  return [longest, distance];
}

export function putNumber(packed: number[], number: number): void {
  let rest = number;
  for (; rest >= 128; rest = Math.floor(rest / 128)) packed.push((rest % 128) + 128);
  packed.push(rest);
}
