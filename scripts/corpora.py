"""The documents that are public: answers that SDKs have recorded, examples of documentation and of the specs.

usage: python scripts/corpora.py FOLDER [--shared FOLDER] RECORDED.jsonl ...

Writes each whole answer once, as a line of JSON for contract_replay, into two files of FOLDER:
corpus.jsonl has those that export_corpus.py has recorded, those of documents.jsonl, and the examples of
documentation if the shared folder is there; examples.jsonl has the examples of the specs. Needs PyYAML.
"""

import csv
import json
import sys
from collections import Counter
from pathlib import Path

from specs import AnyOf, Maybe, read_specs

# documents of the same shape as those that public programs are tested with or their authors show
SEEN = Path(__file__).parent / "documents.jsonl"
EXAMPLES = "examples of the specs"


class Document:
    """A document, where it is from, and the schema that it should fit.

    One that is `partial` tells only of the fields that it has: of one that it lacks nobody said
    that it may be absent."""

    def __init__(self, source, name, spec, schema, body, operation=None, status=200, partial=False):
        self.source, self.name, self.spec, self.schema, self.body = source, name, spec, schema, body
        self.operation, self.status, self.partial = operation, status, partial
        # the method and path that were asked, or any that lead to the operation
        self.request = operation and (operation.method, operation.path)


def recorded(specs, path):
    """The answers of a file that export_corpus.py has written. Those of services without a spec may
    hold documents of one that has: a timer's result is a task of Transfer."""
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        source, name, service = record["source"], record["name"], record["service"]
        if service in specs:
            spec = specs[service]
            # contract_replay says of those without an operation that it is unknown
            operation = spec.find(record["method"], record["path"])
            schema = operation and operation.schema(record["status"])
            found = Document(source, name, spec, schema, record["body"], operation, record["status"])
            found.request = record["method"], record["path"]
            yield found
        else:
            for value in tagged(record["body"]):
                for spec, schema, operation in fitting(specs, value):
                    yield Document(source, name, spec, schema, value, operation)


def tagged(value):
    """The documents within a document that tell their kind."""
    if isinstance(value, dict) and "DATA_TYPE" in value:
        yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for one in inner:
        yield from tagged(one)


def spec_examples(specs):
    """The examples that stand in the specs beside their schemas."""
    for spec in specs.values():
        for operation in spec.operations:
            for status, media in operation.responses():
                named = dict(media.get("examples", {}))
                if "example" in media:
                    named["example"] = {"value": media["example"]}
                for name, example in named.items():
                    value = spec.resolved(example).get("value")
                    # `5XX` is any of them, and `default` an error
                    code = int(status.replace("X", "0")) if status[0].isdigit() else 500
                    yield Document(
                        EXAMPLES, f"{operation.name}/{status}/{name}", spec,
                        media["schema"], plain(value), operation, code,
                    )


def plain(value):
    """As JSON has it: YAML reads times that stand without quotes as such."""
    return json.loads(json.dumps(value, default=str))


def objects(text):
    """Every object and array of JSON that begins a line of a page."""
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


def fitting(specs, value):
    """The schemas of answers that have the kind of a document; without one, the closest of those that
    have all its keys. With each its spec, and an operation that answers so if there is one."""
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
    """The examples of pages that were saved as text."""
    for path in sorted(Path(folder).glob("*.txt")):
        for i, value in enumerate(objects(path.read_text(encoding="utf-8"))):
            for spec, schema, operation in fitting(specs, value):
                yield Document("documentation", f"{path.stem}[{i}]", spec, schema, value, operation)


def tables(specs, path):
    """What a table of documents says of their fields: a partial document for each schema that it means."""
    rows = {}
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["kind"] in ("response", "both", "example", "example/response", "schema"):
                rows.setdefault((row["service"], row["document"]), []).append(row)
    for (service, document), fields in rows.items():
        if service in specs:
            body = assembled(fields)
            for schema in meant(specs[service], document, fields):
                yield Document(Path(path).name, document, specs[service], schema, body, partial=True)


def assembled(fields):
    """A document of the fields that rows name by paths such as `a.b[].c`."""
    tree = {}
    for row in fields:
        node = tree
        for key in row["field"].replace("[]", ".[]").removeprefix(".").split("."):
            node = node.setdefault("inner", {}).setdefault(key, {})
        # "3/4" counts documents that are read themselves, cut down examples among them
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
            # what a table shows of an array or object may be cut off, or one of many
            value = "" if isinstance(value, (dict, list)) else value
        absent, null = node.get("absent"), node.get("null")
        return Maybe(value, absent, null) if absent or null else value

    return build(tree)


def meant(spec, document, fields):
    """The schemas that a table's name for a document means."""
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


def declared(specs, path):
    """What the TypeScript types of the JavaScript SDK say: partial documents of what it calls types."""
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
            # the OpenAPI document of Transfer's version 2 begins its paths behind the version
            paths = answer["path"], "/v2" + answer["path"]
            operation = next(filter(None, (spec.find(answer["method"], path) for path in paths)), None)
            schema = operation and operation.schema(answer["status"])
            if schema:
                name = f"{answer['name']} {answer['status']}"
                yield Document(written["source"], name, spec, schema, value(answer["type"]), partial=True)


def read(specs, arguments):
    """The documents that the arguments of a program name, and a line for each corpus that is not there."""
    found, left_out = [*spec_examples(specs), *recorded(specs, SEEN)], []
    arguments = iter(arguments)
    for argument in arguments:
        if argument == "--types":
            found += declared(specs, next(arguments))
        elif argument != "--shared":
            found += recorded(specs, argument)
        elif (shared := Path(next(arguments))).is_dir():
            found += documentation(specs, shared / "seeds")
            for table in sorted(shared.glob("reference/documents*.csv")):
                found += tables(specs, table)
        else:
            left_out.append("documentation and tables, which are not in this checkout")
    return found, left_out


def write(path, documents):
    """Writes each different answer as a line."""
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
        print(f"{count} answers: {source}")
    print(f"{path.name}: {len(documents)} answers, {len(lines)} of them different")


def main(folder, *arguments):
    found, left_out = read(read_specs(), arguments)
    # one without a body has nothing to replay
    whole = [d for d in found if d.request and d.body is not None and not d.partial]
    for what in left_out:
        print(f"left out: {what}")
    write(Path(folder) / "corpus.jsonl", [d for d in whole if d.source != EXAMPLES])
    write(Path(folder) / "examples.jsonl", [d for d in whole if d.source == EXAMPLES])


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(*sys.argv[1:])
