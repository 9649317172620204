/** What the tests of @hearth/ai-sdk have in their page. */

export { createHearth } from "@hearth/ai-sdk";
export * as ai from "ai";
export { z } from "zod";
