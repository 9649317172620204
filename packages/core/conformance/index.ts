/**
 * What every platform's package must do: one list of cases, which its own tests run. Each case stands alone and asserts
 * with plain exceptions, so that it runs under any test runner and in a page. What data can say, stands in cases.json, which
 * Python runs, too.
 */

import { adapters } from "./adapters.js";
import { data_cases } from "./data_cases.js";
import { errors } from "./errors.js";
import { generation } from "./generation.js";
import { models } from "./models.js";
import type { Case } from "./platform.js";
import { registry } from "./registry.js";
import { tools } from "./tools.js";

export type { Case, Platform } from "./platform.js";
export { thinking_model } from "./thinking_model.js";
export { described_workflows, name_of, text_of, type WorkflowCase, workflow_cases } from "./workflows.js";

export const cases: Case[] = [...data_cases, ...models, ...generation, ...tools, ...adapters, ...errors, ...registry];
