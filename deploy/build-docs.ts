// Writes docs/api.md anew from the doc comments of the public names.
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { apiPage, readApi } from "./api-page.ts";
import { publicDeclarations } from "./declarations.ts";

writeFileSync(fileURLToPath(new URL("../docs/api.md", import.meta.url)), await apiPage(readApi(publicDeclarations())));
