// An Activation (engine/compute/backend.h), and what it opens as a gate. A kernel that uses it has the parameters
//   activation: u32, limit: f32, alpha_n: f32, alpha_p: f32, beta: f32, epsilon: f32
// one after the other, which are `parameters_of` an Activation.
//! use activation/exponentials
//! use activation/half

// In the order of Activation::Kind.
const SILU = 0u;
const GELU_TANH = 1u;
const RELU = 2u;
const SOFTPLUS = 3u;
const RELU_SQUARED = 4u;
const SIGMOID = 5u;
const IDENTITY = 6u;
const XIELU = 7u;
const CLAMPED_SWISH = 8u;

// 0.5 (1 + tanh(y)) is sigmoid(2 y), of which nothing cancels below 0.
fn gelu_tanh(x: f32) -> f32 {
  let slope = 0.7978845608;  // sqrt(2 / pi)
  return x * sigmoid(2.0 * slope * (x + 0.044715 * x * x * x));
}

fn xielu(x: f32) -> f32 {
  if (x > 0.0) { return parameters.alpha_p * x * x + parameters.beta * x; }
  return parameters.alpha_n * (exponential_less_one(min(x, parameters.epsilon)) - x) + parameters.beta * x;
}

fn activated(x: f32) -> f32 {
  switch (parameters.activation) {
    case SILU: { return x * sigmoid(x); }
    case GELU_TANH: {
      // What is left of -10 or less, e^-87 of it, is nothing beside what it is added to.
      if (abs(x) >= 10.0) { return max(x, 0.0); }
      return rounded_to_half(gelu_tanh(rounded_to_half(x)));
    }
    case RELU: { return max(x, 0.0); }
    case SOFTPLUS: { return softplus(x); }
    case RELU_SQUARED: { return max(x, 0.0) * max(x, 0.0); }
    case SIGMOID: { return sigmoid(x); }
    case XIELU: { return xielu(x); }
    case CLAMPED_SWISH: { return min(x, 7.0) * sigmoid(1.702 * min(x, 7.0)); }
    default: { return x; }
  }
}

fn gated(gate: f32, up: f32) -> f32 { return what_opens(activated(gate), up); }

// What an activated gate makes of what it opens.
fn what_opens(gate: f32, up: f32) -> f32 {
  if (parameters.activation == CLAMPED_SWISH) { return gate * (1.0 + clamp(up, -7.0, 7.0)); }
  if (parameters.limit == 0.0) { return gate * up; }
  return min(gate, parameters.limit) * clamp(up, -parameters.limit, parameters.limit);
}
