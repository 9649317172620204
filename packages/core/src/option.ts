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

export type OptionTable = Readonly<Record<string, Option>>;
