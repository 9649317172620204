/**
 * What `@hearth/web` and `@hearth/node` share, and export, too.
 *
 * @module
 */

export * from "@hearth/core";
