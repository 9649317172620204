/** What a page that is one file has in it, in script elements that no browser runs. */

import { from_seven_bits } from "../seven_bits.js";

export function carried_text(id: string): string {
  return document.getElementById(id)?.textContent ?? "";
}

export function carried_bytes(id: string): Uint8Array<ArrayBuffer> {
  return from_seven_bits(carried_text(id));
}

/** The model, element by element, so that it is not twice in memory. `report` hears of the bytes that are read. */
export async function take_model(report: (bytes: number) => void): Promise<Blob> {
  const parts: Blob[] = [];
  let bytes = 0;
  for (const element of document.querySelectorAll("script.hearth-model")) {
    const part = new Blob([from_seven_bits(element.textContent ?? "")]);
    element.textContent = "";
    parts.push(part);
    bytes += part.size;
    report(bytes);
    await new Promise((resolve) => setTimeout(resolve)); // for the page to show it
  }
  return new Blob(parts);
}
