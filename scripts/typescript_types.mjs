// Exports the response types of the JavaScript SDK, for required.py.
//
// usage: node typescript_types.mjs FOLDER OUT.json
//
// FOLDER has the packages @globus/sdk and typescript in its node_modules. The responses are those of the
// SDK's service methods, whose paths are in its code, and those of Globus's own OpenAPI types, which the
// package includes.

import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const [folder, out] = process.argv.slice(2);
if (!out) {
  console.error("usage: node typescript_types.mjs FOLDER OUT.json");
  process.exit(2);
}
const require = createRequire(join(resolve(folder), "here.js"));
const ts = require("typescript");
const root = join(resolve(folder), "node_modules/@globus/sdk");
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const services = ["auth", "groups", "search", "transfer"];

/** The files in a folder, recursively, with a suffix. */
function files(at, ending) {
  return readdirSync(at, { recursive: true })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(at, name))
    .sort();
}

const openApi = join(root, "dist/esm/open-api/types");
const declarations = [
  ...services.flatMap((name) => files(join(root, "dist/esm/services", name), ".d.ts")),
  ...files(openApi, ".d.ts"),
];
const program = ts.createProgram(declarations, {
  strict: true,
  noEmit: true,
  types: [],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
});
const checker = program.getTypeChecker();

const types = [];
const known = new Map();

/** Whether a type has any of these flags. */
const is = (type, flags) => (type.flags & flags) !== 0;
const NOTHING = ts.TypeFlags.Null | ts.TypeFlags.Undefined | ts.TypeFlags.Void | ts.TypeFlags.Never;

/** Adds a type to `types`, if it is new, and returns its index. */
function written(type) {
  type = checker.getNonNullableType(type);
  if (known.has(type)) return known.get(type);
  const index = types.length;
  known.set(type, index);
  types.push({ kind: "scalar" });
  types[index] = described(type);
  return index;
}

function described(type) {
  if (type.isUnion()) {
    const some = type.types.filter((one) => !is(one, NOTHING));
    if (some.every((one) => is(one, ts.TypeFlags.StringLiteral))) return { kind: "scalar", value: some[0].value };
    if (some.some((one) => is(one, ts.TypeFlags.Object | ts.TypeFlags.Intersection)))
      return { kind: "any", of: some.map(written) };
    return { kind: "scalar" };
  }
  if (type.isStringLiteral()) return { kind: "scalar", value: type.value };
  if (checker.isArrayType(type)) return { kind: "array", items: written(checker.getTypeArguments(type)[0]) };
  if (!is(type, ts.TypeFlags.Object | ts.TypeFlags.Intersection)) return { kind: "scalar" };
  const fields = {};
  for (const property of checker.getPropertiesOfType(type)) {
    const of = checker.getTypeOfSymbol(property);
    const parts = of.isUnion() ? of.types : [of];
    fields[property.name] = {
      type: written(of),
      optional: (property.flags & ts.SymbolFlags.Optional) !== 0,
      null: parts.some((one) => is(one, ts.TypeFlags.Null)),
    };
  }
  return { kind: "object", fields };
}

/** The type at a path of property names. */
function at(type, ...names) {
  for (const name of names) {
    const property = type && checker.getPropertyOfType(checker.getNonNullableType(type), name);
    type = property && checker.getTypeOfSymbol(property);
  }
  return type && !is(type, NOTHING) ? type : undefined;
}

const answers = [];

/** The responses of the service methods, by the path that they request. */
function ofMethods(service) {
  for (const file of files(join(root, "dist/esm/services", service), ".js")) {
    const code = readFileSync(file, "utf8");
    const source = program.getSourceFile(file.replace(/\.js$/, ".d.ts"));
    const module = source && checker.getSymbolAtLocation(source);
    for (const symbol of module ? checker.getExportsOfModule(module) : []) {
      const body = code.split(`export const ${symbol.name} = function`)[1]?.split("\nexport ")[0];
      const path = body?.match(/\bpath: [`'"]([^`'"]+)[`'"]/)?.[1];
      if (!path) continue;
      const called = checker.getTypeOfSymbol(symbol).getCallSignatures()[0];
      const promised = called && checker.getAwaitedType(called.getReturnType());
      // `JSONFetchResponse<T>` is a response whose `json` returns T
      const json = promised && at(promised, "json")?.getCallSignatures()[0]?.getReturnType();
      const type = json && checker.getAwaitedType(json);
      if (!type || is(type, ts.TypeFlags.Any | ts.TypeFlags.Unknown)) continue;
      const method = body.match(/\bmethod: HTTP_METHODS\.(\w+)/)?.[1] ?? "GET";
      answers.push({
        service,
        name: `${file.split(/services.(?=auth|groups|search|transfer)/)[1].replace(/\.js$/, "")}.${symbol.name}`,
        method,
        path: path.replace(/\$\{[^}]*\}/g, "x"),
        status: 200,
        type: written(type),
      });
    }
  }
}

/** The responses in an OpenAPI document, as converted by openapi-typescript. */
function ofOpenApi(service) {
  const source = program.getSourceFile(join(openApi, `${service}.d.ts`));
  const module = source && checker.getSymbolAtLocation(source);
  const paths = module && checker.getExportsOfModule(module).find((symbol) => symbol.name === "paths");
  if (!paths) return;
  for (const path of checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(paths))) {
    const item = checker.getTypeOfSymbol(path);
    for (const method of ["get", "put", "post", "delete", "patch"]) {
      const responses = at(item, method, "responses");
      for (const status of responses ? checker.getPropertiesOfType(responses) : []) {
        const type = at(checker.getTypeOfSymbol(status), "content", "application/json");
        if (!type || !/^\d+$/.test(status.name)) continue;
        answers.push({
          service,
          name: `OpenAPI ${method.toUpperCase()} ${path.name}`,
          method: method.toUpperCase(),
          path: path.name.replace(/\{[^}]*\}/g, "x"),
          status: Number(status.name),
          type: written(type),
        });
      }
    }
  }
}

for (const service of services) {
  ofMethods(service);
  ofOpenApi(service);
}
writeFileSync(out, JSON.stringify({ source: `types of the JavaScript SDK ${version}`, types, answers }));
console.log(`${answers.length} response types of @globus/sdk ${version}`);
