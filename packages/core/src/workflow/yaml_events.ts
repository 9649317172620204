/**
 * YAML read by the library `yaml`, as the events of which the interpreter makes a document: the same ones as
 * apps/workflow/yaml_events.cpp makes with yaml-cpp, but for the places of values that are left out.
 */

import type { Node, ParsedNode, Scalar, YAMLMap, YAMLSeq } from "yaml";
import { HearthError } from "../errors.js";
import type { YamlEvent } from "./interpreter.js";

type Yaml = typeof import("yaml");
type Place = [line: number, column: number];

const most_events = 2_000_000;

/** More than the interpreter takes (100): the library calls itself at each level, and Node.js ends where the stack is full. */
const deepest = 128;

/** The events of the one document in a text. INVALID_ARGUMENT, "NAME:LINE:COLUMN: ...", where it is no YAML, or several documents. */
export async function yaml_events(text: string, name: string): Promise<YamlEvent[]> {
  // Only those who have workflows pay for it.
  const yaml = await import("yaml");
  const bare = text.startsWith("\ufeff") ? text.slice(1) : text;
  const places = new Places(bare);
  const fault = (offset: number, what: string) => {
    const [line, column] = places.of(offset);
    return new HearthError("INVALID_ARGUMENT", `${name}:${line}:${column}: ${what}`);
  };
  try {
    const { tokens, properties, tooDeep } = parsed(yaml, bare);
    if (tooDeep !== undefined) throw fault(tooDeep, "nested more than 100 deep");
    const documents = [...new yaml.Composer(composer_options).compose(tokens)];
    const [document] = documents;
    if (!document) return [];
    const [error] = document.errors;
    if (error) throw fault(error.pos[0], error.message);
    if (documents.length > 1) throw fault(0, "there are several documents; a file has one workflow");
    return new EventList(yaml, places, properties).of(document.contents as ParsedNode | null);
  } catch (error) {
    if (error instanceof HearthError) throw error;
    if (error instanceof TooLarge) throw fault(0, "it is too large for a workflow");
    throw HearthError.from(error, "INVALID_ARGUMENT");
  }
}

/** Whatever a scalar is, and which keys are there twice, the interpreter finds out: it is the same everywhere. */
const composer_options = {
  schema: "failsafe",
  resolveKnownTags: false,
  uniqueKeys: false,
  prettyErrors: false,
  version: "1.2",
} as const;

class TooLarge extends Error {}

/** The tokens of a text, and the offsets of its anchors and tags, which the library's nodes do not have. */
function parsed({ CST, Lexer, Parser }: Yaml, text: string) {
  const parser = new Parser();
  const tokens = [];
  const properties: number[] = [];
  let offset = 0;
  let is_scalar = false;
  for (const lexeme of new Lexer().lex(text)) {
    if (!is_scalar && /^[&!]/.test(lexeme)) properties.push(offset);
    is_scalar = lexeme === CST.SCALAR;
    for (const token of parser.next(lexeme)) tokens.push(token);
    const is_mark = is_scalar || lexeme === CST.DOCUMENT || lexeme === CST.FLOW_END;
    offset += is_mark ? 0 : lexeme.length;
    if (parser.stack.length > deepest) return { tokens, properties, tooDeep: offset };
  }
  for (const token of parser.end()) tokens.push(token);
  return { tokens, properties };
}

/** Lines and columns from 1, columns in characters, for offsets that mostly come in the order of the text. */
class Places {
  readonly #text: string;
  #offset = 0;
  #line = 1;
  #column = 1;

  constructor(text: string) {
    this.#text = text;
  }

  of(offset: number): Place {
    if (offset < this.#offset) [this.#offset, this.#line, this.#column] = [0, 1, 1];
    for (; this.#offset < offset && this.#offset < this.#text.length; this.#offset++) {
      const unit = this.#text.charCodeAt(this.#offset);
      if (unit === 10) {
        this.#line++;
        this.#column = 1;
      } else if (unit < 0xdc00 || unit > 0xdfff) {
        this.#column++; // the second half of a pair is no character
      }
    }
    return [this.#line, this.#column];
  }
}

/** Takes nodes down in the order of the text. */
class EventList {
  readonly #yaml: Yaml;
  readonly #places: Places;
  readonly #properties: number[];
  readonly #events: YamlEvent[] = [];
  #next_property = 0;
  /** Where the text is read up to. */
  #at = 0;

  constructor(yaml: Yaml, places: Places, properties: number[]) {
    this.#yaml = yaml;
    this.#places = places;
    this.#properties = properties;
  }

  of(node: Node | null): YamlEvent[] {
    this.#add_node(node);
    return this.#events;
  }

  #add_node(node: Node | null): void {
    const { isAlias, isMap, isScalar } = this.#yaml;
    if (node === null) {
      this.#add(["=", ...this.#places.of(this.#at), "", "plain", "", ""]);
      return;
    }
    const place = this.#place_of(node);
    if (isAlias(node)) this.#add(["*", ...place, node.source]);
    else if (isScalar(node)) this.#add_scalar(node, place);
    else this.#add_container(node as YAMLMap | YAMLSeq, place, isMap(node) ? "{}" : "[]");
  }

  #add_scalar({ value, type, anchor = "", tag = "" }: Scalar, place: Place): void {
    const text = String(value ?? "");
    const is_plain = type === "PLAIN" && tag === "";
    // All ways to write null are one, as yaml-cpp has it.
    const is_null = is_plain && ["~", "null", "Null", "NULL"].includes(text);
    this.#add(["=", ...place, is_null ? "" : text, is_plain ? "plain" : "quoted", anchor, tag === "!" ? "" : tag]);
  }

  #add_container({ items, anchor = "", tag = "" }: YAMLMap | YAMLSeq, place: Place, [begin, end]: string): void {
    this.#add([begin as string, ...place, anchor, tag]);
    for (const item of items) {
      if (!this.#yaml.isPair(item)) this.#add_node(item as Node | null);
      else for (const part of [item.key, item.value]) this.#add_node(part as Node | null);
    }
    this.#add([end as string]);
  }

  /** That of its anchor and tag, where it has them. */
  #place_of(node: Node): Place {
    const begin = node.range?.[0] ?? this.#at;
    // Those of a map that has none of its own may be its first key's.
    const first = Math.min(begin, this.#properties[this.#next_property] ?? begin);
    this.#next_property += Number("anchor" in node && node.anchor !== undefined) + Number(node.tag !== undefined);
    this.#at = Math.max(this.#at, begin);
    return this.#places.of(first);
  }

  #add(event: YamlEvent): void {
    if (this.#events.push(event) > most_events) throw new TooLarge();
  }
}
