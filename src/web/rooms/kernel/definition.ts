// The float64 definition of an op as its source says it: the part of the file that computes, with the functions of that file that it calls.

/** The file of an op, from the imports of src/ops/index.ts. */
export const fileOfOp = (index: string, op: string): string | null =>
  [...index.matchAll(/import\s*\{([^}]*)\}\s*from\s*"\.\/([\w-]+\.ts)"/g)].find(([, names]) =>
    names.split(",").some((name) => name.trim() === op),
  )?.[2] ?? null;

/** Top-level statements of a file, each with the comment above it. They begin in the first column and end before the next one that does. */
function statementsOf(source: string): string[] {
  const statements: string[] = [];
  let pending: string[] = [];
  let open: string[] | null = null;
  for (const line of source.split("\n")) {
    if (/^(export |const |function |async |type |interface )/.test(line)) {
      if (open) statements.push(open.join("\n"));
      open = [...pending, line];
      pending = [];
    } else if (/^(\/\/|\/\*\*| \*)/.test(line) && !(open && line.startsWith(" *") && pending.length === 0)) {
      pending.push(line);
    } else if (line === "") {
      if (open && pending.length === 0) open.push(line);
    } else {
      open?.push(...pending, line);
      pending = [];
    }
  }
  if (open) statements.push(open.join("\n"));
  return statements.map((statement) => statement.trimEnd());
}

const nameOf = (statement: string): string | null => /^(?:export )?(?:const|function)\s+(\w+)/m.exec(statement)?.[1] ?? null;

/** The text of `reference` in an op's statement, with the line that declares the op. */
function referenceOf(statement: string): string {
  const lines = statement.split("\n");
  const declared = lines.findIndex((line) => line.startsWith("export const"));
  const start = lines.findIndex((line) => /^\s*reference\b/.test(line));
  if (start < 0) return statement;
  const indent = (/^\s*/.exec(lines[start]) as RegExpExecArray)[0];
  const closing = lines.findIndex((line, i) => i > start && line.startsWith(`${indent}}`));
  const oneLine = lines[start].endsWith(",") || closing < 0;
  return [...lines.slice(0, declared + 1), ...lines.slice(start, (oneLine ? start : closing) + 1)].join("\n");
}

/** The definition of an op as text; the whole file where it is written in another way. */
export function definitionOf(source: string, op: string): string {
  const statements = statementsOf(source);
  const own = statements.find((statement) => nameOf(statement) === op);
  if (!own) return source;
  const parts = [referenceOf(own)];
  const taken = new Set([op]);
  for (let i = 0; i < parts.length; i++)
    for (const statement of statements) {
      const name = nameOf(statement);
      if (!name || taken.has(name) || !new RegExp(`\\b${name}\\b`).test(parts[i])) continue;
      taken.add(name);
      parts.push(/^\s*reference\b/m.test(statement) ? referenceOf(statement) : statement);
    }
  return parts.join("\n\n");
}
