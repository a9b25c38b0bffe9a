"""Reads the specs for the scripts: operations by path, and a traversal of a document along its schema."""

import re
from pathlib import Path

import yaml

# the C parser is ten times as fast
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
SPECS = Path(__file__).parent.parent / "specs"
METHODS = "get put post delete patch head options".split()
KINDS = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
}


class Maybe:
    """The value of a field that may be absent or null, according to a type or a table."""

    def __init__(self, value, absent=False, null=False):
        self.value, self.absent, self.null = value, absent, null


class AnyOf:
    """Any one of these values."""

    def __init__(self, values):
        self.values = values


class Operation:
    def __init__(self, spec, method, path, written):
        self.spec, self.method, self.path, self.written = spec, method.upper(), path, written
        self.name = written["operationId"]
        parts = re.split(r"\{[^}]+\}", path)
        self.parameters = len(parts) - 1
        self.pattern = re.compile("[^/]+".join(map(re.escape, parts)))

    def responses(self):
        """The status and the JSON content of each response: its schema and examples."""
        for status, response in self.written.get("responses", {}).items():
            content = self.spec.resolved(response).get("content", {})
            media = content.get("application/json")
            if media is not None:
                yield str(status), media

    def schema(self, status):
        """The schema of the response with a status. An undocumented success status counts as the
        documented one."""
        answers, status = dict(self.responses()), str(status)
        successes = (name for name in answers if name[0] == "2" == status[0])
        found = answers.get(status) or answers.get(f"{status[0]}XX") or answers.get(next(successes, ""))
        return found and found.get("schema")


class Spec:
    def __init__(self, name, written):
        self.name, self.written = name, written
        self.schemas = written["components"]["schemas"]
        self.operations = [
            Operation(self, method, path, item[method])
            for path, item in self.written["paths"].items()
            for method in METHODS
            if method in item
        ]
        # the items of paged lists, by schema and property
        self.items = set()
        for operation in self.operations:
            paging, schema = operation.written.get("x-globus-paging"), operation.schema(200)
            for name in self.parts(schema) if paging and schema else ():
                self.items.add((name, paging["items"]))

    def parts(self, schema):
        """The names of the schemas that an object is composed of."""
        if "$ref" in schema:
            yield schema["$ref"].rpartition("/")[2]
        for part in self.resolved(schema).get("allOf", ()):
            yield from self.parts(part)

    def target(self, reference):
        """The target of a `$ref`."""
        found = self.written
        for key in reference.removeprefix("#/").split("/"):
            found = found[key.replace("~1", "/").replace("~0", "~")]
        return found

    def resolved(self, written):
        while "$ref" in written:
            written = self.target(written["$ref"])
        return written

    def find(self, method, path):
        """The operation of a request. `/endpoint/{id}` also matches `/endpoint/search`, so the one with
        the fewest parameters wins."""
        path = path.split("?")[0]
        fitting = [o for o in self.operations if o.method == method.upper() and o.pattern.fullmatch(path)]
        return min(fitting, key=lambda o: o.parameters, default=None)

    def properties(self, schema):
        """The properties of an object, including those of its parts."""
        schema, found = self.resolved(schema), {}
        for part in schema.get("allOf", ()):
            found |= self.properties(part)
        return found | schema.get("properties", {})

    def nullable(self, schema):
        """Whether a value may be null. `allOf` with one part only adds a description to a reference."""
        found = self.resolved(schema)
        parts = found.get("allOf", ())
        return bool(found.get("nullable")) or len(parts) == 1 and self.nullable(parts[0])

    def tag(self, schema):
        """The name and the value of the property that identifies the kind of document."""
        for name, written in self.properties(schema).items():
            values = self.resolved(written).get("enum", ())
            if name in ("DATA_TYPE", "@datatype") and len(values) == 1:
                return name, values[0]
        return None

    def reason(self, owner, name, written):
        """Why a response always has a field that a type or a table calls optional."""
        if "x-globus-required" in written:
            return written["x-globus-required"]
        if len(self.resolved(written).get("enum", ())) == 1:
            return "a tag"
        return "the items of a list" if (owner, name) in self.items else None

    def reached(self, schema, found=None):
        """The names of the schemas reachable from a schema."""
        found = set() if found is None else found
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            if name in found:
                return found
            found.add(name)
            schema = self.resolved(schema)
        inner = [*schema.get("allOf", ()), *schema.get("oneOf", ()), *schema.get("properties", {}).values()]
        for key in ("items", "additionalProperties"):
            if isinstance(schema.get(key), dict):
                inner.append(schema[key])
        for part in inner:
            self.reached(part, found)
        return found

    def answers(self, statuses="2"):
        """The names of the schemas used in responses whose status starts with one of these digits."""
        found = set()
        for operation in self.operations:
            for status, media in operation.responses():
                if status[0] in statuses:
                    self.reached(media.get("schema", {}), found)
        return [name for name in self.schemas if name in found]

    def walk(self, value, schema, visit, owner=None, whole=None):
        """Calls `visit(owner, object, required, properties)` for each object of a document, once per
        schema with required fields that it is composed of. `owner` is that schema's name."""
        if isinstance(value, Maybe):
            value = value.value
        if isinstance(value, AnyOf):
            for one in value.values:
                self.walk(one, schema, visit, owner, whole)
            return
        if "$ref" in schema:
            owner = schema["$ref"].rpartition("/")[2]
            schema = self.resolved(schema)
        if "oneOf" in schema:
            chosen = self.chosen(value, schema)
            if chosen is not None:
                self.walk(value, chosen, visit, owner)
            return
        if isinstance(value, list):
            parts = [schema, *map(self.resolved, schema.get("allOf", ()))]
            items = next((part["items"] for part in parts if "items" in part), None)
            for one in value if items is not None else ():
                self.walk(one, items, visit, owner)
            return
        if not isinstance(value, dict):
            return
        whole = whole or self.properties(schema)
        for part in schema.get("allOf", ()):
            self.walk(value, part, visit, owner, whole)
        if schema.get("required"):
            visit(owner, value, schema["required"], whole)
        for name, written in schema.get("properties", {}).items():
            if name in value:
                self.walk(value[name], written, visit, f"{owner}.{name}")
        others = schema.get("additionalProperties")
        if isinstance(others, dict):
            for name in value.keys() - whole.keys():
                self.walk(value[name], others, visit, f"{owner}.*")

    def chosen(self, value, schema):
        """The alternative that matches a value, or None for an unknown kind."""
        discriminator = schema.get("discriminator")
        if discriminator and isinstance(value, dict):
            kind = value.get(discriminator["propertyName"])
            kind = kind.value if isinstance(kind, Maybe) else kind
            reference = discriminator.get("mapping", {}).get(kind) if isinstance(kind, str) else None
            return reference and {"$ref": reference}
        for alternative in schema["oneOf"]:
            found = self.resolved(alternative)
            kind = found.get("type", "object")
            if isinstance(value, KINDS[kind]) and (kind == "boolean" or not isinstance(value, bool)):
                return alternative
        return None


def read_specs(folder=SPECS):
    """The specs by the name of their service."""
    return {
        path.stem: Spec(path.stem, yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER))
        for path in sorted(Path(folder).glob("*.yaml"))
    }
