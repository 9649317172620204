// Asks a model by the addon; without it, WebAssembly would answer as well: node ask.mjs MODEL PROMPT
import { generateText, getCapabilities, loadModel } from "@hearth/node";

const [source, prompt] = process.argv.slice(2);
const { native } = await getCapabilities();
if (!native.available) throw new Error(native.reason);
const model = await loadModel(source);
const { text } = await generateText({ model, prompt, temperature: 0 });
console.log(text);
await model.dispose();
