// Asks a model on the GPU, by the library of @hearth/node-gpu. Where this machine has no GPU or no driver, the library must
// have come as far as to find that out: node gpu.mjs MODEL PROMPT
import { generateText, getCapabilities, loadModel } from "@hearth/node";

const [source, prompt] = process.argv.slice(2);
const { gpu } = await getCapabilities();
if (gpu.available) {
  const model = await loadModel(source, { device: gpu.by });
  const { text } = await generateText({ model, prompt, temperature: 0 });
  await model.dispose();
  if (text !== "37 + 48 = 85.") throw new Error(`${gpu.name} answered: ${text}`);
} else if (!/no Vulkan here|Vulkan knows no device|driver refuses/.test(gpu.reason)) {
  throw new Error(gpu.reason);
}
