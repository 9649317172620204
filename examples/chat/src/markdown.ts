/** Markdown as elements, while it is still being written. Models write what they like: no HTML of theirs is used. */

import { lexer, type Token, type Tokens } from "marked";
import { element } from "./elements";

/** Shows a growing text: only blocks that have changed are made anew. */
export class MarkdownView {
  readonly node = element("div", { className: "markdown" });
  #blocks: { raw: string; node: Node }[] = [];

  show(text: string): void {
    const tokens = lexer(text).filter(({ type }) => type !== "space");
    const same = tokens.findIndex((token, index) => this.#blocks[index]?.raw !== token.raw);
    const keep = same === -1 ? tokens.length : same;
    for (const { node } of this.#blocks.splice(keep)) (node as ChildNode).remove();
    for (const token of tokens.slice(keep)) {
      const node = block(token);
      this.#blocks.push({ raw: token.raw, node });
      this.node.append(node);
    }
  }
}

function block(token: Token): Node {
  switch (token.type) {
    case "heading":
      return element(`h${Math.min(6, (token as Tokens.Heading).depth + 2)}` as "h3", {}, ...inline(token.tokens));
    case "code":
      return code_block(token as Tokens.Code);
    case "blockquote":
      return element("blockquote", {}, ...blocks(token.tokens));
    case "list":
      return list(token as Tokens.List);
    case "table":
      return table(token as Tokens.Table);
    case "hr":
      return element("hr");
    case "paragraph":
      return element("p", {}, ...inline(token.tokens));
    default:
      return "tokens" in token && token.tokens
        ? element("p", {}, ...inline(token.tokens))
        : element("p", {}, token.raw);
  }
}

const blocks = (tokens: Token[] = []) => tokens.filter(({ type }) => type !== "space").map(block);

function code_block({ text, lang }: Tokens.Code): Node {
  const copy = element("button", { type: "button", className: "quiet copy", textContent: "Copy" });
  copy.onclick = async () => {
    await navigator.clipboard.writeText(text);
    copy.textContent = "Copied";
    setTimeout(() => (copy.textContent = "Copy"), 1500);
  };
  const bar = element("div", { className: "code-bar" }, element("span", { textContent: lang ?? "" }), copy);
  // Reachable by keyboard, because it may scroll.
  return element(
    "div",
    { className: "code" },
    bar,
    element("pre", { tabIndex: 0 }, element("code", { textContent: text })),
  );
}

function list({ ordered, start, items }: Tokens.List): Node {
  const entries = items.map((item) => element("li", {}, ...blocks(item.tokens).flatMap(without_paragraph)));
  return ordered ? element("ol", { start: Number(start) || 1 }, ...entries) : element("ul", {}, ...entries);
}

/** The only paragraph of a short entry stands without its margins. */
function without_paragraph(node: Node): Node[] {
  return node instanceof HTMLParagraphElement ? [...node.childNodes] : [node];
}

function table({ header, rows }: Tokens.Table): Node {
  const row = (cells: Tokens.TableCell[], name: "th" | "td") =>
    element("tr", {}, ...cells.map((cell) => element(name, {}, ...inline(cell.tokens))));
  const body = element("tbody", {}, ...rows.map((cells) => row(cells, "td")));
  return element(
    "div",
    { className: "table", tabIndex: 0 },
    element("table", {}, element("thead", {}, row(header, "th")), body),
  );
}

function inline(tokens: Token[] = []): (Node | string)[] {
  return tokens.map((token) => {
    switch (token.type) {
      case "strong":
      case "em":
      case "del":
        return element(token.type, {}, ...inline(token.tokens));
      case "codespan":
        return element("code", { textContent: (token as Tokens.Codespan).text });
      case "br":
        return element("br");
      case "link":
        return link(token as Tokens.Link);
      case "escape":
        return (token as Tokens.Escape).text;
      default:
        return "tokens" in token && token.tokens ? element("span", {}, ...inline(token.tokens)) : token.raw;
    }
  });
}

/** Only what leads to a page; everything else is shown as it was written. Images would be requests: none are made. */
function link({ href, tokens, raw }: Tokens.Link): Node | string {
  return /^https?:\/\//i.test(href)
    ? element("a", { href, target: "_blank", rel: "noopener noreferrer" }, ...inline(tokens))
    : raw;
}
