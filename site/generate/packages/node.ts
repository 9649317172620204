/**
 * Models in Node.js: `@hearth/node`. It has everything of {@link core}, too.
 *
 * @module
 */

export * from "@hearth/node";
