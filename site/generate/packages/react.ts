/**
 * Hooks for React: `@hearth/react`.
 *
 * @module
 */

export * from "@hearth/react";
