"""Public documents: responses recorded by SDKs, and examples from the documentation and the specs.

usage: python scripts/corpora.py FOLDER [--shared FOLDER] RECORDED.jsonl ...

Writes each distinct complete response as a line of JSON for contract_replay, to two files in FOLDER:
corpus.jsonl has those exported by export_corpus.py, those of documents.jsonl, and the documentation's
examples if the shared folder exists; examples.jsonl has the examples of the specs. Requires PyYAML.
"""

import csv
import json
import sys
from collections import Counter
from pathlib import Path

from specs import AnyOf, Maybe, read_specs

# documents of the same shape as those in public programs' tests and documentation
SEEN = Path(__file__).parent / "documents.jsonl"
EXAMPLES = "examples of the specs"


class Document:
    """A document, its source, and the schema that it should match.

    A `partial` document is evidence only for the fields that it has: a field that it lacks is not
    known to be optional."""

    def __init__(self, source, name, spec, schema, body, operation=None, status=200, partial=False):
        self.source, self.name, self.spec, self.schema, self.body = source, name, spec, schema, body
        self.operation, self.status, self.partial = operation, status, partial
        # the method and path of the request, or the operation's own
        self.request = operation and (operation.method, operation.path)


def from_recordings(specs, path):
    """The responses in a file from export_corpus.py. Services without a spec may return documents of
    a service that has one: a timer's result is a Transfer task."""
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        source, name, service = record["source"], record["name"], record["service"]
        if service in specs:
            spec = specs[service]
            # contract_replay reports responses without an operation as unknown
            operation = spec.find(record["method"], record["path"])
            schema = operation and operation.schema(record["status"])
            found = Document(source, name, spec, schema, record["body"], operation, record["status"])
            found.request = record["method"], record["path"]
            yield found
        else:
            for value in tagged_documents(record["body"]):
                for spec, schema, operation in matching_schemas(specs, value):
                    yield Document(source, name, spec, schema, value, operation)


def tagged_documents(value):
    """The nested documents that have a DATA_TYPE."""
    if isinstance(value, dict) and "DATA_TYPE" in value:
        yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for one in inner:
        yield from tagged_documents(one)


def spec_examples(specs):
    """The response examples in the specs."""
    for spec in specs.values():
        for operation in spec.operations:
            for status, media in operation.responses():
                named = dict(media.get("examples", {}))
                if "example" in media:
                    named["example"] = {"value": media["example"]}
                for name, example in named.items():
                    value = spec.resolved(example).get("value")
                    # `5XX` becomes 500, and so does `default`
                    code = int(status.replace("X", "0")) if status[0].isdigit() else 500
                    yield Document(
                        EXAMPLES, f"{operation.name}/{status}/{name}", spec,
                        media["schema"], to_json(value), operation, code,
                    )


def to_json(value):
    """Converts to plain JSON: YAML parses unquoted times as dates."""
    return json.loads(json.dumps(value, default=str))


def objects(text):
    """Every JSON object and array at the start of a line."""
    decoder, end = json.JSONDecoder(), 0
    for start in range(len(text)):
        begins = text[start] in "{[" and not text[text.rfind("\n", 0, start) + 1 : start].strip()
        if start < end or not begins:
            continue
        try:
            value, end = decoder.raw_decode(text, start)
        except ValueError:
            continue
        yield value


def matching_schemas(specs, value):
    """The response schemas that match a document's DATA_TYPE or, without one, the smallest that have all
    its keys. Each with its spec, and an operation that returns it, if any."""
    if not isinstance(value, dict) or len(value) < 2:
        return
    closest = []
    for spec in specs.values():
        answers = {}
        for operation in spec.operations:
            for status, media in operation.responses():
                schema = media.get("schema", {})
                if status[0] == "2" and "$ref" in schema:
                    answers.setdefault(schema["$ref"], operation)
        for name in spec.answers():
            reference = f"#/components/schemas/{name}"
            schema, tag = {"$ref": reference}, spec.tag({"$ref": reference})
            names = spec.properties(schema).keys()
            found = spec, schema, answers.get(reference)
            if tag and value.get(tag[0]) == tag[1]:
                yield found
            elif not tag and reference in answers and value.keys() <= names and "DATA_TYPE" not in value:
                closest.append((len(names), found))
    least = min((count for count, _ in closest), default=0)
    yield from (found for count, found in closest if count == least)


def documentation(specs, folder):
    """The examples in documentation pages that were saved as text."""
    for path in sorted(Path(folder).glob("*.txt")):
        for i, value in enumerate(objects(path.read_text(encoding="utf-8"))):
            for spec, schema, operation in matching_schemas(specs, value):
                yield Document("documentation", f"{path.stem}[{i}]", spec, schema, value, operation)


