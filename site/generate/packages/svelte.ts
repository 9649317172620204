/**
 * Stores for Svelte: `@hearth/svelte`.
 *
 * @module
 */

export * from "@hearth/svelte";
