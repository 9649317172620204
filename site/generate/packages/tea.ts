/**
 * The Edge Agent's names: `@hearth/web/tea`.
 *
 * @module
 */

export * from "@hearth/web/tea";
