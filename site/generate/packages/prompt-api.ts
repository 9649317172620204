/**
 * The browser's `LanguageModel` on any model: `@hearth/prompt-api`.
 *
 * @module
 */

export * from "@hearth/prompt-api";
