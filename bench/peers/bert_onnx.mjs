// A BERT with random weights as an ONNX file: what exporters write for such a model, so that onnxruntime takes the time
// that it takes for a real one. Nothing of the registry is needed for it.

/// Protocol buffers as far as ONNX wants them: a message is its fields one after the other.
const varint = (number) => {
  const bytes = [];
  for (let rest = BigInt(number); ; rest >>= 7n) {
    const low = Number(rest & 0x7fn);
    if (rest < 0x80n) return Buffer.from([...bytes, low]);
    bytes.push(low | 0x80);
  }
};
const integer = (field, number) => Buffer.concat([varint(field << 3), varint(number)]);
const bytes = (field, content) => {
  const data = Buffer.from(content);
  return Buffer.concat([varint((field << 3) | 2), varint(data.length), data]);
};
const float = (field, number) => {
  const data = Buffer.alloc(4);
  data.writeFloatLE(number);
  return Buffer.concat([varint((field << 3) | 5), data]);
};

const FLOAT = 1;
const INT8 = 3;
const INT64 = 7;

class Graph {
  nodes = [];
  tensors = [];
  count = 0;

  /// Adds an operation and gives the name of what comes of it.
  add(operation, inputs, attributes = {}, outputs = 1) {
    const names = Array.isArray(outputs) ? outputs : Array.from({ length: outputs }, () => `v${this.count++}`);
    const fields = [...inputs.map((name) => bytes(1, name)), ...names.map((name) => bytes(2, name))];
    fields.push(bytes(4, operation));
    for (const [name, value] of Object.entries(attributes)) {
      const [kind, ...values] = Array.isArray(value)
        ? [7, ...value.map((each) => integer(8, each))]
        : Number.isInteger(value)
          ? [2, integer(3, value < 0 ? BigInt.asUintN(64, BigInt(value)) : value)]
          : [1, float(2, value)];
      fields.push(bytes(5, Buffer.concat([bytes(1, name), ...values, integer(20, kind)])));
    }
    this.nodes.push(bytes(1, Buffer.concat(fields)));
    return names.length === 1 ? names[0] : names;
  }

  constant(type, shape, values) {
    const name = `c${this.count++}`;
    const data = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
    const fields = [...shape.map((size) => integer(1, size)), integer(2, type), bytes(8, name), bytes(9, data)];
    this.tensors.push(bytes(5, Buffer.concat(fields)));
    return name;
  }

  scalar(value) {
    return this.constant(FLOAT, [], Float32Array.of(value));
  }

  random(shape, deviation, mean = 0) {
    const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
    for (let i = 0; i < values.length; i++) values[i] = mean + deviation * Math.sqrt(3) * (2 * Math.random() - 1);
    return this.constant(FLOAT, shape, values);
  }

  /// x W + b; in 8 bits as the dynamic quantisation of onnxruntime does it.
  linear(x, inputs, outputs, quantised) {
    const bias = this.random([outputs], 0.1);
    if (!quantised)
      return this.add("Add", [this.add("MatMul", [x, this.random([inputs, outputs], inputs ** -0.5)]), bias]);
    const weights = Int8Array.from({ length: inputs * outputs }, () => Math.floor(Math.random() * 255) - 127);
    const weight = this.constant(INT8, [inputs, outputs], weights);
    const [rounded, scale, zero] = this.add("DynamicQuantizeLinear", [x], {}, 3);
    const products = this.add("MatMulInteger", [rounded, weight, zero, this.constant(INT8, [], Int8Array.of(0))]);
    const scales = this.add("Mul", [scale, this.scalar(inputs ** -0.5 / 73)]);
    return this.add("Add", [this.add("Mul", [this.add("Cast", [products], { to: FLOAT }), scales]), bias]);
  }

  norm(x, width) {
    const parameters = [this.random([width], 0.1, 1), this.random([width], 0.1)];
    return this.add("LayerNormalization", [x, ...parameters], { axis: -1, epsilon: 1e-12 });
  }

