// How activations other than ReLU are launched. Device code: shaders/activation.wgsl, shaders/activation-backward.wgsl, and for each kind its file
// shaders/lib/activation-*.wgsl.
import * as ops from "../ops/activation.ts";
import { elementwise } from "./elementwise.ts";
import { kernel, type Call, type Kernel, type Lowering } from "./kernel.ts";

const FILES: Readonly<Record<ops.ActivationKind, string>> = {
  affine: "affine",
  clip: "clip",
  leakyRelu: "leaky-relu",
  elu: "elu",
  sigmoid: "sigmoid",
  silu: "silu",
  tanh: "tanh",
  hardSigmoid: "hard-sigmoid",
  hardSwish: "hard-swish",
};

const dims = ({ alpha, beta }: ops.ActivationAttributes) => ({ alpha, beta });

/** The kernel of a shader whose slot holds the activation. */
function ofKind<P, Q>(families: Kernel<P, Q, ops.ActivationAttributes>): Kernel<P, Q, ops.ActivationAttributes> {
  const filled = ({ launches }: Lowering, { kind }: ops.ActivationAttributes): Lowering => ({
    launches: launches.map((launch) => ({ ...launch, slots: { activation: `lib/activation-${FILES[kind]}.wgsl` } })),
  });
  const { textbook, vector } = families;
  return {
    textbook: (call: Call<P, Q, ops.ActivationAttributes>) => filled(textbook(call), call.attributes),
    vector: (call: Call<P, Q, ops.ActivationAttributes>) => {
      const lowering = vector?.(call);
      return lowering ? filled(lowering, call.attributes) : null;
    },
  };
}

export const activation = kernel(ops.activation, ofKind(elementwise({ shader: "activation.wgsl", tensors: ["x", "y"], flops: 4, dims })));
export const activationBackward = kernel(
  ops.activationBackward,
  ofKind(elementwise({ shader: "activation-backward.wgsl", tensors: ["x", "dy", "dx"], flops: 6, dims })),
);
