// Style sheets of rooms, loaded with them.
import learn from "./learn.css?url";

/** Resolves once a sheet's rules apply. */
export const loadStyle = (href: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = href;
    link.addEventListener("load", () => resolve());
    link.addEventListener("error", () => reject(new Error("the style sheet of this room could not be loaded")));
    document.head.append(link);
  });

/** Resolves once Learn's rules apply. */
export const styled: Promise<void> = loadStyle(learn);
