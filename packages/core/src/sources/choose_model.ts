/**
 * Which of a repository's files a name means: by the type in its name, or where none is named, the best that fits. The
 * rule is one in all languages: choose_model_cases.json holds them to it (C++: apps/store/choose_model.cpp).
 */

import { HearthError } from "../errors.js";
import { nearest } from "../nearest.js";

export interface ListedModel {
  /** In the repository. */
  path: string;
  /** In bytes. */
  size?: number;
  /** Whether it was downloaded before. */
  here?: boolean;
}

/** Bytes that a model may take; undefined: not known, or no limit. */
export interface Room {
  memory?: number;
  /** Where downloads are kept. */
  storage?: number;
}

export interface ModelChoice {
  path: string;
  /** What there is, and why it is this one, where the name left that open. */
  message?: string;
}

interface Candidate extends ListedModel {
  /** "Q4_K_M", "UD-Q4_K_XL"; "" where the name says none. */
  type: string;
}

/** Of about four bits, the best first; others of four bits come behind them. */
const usual_types = ["Q4_K_M", "UD-Q4_K_XL", "Q4_K_XL", "Q4_K_L", "Q4_K_S", "IQ4_NL", "IQ4_XS", "MXFP4_MOE", "MXFP4"];

const float_bits: Record<string, number> = { BF16: 16, F16: 16, FP16: 16, F32: 32, FP32: 32, MXFP4: 4, MXFP4_MOE: 4 };

const most_listed = 40;

/**
 * `repository` is what errors call it. NOT_FOUND where nothing has the type, with the nearest and what there is;
 * INVALID_ARGUMENT where several have it; MODEL_TOO_LARGE where no type is named and nothing fits.
 */
export function choose_model(
  repository: string,
  wanted: string | undefined,
  files: ListedModel[],
  room: Room = {},
): ModelChoice {
  const models = models_among(files);
  if (models.length === 0) throw new HearthError("NOT_FOUND", `${repository}: the repository has no GGUF file`);
  if (wanted !== undefined) return { path: of_type(repository, wanted, models).path };
  const chosen = [...models].sort(in_order).find((model) => fits(model, room));
  if (!chosen) {
    const message = `${repository}: no file fits into ${shown_room(room)}; there are ${shown(models)}; name one to take it all the same`;
    throw new HearthError("MODEL_TOO_LARGE", message);
  }
  if (models.length === 1) return { path: chosen.path };
  const message = `${repository} has ${shown(models)}: ${label(chosen, models)} is taken, ${reason(chosen)}${shown_limit(room)}`;
  return { path: chosen.path, message };
}