  /// x / 2 (1 + erf(x / sqrt 2)), which onnxruntime fuses.
  gelu(x) {
    const erf = this.add("Erf", [this.add("Div", [x, this.scalar(Math.SQRT2)])]);
    return this.add("Mul", [this.add("Mul", [x, this.add("Add", [erf, this.scalar(1)])]), this.scalar(0.5)]);
  }
}

function attention(graph, x, mask, { width, heads }, quantised) {
  const shape = graph.constant(INT64, [4], BigInt64Array.of(0n, 0n, BigInt(heads), BigInt(width / heads)));
  const [q, k, v] = [
    [0, 2, 1, 3],
    [0, 2, 3, 1],
    [0, 2, 1, 3],
  ].map((perm) =>
    graph.add("Transpose", [graph.add("Reshape", [graph.linear(x, width, width, quantised), shape])], { perm }),
  );
  const scores = graph.add("Div", [graph.add("MatMul", [q, k]), graph.scalar(Math.sqrt(width / heads))]);
  const masked = graph.add("Softmax", [graph.add("Add", [scores, mask])], { axis: -1 });
  const mixed = graph.add("MatMul", [masked, v]);
  const whole = graph.constant(INT64, [3], BigInt64Array.of(0n, 0n, BigInt(width)));
  const joined = graph.add("Reshape", [graph.add("Transpose", [mixed], { perm: [0, 2, 1, 3] }), whole]);
  return graph.linear(joined, width, width, quantised);
}

/// What is added to scores: 0 for tokens of the text, next to nothing for those that fill its row up.
function mask_of(graph) {
  const axes = graph.constant(INT64, [2], BigInt64Array.of(1n, 2n));
  const seen = graph.add("Cast", [graph.add("Unsqueeze", ["attention_mask", axes])], { to: FLOAT });
  return graph.add("Mul", [graph.add("Sub", [graph.scalar(1), seen]), graph.scalar(-3.4e38)]);
}

/// The file's bytes. `input_ids`, `attention_mask` and `token_type_ids` are int64 [texts, tokens], `last_hidden_state` is
/// [texts, tokens, width].
export function bert_onnx({ layers, width, heads, hidden, vocabulary, tokens, quantised }) {
  const graph = new Graph();
  let x = graph.add("Gather", [graph.random([vocabulary, width], 0.1), "input_ids"]);
  x = graph.add("Add", [x, graph.add("Gather", [graph.random([2, width], 0.1), "token_type_ids"])]);
  x = graph.norm(graph.add("Add", [x, graph.random([1, tokens, width], 0.1)]), width);
  const mask = mask_of(graph);
  for (let layer = 0; layer < layers; layer++) {
    x = graph.norm(graph.add("Add", [attention(graph, x, mask, { width, heads }, quantised), x]), width);
    const inner = graph.gelu(graph.linear(x, width, hidden, quantised));
    x = graph.norm(graph.add("Add", [graph.linear(inner, hidden, width, quantised), x]), width);
  }
  graph.add("Identity", [x], {}, ["last_hidden_state"]);
  const value = (field, name, type, dimensions) => {
    const shape = dimensions.map((each) => bytes(1, typeof each === "string" ? bytes(2, each) : integer(1, each)));
    const tensor = Buffer.concat([integer(1, type), bytes(2, Buffer.concat(shape))]);
    return bytes(field, Buffer.concat([bytes(1, name), bytes(2, bytes(1, tensor))]));
  };
  const content = [
    ...graph.nodes,
    bytes(2, "bert"),
    ...graph.tensors,
    ...["input_ids", "attention_mask", "token_type_ids"].map((name) => value(11, name, INT64, ["texts", tokens])),
    value(12, "last_hidden_state", FLOAT, ["texts", tokens, width]),
  ];
  return Buffer.concat([
    integer(1, 8),
    bytes(7, Buffer.concat(content)),
    bytes(8, Buffer.concat([bytes(1, ""), integer(2, 17)])),
  ]);
}
