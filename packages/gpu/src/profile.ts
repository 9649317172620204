/** What each kernel takes, by the GPU's own clock. Passes are begun for each command alone, which makes lists slower. */

/** How often a kernel ran, and how long in all: hearth_gpu_kernel_time. */
export interface KernelTime {
  calls: number;
  seconds: number;
}

/** Two for each command: as many as WebGPU lets a query set have. */
const MOST_QUERIES = 4096;
const BYTES_OF_QUERY = 8;

/** GPUBufferUsage and GPUMapMode by their values, which Node.js has no globals for. */
const usage = { mapRead: 0x1, copySource: 0x4, copyTarget: 0x8, queryResolve: 0x200 };
const MAP_READ = 1;

export class Profile {
  readonly #device: GPUDevice;
  readonly #queries: GPUQuerySet;
  readonly #resolved: GPUBuffer;
  readonly #times = new Map<number, KernelTime>();
  /** The kernels of the commands that were begun since the times were last taken along. */
  #kernels: number[] = [];
  readonly #reads: { kernels: number[]; buffer: GPUBuffer }[] = [];

  /** The device has the feature "timestamp-query". */
  constructor(device: GPUDevice) {
    this.#device = device;
    this.#queries = device.createQuerySet({ type: "timestamp", count: MOST_QUERIES });
    const size = MOST_QUERIES * BYTES_OF_QUERY;
    this.#resolved = device.createBuffer({ size, usage: usage.queryResolve | usage.copySource });
  }

  /** Of all lists whose times were read. */
  timeOf(kernel: number): KernelTime {
    return this.#times.get(kernel) ?? { calls: 0, seconds: 0 };
  }

  /** A pass for one command of the kernel. */
  beginPass(encoder: GPUCommandEncoder, kernel: number): GPUComputePassEncoder {
    if (this.#kernels.length * 2 === MOST_QUERIES) this.takeAlong(encoder);
    const first = this.#kernels.length * 2;
    this.#kernels.push(kernel);
    return encoder.beginComputePass({
      timestampWrites: {
        querySet: this.#queries,
        beginningOfPassWriteIndex: first,
        endOfPassWriteIndex: first + 1,
      },
    });
  }

  /** Behind a list's commands: has their times be copied to where they can be read. */
  takeAlong(encoder: GPUCommandEncoder): void {
    const kernels = this.#kernels;
    this.#kernels = [];
    const size = kernels.length * 2 * BYTES_OF_QUERY;
    const buffer = this.#device.createBuffer({ size, usage: usage.mapRead | usage.copyTarget });
    encoder.resolveQuerySet(this.#queries, 0, kernels.length * 2, this.#resolved, 0);
    encoder.copyBufferToBuffer(this.#resolved, 0, buffer, 0, size);
    this.#reads.push({ kernels, buffer });
  }

  /** When the list was submitted. Settled when its times are counted; rejects where the device is lost. */
  async read(): Promise<void> {
    await Promise.all(
      this.#reads.splice(0).map(async ({ kernels, buffer }) => {
        await buffer.mapAsync(MAP_READ);
        this.#count(kernels, new BigUint64Array(buffer.getMappedRange()));
        buffer.destroy();
      }),
    );
  }

  #count(kernels: number[], nanoseconds: BigUint64Array): void {
    kernels.forEach((kernel, i) => {
      const { calls, seconds } = this.timeOf(kernel);
      // Clocks may be set back: a negative time is none.
      const taken = Math.max(0, Number((nanoseconds[2 * i + 1] as bigint) - (nanoseconds[2 * i] as bigint)));
      this.#times.set(kernel, { calls: calls + 1, seconds: seconds + taken / 1e9 });
    });
  }
}
