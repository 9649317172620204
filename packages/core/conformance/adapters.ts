/** Low-rank adapters. */

import { type Case, check, equal, fails, with_model } from "./platform.js";

/** Of a GGUF file: numbers little-endian, texts with their length before them. */
class Bytes {
  #bytes: number[] = [];

  number(value: number, size: 4 | 8): this {
    for (let i = 0; i < size; ++i) this.#bytes.push(Math.floor(value / 2 ** (8 * i)) % 256);
    return this;
  }

  text(text: string): this {
    this.number(text.length, 8);
    this.#bytes.push(...new TextEncoder().encode(text));
    return this;
  }

  align(): this {
    while (this.#bytes.length % 32 !== 0) this.#bytes.push(0);
    return this;
  }

  floats(count: number, value: (index: number) => number): this {
    this.#bytes.push(...new Uint8Array(Float32Array.from({ length: count }, (_, i) => value(i)).buffer));
    return this;
  }

  whole(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}

/** An adapter of one pair of rank 1 that turns what `matrix` gives, which has as many rows as columns. */
function adapter(architecture: string, width: number, matrix = "blk.0.attn_output.weight"): Uint8Array {
  const [float, string] = [0, 8]; // types of tensors and of metadata
  const room = Math.ceil((width * 4) / 32) * 32;
  const file = new Bytes().number(0x46554747, 4).number(3, 4).number(2, 8).number(3, 8);
  for (const [key, value] of [
    ["general.architecture", architecture],
    ["general.type", "adapter"],
    ["adapter.type", "lora"],
  ] as const) {
    file.text(key).number(string, 4).text(value);
  }
  file.text(`${matrix}.lora_a`).number(2, 4).number(width, 8).number(1, 8).number(float, 4).number(0, 8);
  file.text(`${matrix}.lora_b`).number(2, 4).number(1, 8).number(width, 8).number(float, 4).number(room, 8);
  const sign = (index: number) => (index % 2 === 0 ? 1 : -1);
  return file.align().floats(width, sign).align().floats(width, sign).whole();
}

export const adapters: Case[] = [
  {
    name: "adapters are chosen by each request, with a scale",
    run: (platform) =>
      with_model(platform, async (model) => {
        const { architecture, embeddingLength } = model.info;
        const story = { model, prompt: "Tell me a story", temperature: 0, ignoreEnd: true, maxTokens: 20 };
        const ask = async (options = {}) => (await platform.api.generateText({ ...story, ...options })).text;
        const plain = await ask();
        const id = await model.loadAdapter(adapter(architecture, embeddingLength));
        const adapted = await ask({ adapters: [{ id }] });
        check(adapted !== plain, "an adapter changes the text");
        const together = await Promise.all([ask(), ask({ adapters: [{ id }] }), ask({ adapters: [{ id, scale: 0 }] })]);
        equal(together, [plain, adapted, plain], "texts side by side");
        const embedding = await model.embed("Hello");
        await model.useAdapters([{ id }]);
        equal(await ask(), adapted, "the text of a request that names none");
        check(
          (await model.embed("Hello")).some((value, i) => value !== embedding[i]),
          "embeddings have them, too",
        );
        await model.useAdapters([]);
        await model.unloadAdapter(id);
        await fails(platform, "NOT_FOUND", () => ask({ adapters: [{ id }] }));
        await fails(platform, "NOT_FOUND", () => model.unloadAdapter(id));
        await fails(platform, "NOT_FOUND", () => model.useAdapters([{ id }]));
        equal(await ask(), plain, "the text without it");
      }),
  },
  {
    name: "an adapter of another model is refused, naming the tensor",
    run: (platform) =>
      with_model(platform, async (model) => {
        const { architecture, embeddingLength } = model.info;
        const shape = await fails(platform, "INVALID_ARGUMENT", () =>
          model.loadAdapter(adapter(architecture, embeddingLength + 8)),
        );
        check(shape.message.includes("blk.0.attn_output.weight.lora_a"), `"${shape.message}" names the tensor`);
        const missing = adapter(architecture, embeddingLength, "blk.99.attn_output.weight");
        const name = await fails(platform, "INVALID_ARGUMENT", () => model.loadAdapter(missing));
        check(name.message.includes("blk.99.attn_output.weight"), `"${name.message}" names the tensor`);
        await fails(platform, "INVALID_ARGUMENT", () => model.loadAdapter(adapter("mamba", embeddingLength)));
        await fails(platform, "INVALID_MODEL", () => model.loadAdapter(new Uint8Array(100)));
        await fails(platform, "INVALID_ARGUMENT", () => model.loadAdapter(5 as never));
        for (const adapters of [[{ id: -1 }], [{ scale: 1 }], [5], { id: 1 }]) {
          await fails(platform, "INVALID_ARGUMENT", () =>
            platform.api.generateText({ model, prompt: "Hello", adapters: adapters as never }),
          );
        }
      }),
  },
];
