/** Makes elements in one expression. */

type Child = Node | string | undefined;

export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  properties: Partial<Omit<HTMLElementTagNameMap[Name], "attributes">> & { attributes?: Record<string, string> } = {},
  ...children: Child[]
): HTMLElementTagNameMap[Name] {
  const { attributes = {}, ...rest } = properties;
  const made = Object.assign(document.createElement(name), rest);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(...children.filter((child) => child !== undefined));
  return made;
}

/** One that the page has. */
export function by_id<T extends HTMLElement = HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}

/** Says something to who listens instead of looking. */
export function announce(text: string): void {
  by_id("announcer").textContent = text;
}

/** Follows what a change adds at the end of the page, unless somebody has scrolled up to read. */
export function keep_at_end(change: () => void): void {
  const scroller = document.documentElement;
  const at_end = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 80;
  change();
  if (at_end) scroller.scrollTop = scroller.scrollHeight;
}
