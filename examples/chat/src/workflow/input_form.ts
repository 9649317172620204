/** A form for what a JSON schema says of an object's members. */

import { element } from "../elements";

export interface Schema {
  type?: string | string[];
  title?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  minimum?: number;
  maximum?: number;
  properties?: Record<string, Schema>;
  required?: string[];
}

type Control = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

interface Field {
  name: string;
  control: Control;
  /** Undefined where nothing is given; throws where it is no value. */
  read(): unknown;
}

export class InputForm {
  readonly #fields: Field[];

  /** Null: nothing is asked for. */
  constructor(form: HTMLFormElement, schema: Schema | null) {
    const { properties = {}, required = [] } = schema ?? {};
    this.#fields = Object.entries(properties).map(([name, member]) => field_of(name, member, required.includes(name)));
    for (const { name, control } of this.#fields) form.append(labelled(name, control, properties[name] ?? {}));
  }

  /** Undefined where something is no value; the field says so. */
  value(): Record<string, unknown> | undefined {
    const value: Record<string, unknown> = {};
    for (const { name, control, read } of this.#fields) {
      control.setCustomValidity("");
      try {
        const given = read();
        if (given !== undefined) value[name] = given;
      } catch {
        control.setCustomValidity("This is no JSON");
        control.reportValidity();
        return undefined;
      }
    }
    return value;
  }
}

function labelled(name: string, control: Control, { title, description }: Schema): HTMLElement {
  control.id = `input-${name}`;
  const hint = description && element("small", { id: `${control.id}-hint`, textContent: description });
  if (hint) control.setAttribute("aria-describedby", hint.id);
  const label = element("label", { htmlFor: control.id, textContent: title ?? name });
  const is_check = control.matches("[type=checkbox]");
  return element("div", { className: is_check ? "field check" : "field" }, label, control, hint || undefined);
}

function field_of(name: string, schema: Schema, required: boolean): Field {
  const type = Array.isArray(schema.type) ? schema.type.find((one) => one !== "null") : schema.type;
  if (schema.enum) return choice(name, schema.enum, schema.default, required);
  if (type === "boolean") return check(name, schema.default === true);
  if (type === "integer" || type === "number") return number(name, schema, type === "integer", required);
  return text(name, schema.default, type === "string", required);
}

function choice(name: string, values: unknown[], chosen: unknown, required: boolean): Field {
  const options = values.map((value, index) =>
    element("option", { value: String(index), textContent: String(value), selected: value === chosen }),
  );
  const none = required || chosen !== undefined ? [] : [element("option", { value: "", textContent: "" })];
  const control = element("select", { required }, ...none, ...options);
  return { name, control, read: () => (control.value === "" ? undefined : values[Number(control.value)]) };
}

function check(name: string, checked: boolean): Field {
  const control = element("input", { type: "checkbox", checked });
  return { name, control, read: () => control.checked };
}

function number(name: string, schema: Schema, whole: boolean, required: boolean): Field {
  const control = element("input", {
    type: "number",
    required,
    step: whole ? "1" : "any",
    min: String(schema.minimum ?? ""),
    max: String(schema.maximum ?? ""),
    value: String(schema.default ?? ""),
  });
  return { name, control, read: () => (control.value === "" ? undefined : control.valueAsNumber) };
}

/** Of a text what it is, of anything else JSON. */
function text(name: string, given: unknown, plain: boolean, required: boolean): Field {
  const value = given === undefined ? "" : plain ? String(given) : JSON.stringify(given);
  const control = element("textarea", { rows: plain ? 2 : 4, value, required, spellcheck: plain });
  const read = () => (control.value === "" ? undefined : plain ? control.value : JSON.parse(control.value));
  return { name, control, read };
}
