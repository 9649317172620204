/** A tool to show how models use tools: it works out what is written with numbers, + - * / and parentheses. */

import type { Tool } from "@hearth/core";

export const calculator: Tool = {
  type: "function",
  function: {
    name: "calculate",
    description: "Works out an arithmetic expression exactly",
    parameters: {
      type: "object",
      properties: { expression: { type: "string", description: 'Such as "(3 + 4) * 12"' } },
      required: ["expression"],
    },
  },
  execute: ({ expression }: { expression: string }) => value_of(expression),
};

export function value_of(expression: string): number {
  const signs = expression.match(/\d+(?:\.\d+)?|\.\d+|\S/g) ?? [];
  const value = sum(signs);
  if (signs.length > 0) throw new Error(`'${signs[0]}' does not belong into an expression`);
  return value;
}

// Each takes what it reads from the front of the signs.

function sum(signs: string[]): number {
  let value = product(signs);
  while (signs[0] === "+" || signs[0] === "-") value += signs.shift() === "+" ? product(signs) : -product(signs);
  return value;
}

function product(signs: string[]): number {
  let value = factor(signs);
  while (signs[0] === "*" || signs[0] === "/")
    value = signs.shift() === "*" ? value * factor(signs) : value / factor(signs);
  return value;
}

function factor(signs: string[]): number {
  const sign = signs.shift();
  if (sign === "-") return -factor(signs);
  if (sign !== "(") return number(sign);
  const value = sum(signs);
  if (signs.shift() !== ")") throw new Error("a parenthesis is not closed");
  return value;
}

function number(sign = ""): number {
  const value = Number(sign || Number.NaN);
  if (Number.isNaN(value)) throw new Error(sign === "" ? "the expression has no end" : `'${sign}' is no number`);
  return value;
}