/** Projectors of images and importance matrices are no models; of a split one, the first part stands for all. */
function models_among(files: ListedModel[]): Candidate[] {
  const models = files.filter(({ path }) => /\.gguf$/i.test(path) && !/mmproj|imatrix/i.test(path));
  const firsts = models.filter(({ path }) => !/-(?!00001)\d{5}-of-\d{5}\.gguf$/i.test(path));
  return firsts
    .map((file) => ({ ...file, size: whole_size(file, models), type: type_of(file.path) }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

function whole_size(first: ListedModel, files: ListedModel[]): number | undefined {
  const [, stem, count] = /^(.*)-00001-of-(\d{5})\.gguf$/i.exec(first.path) ?? [];
  if (stem === undefined) return first.size;
  const parts = files.filter(
    ({ path }) => path.startsWith(`${stem}-`) && path.slice(stem.length + 6).startsWith(`-of-${count}`),
  );
  if (parts.length !== Number(count) || parts.some(({ size }) => size === undefined)) return undefined;
  return parts.reduce((sum, { size = 0 }) => sum + size, 0);
}

/** The last word of the file's name, or of its folder's, that is a type: words end at "-", "." and "/". */
function type_of(path: string): string {
  const name = path.replace(/(-\d{5}-of-\d{5})?\.gguf$/i, "").toUpperCase();
  const word = /(?<=^|[-._/])(UD-)?(I?Q[1-8](?:_[A-Z0-9]+)*|TQ[12]_0|BF16|FP?16|FP?32|MXFP4(?:_MOE)?)(?=$|[-./])/g;
  const in_file = [...name.slice(name.lastIndexOf("/") + 1).matchAll(word)];
  return (in_file.at(-1) ?? [...name.matchAll(word)].at(-1))?.[0] ?? "";
}

/** As a word of its own: Q4_K is not in model-Q4_K_M.gguf, nor F16 in model-BF16.gguf. */
function has_word(path: string, word: string): boolean {
  const plain = word.replaceAll(".", "\\.");
  return new RegExp(`(^|[-._/])${plain}([-./]|$)`, "i").test(path.replace(/\.gguf$/i, ""));
}

function of_type(repository: string, wanted: string, models: Candidate[]): Candidate {
  const same = models.filter(({ type }) => type === wanted.toUpperCase());
  const found = same.length > 0 ? same : models.filter(({ path }) => has_word(path, wanted));
  if (found.length === 1) return found[0] as Candidate;
  if (found.length > 1) {
    const paths = found.map(({ path }) => path).join(", ");
    const message = `${repository}: several files have ${wanted} in their names: ${paths}; name one of them`;
    throw new HearthError("INVALID_ARGUMENT", message);
  }
  const types = models.map(({ type }) => type).filter((type) => type !== "");
  const hint = types.length > 0 ? `; the nearest is ${nearest(wanted, types)}` : "";
  const message = `${repository}: no file has ${wanted} in its name${hint}; there are ${shown(models)}`;
  throw new HearthError("NOT_FOUND", message);
}

/** Weights, keys and values of a usual context, and what is computed in between. */
function fits({ size, here = false }: Candidate, { memory = Infinity, storage = Infinity }: Room): boolean {
  if (size === undefined) return true;
  return size + Math.floor(size / 10) + 2 ** 28 <= memory && (here || size <= storage);
}

function bits_of(type: string): number {
  const plain = type.replace(/^UD-/, "");
  return float_bits[plain] ?? Number(/\d/.exec(plain)?.[0] ?? 0);
}

/** Four bits, then more from the least on, then less from the most on, then what names no type. */
function class_of({ type }: Candidate): number {
  const bits = bits_of(type);
  if (bits === 4) return 0;
  return bits > 4 ? 1 : bits > 0 ? 2 : 3;
}

function rank(model: Candidate): number[] {
  const { type, size = 0 } = model;
  const kind = class_of(model);
  const usual = usual_types.indexOf(type);
  if (kind === 0) return [0, usual < 0 ? usual_types.length : usual, -size];
  return kind === 1 ? [1, bits_of(type), size] : [kind, -bits_of(type), kind === 2 ? -size : 0];
}

function in_order(a: Candidate, b: Candidate): number {
  const [of_a, of_b] = [rank(a), rank(b)];
  const different = of_a.findIndex((value, index) => value !== of_b[index]);
  if (different >= 0) return (of_a[different] as number) - (of_b[different] as number);
  return a.path < b.path ? -1 : 1;
}

function reason(model: Candidate): string {
  const reasons = [
    "the best of about 4 bits that fits",
    "the smallest above 4 bits that fits",
    "the largest below 4 bits that fits",
    "the first that fits",
  ];
  return reasons[class_of(model)] as string;
}

/** By its type, or by its file where others have the same. */
function label({ path, type }: Candidate, models: Candidate[]): string {
  return type !== "" && models.filter((model) => model.type === type).length === 1 ? type : path;
}

function shown(models: Candidate[]): string {
  const listed = models.slice(0, most_listed).map((model) => {
    const name = label(model, models);
    return model.size === undefined ? name : `${name} (${shown_bytes(model.size)})`;
  });
  if (models.length > most_listed) listed.push(`${models.length - most_listed} more`);
  return listed.join(", ");
}

function shown_room({ memory, storage }: Room): string {
  const limits = [];
  if (memory !== undefined) limits.push(`${shown_bytes(memory)} of memory`);
  if (storage !== undefined) limits.push(`${shown_bytes(storage)} of storage`);
  return limits.join(" and ");
}

function shown_limit(room: Room): string {
  const limits = shown_room(room);
  return limits === "" ? "" : ` into ${limits}`;
}

/** In tenths of a gigabyte, or in megabytes. */
function shown_bytes(bytes: number): string {
  if (bytes < 1e9) return `${Math.floor((bytes + 5e5) / 1e6)} MB`;
  const tenths = Math.floor((bytes + 5e7) / 1e8);
  return `${Math.floor(tenths / 10)}.${tenths % 10} GB`;
}
