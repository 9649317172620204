/**
 * Composables for Vue: `@hearth/vue`.
 *
 * @module
 */

export * from "@hearth/vue";
