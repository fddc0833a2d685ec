// Asks the worker for the likeliest classes of a picture. Addresses are absolute: the worker's own are relative to its script.
import weights from "striatum/weights/googlenet-quarter-fractals.safetensors?url";

const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
worker.addEventListener("message", ({ data: guesses }) => {
  document.querySelector("pre").textContent = guesses.map(({ label, score }) => `${score.toFixed(6)} ${label}\n`).join("");
});
const absolute = (file) => new URL(file, document.baseURI).href;
worker.postMessage({ weights: absolute(weights), picture: absolute("fractal-7.png") });
