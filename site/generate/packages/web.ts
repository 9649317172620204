/**
 * Models in browsers: `@hearth/web`. It has everything of {@link core}, too.
 *
 * @module
 */

export * from "@hearth/web";
