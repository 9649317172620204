/**
 * Models for applications of the AI SDK: `@hearth/ai-sdk`.
 *
 * @module
 */

export * from "@hearth/ai-sdk";
