/** What an option may be. Those of the engine are in option_table.ts; these have the same form. */
export interface Option {
  type:
    | "integer"
    | "number"
    | "name"
    | "text"
    | "some text"
    | "json"
    | "flag"
    | "texts"
    | "names"
    | "tokens"
    | "biases"
    | "adapters"
    | "list"
    | "object"
    | "function"
    | "any";
  /** Of a number. */
  least?: number;
  most?: number;
  /** A number with a meaning of its own, in the range or outside it. */
  special?: number;
  meaning?: string;
  /** Of a name, or of several. */
  names?: readonly string[];
}

/** An adapter, by the id that loadAdapter gave it, and how strongly it is added: 1 where nothing is said. */
export interface AdapterChoice {
  id: number;
  scale?: number;
}

export type OptionTable = Readonly<Record<string, Option>>;
