// Shaders that only learning and the families one asks for need: a page that only looks at pictures does not carry them.

export const LEARNING_SHADERS = import.meta.glob<string>(
  ["../../shaders/**/*{backward,gradient,update,random,gaussian,loss,winners,sgd,dropout,winograd,matrix}*.wgsl"],
  { query: "?raw", import: "default", eager: true },
);
