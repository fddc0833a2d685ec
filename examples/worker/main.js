// Asks the worker for the class of a picture. Addresses are absolute: the worker's own are relative to its script.
const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
worker.addEventListener("message", ({ data: { label, score } }) => {
  document.querySelector("output").textContent = `${label} ${score.toFixed(3)}`;
});
const absolute = (file) => new URL(file, document.baseURI).href;
worker.postMessage({ weights: absolute("bvlc_googlenet.caffemodel"), picture: absolute("cat.jpg") });