def tables(specs, path):
    """A partial document for each schema that a table of fields describes."""
    rows = {}
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["kind"] in ("response", "both", "example", "example/response", "schema"):
                rows.setdefault((row["service"], row["document"]), []).append(row)
    for (service, document), fields in rows.items():
        if service in specs:
            body = build_document(fields)
            for schema in table_schemas(specs[service], document, fields):
                yield Document(Path(path).name, document, specs[service], schema, body, partial=True)


def build_document(fields):
    """Builds a document from rows with field paths such as `a.b[].c`."""
    tree = {}
    for row in fields:
        node = tree
        for key in row["field"].replace("[]", ".[]").removeprefix(".").split("."):
            node = node.setdefault("inner", {}).setdefault(key, {})
        # a presence such as "3/4" counts documents that are read anyway, so it is ignored
        node["absent"] = row["presence"] == "optional"
        node["null"] = row["nullable"] == "yes"
        node["example"] = row["example"]

    def build(node):
        inner = node.get("inner", {})
        if "[]" in inner:
            value = [build(inner["[]"])]
        elif inner:
            value = {key: build(child) for key, child in inner.items()}
        else:
            try:
                value = json.loads(node.get("example") or '""')
            except ValueError:
                value = ""
            # an array or object in a table may be truncated
            value = "" if isinstance(value, (dict, list)) else value
        absent, null = node.get("absent"), node.get("null")
        return Maybe(value, absent, null) if absent or null else value

    return build(tree)


def table_schemas(spec, document, fields):
    """The schemas that a table's document name refers to."""
    name, _, rest = document.partition(".")
    if document.endswith(".response"):
        wanted = document.removesuffix(".response").removeprefix("v2.").replace(".", "_")
        for operation in spec.operations:
            if operation.name == wanted:
                yield operation.schema(200) or {}
        return
    kind = document.partition(" (")[0].removeprefix("openapi:")
    pascal = "".join(part[:1].upper() + part[1:] for part in kind.split("_"))
    for known in spec.answers():
        schema = {"$ref": f"#/components/schemas/{known}"}
        tag = spec.tag(schema)
        if tag and tag[1] == kind or known in (kind, pascal):
            yield schema


def from_types(specs, path):
    """Partial documents from the TypeScript types of the JavaScript SDK."""
    written = json.loads(Path(path).read_text(encoding="utf-8"))

    def value(index, within=()):
        node = written["types"][index]
        if index in within:
            return {}
        within += (index,)
        kind = node["kind"]
        if kind == "object":
            return {
                name: Maybe(value(f["type"], within), f["optional"], f["null"])
                if f["optional"] or f["null"] else value(f["type"], within)
                for name, f in node["fields"].items()
            }
        if kind == "array":
            return [value(node["items"], within)]
        if kind == "any":
            return AnyOf([value(one, within) for one in node["of"]])
        return node.get("value", "")

    for answer in written["answers"]:
        for spec in [specs[answer["service"]]] if answer["service"] in specs else []:
            # the OpenAPI document of Transfer's version 2 omits the version from its paths
            paths = answer["path"], "/v2" + answer["path"]
            operation = next(filter(None, (spec.find(answer["method"], path) for path in paths)), None)
            schema = operation and operation.schema(answer["status"])
            if schema:
                name = f"{answer['name']} {answer['status']}"
                yield Document(written["source"], name, spec, schema, value(answer["type"]), partial=True)


def read(specs, arguments):
    """The documents that the arguments select, and a line for each missing corpus."""
    found, left_out = [*spec_examples(specs), *from_recordings(specs, SEEN)], []
    arguments = iter(arguments)
    for argument in arguments:
        if argument == "--types":
            found += from_types(specs, next(arguments))
        elif argument != "--shared":
            found += from_recordings(specs, argument)
        elif (shared := Path(next(arguments))).is_dir():
            found += documentation(specs, shared / "seeds")
            for table in sorted(shared.glob("reference/documents*.csv")):
                found += tables(specs, table)
        else:
            left_out.append("documentation and tables, which this checkout does not have")
    return found, left_out


def write(path, documents):
    """Writes each distinct response as a line."""
    lines = {}
    for document in documents:
        method, path_asked = document.request
        record = {
            "service": document.spec.name,
            "method": method,
            "path": path_asked,
            "status": document.status,
            "body": document.body,
        }
        lines.setdefault(json.dumps(record, sort_keys=True))
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    for source, count in Counter(document.source for document in documents).items():
        print(f"{count} responses: {source}")
    print(f"{path.name}: {len(documents)} responses, {len(lines)} distinct")


def main(folder, *arguments):
    found, left_out = read(read_specs(), arguments)
    # a response without a body has nothing to replay
    whole = [d for d in found if d.request and d.body is not None and not d.partial]
    for what in left_out:
        print(f"skipped: {what}")
    write(Path(folder) / "corpus.jsonl", [d for d in whole if d.source != EXAMPLES])
    write(Path(folder) / "examples.jsonl", [d for d in whole if d.source == EXAMPLES])


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(*sys.argv[1:])
