// A page with nothing on it, at /blank: for tests that bring their own code into it.
import type { Plugin } from "vite";

export const blankPage: Plugin = {
  name: "blank",
  configureServer({ middlewares }) {
    middlewares.use("/blank", (_, response) => void response.setHeader("content-type", "text/html").end("<!doctype html>"));
  },
};
