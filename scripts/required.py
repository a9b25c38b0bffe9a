"""Checks the required response fields of the specs against every public document.

usage: python scripts/required.py [--shared FOLDER] [--types TYPES.json] RECORDED.jsonl ...
       python scripts/required.py --prove

For each required field of each response schema, counts the documents that have it and those in which it
is absent, or null without being nullable. The documents are the responses that export_corpus.py has
exported, the examples of the specs, the JavaScript SDK's types from typescript_types.mjs (a member with `?`
may be absent), and the documentation and tables in FOLDER if it exists. Fails if a required field is absent
anywhere. A reason in `x-globus-required` overrides a type or a table, since most types call every field
optional, but never a document.

`--prove` tests this with synthetic documents that lack fields.
"""

import sys
from collections import Counter

import corpora
from specs import Maybe, Spec, read_specs


class Survey:
    def __init__(self, specs):
        self.documents, self.sources = 0, Counter()
        # (service, schema, field), in the order of the specs
        self.fields = dict.fromkeys(required_fields(specs))
        # by field: the number of documents that have it, and where it is absent or null
        self.present, self.absent, self.outweighed = Counter(), {}, {}
        self.reasons = {}

    def add(self, document):
        """Counts the fields of a document and its nested documents."""
        self.documents += 1
        self.sources[document.source] += 1
        spec, missing = document.spec, object()

        def visit(owner, value, required, properties):
            for name in required:
                key, written = (spec.name, owner, name), properties.get(name, {})
                self.fields.setdefault(key)
                found = value.get(name, missing)
                if found is missing and document.partial:
                    continue
                may = isinstance(found, Maybe)
                null_fits = spec.nullable(written)
                if found is missing or may and found.absent:
                    how = "absent"
                elif not null_fits and (found is None or may and found.null):
                    how = "null"
                else:
                    self.present[key] += 1
                    continue
                # an optional field is also evidence that the field exists
                self.present[key] += may
                reason = spec.reason(owner, name, written) if may else None
                places = self.outweighed if reason else self.absent
                self.reasons[key] = reason
                places.setdefault(key, Counter())[document.source, document.name, how] += 1

        spec.walk(document.body, document.schema, visit)

    def report(self, left_out=()):
        """Prints the counts. Returns whether a required field is absent."""
        for key in self.fields:
            absent = self.absent.get(key, Counter())
            print(f"{' '.join(key)}: in {self.present[key]}, absent in {sum(absent.values())}")
            for line in source_lines(absent):
                print(f"    {line}")
            for line in source_lines(self.outweighed.get(key, Counter())):
                print(f"    {line}; but: {self.reasons[key]}")
        print()
        for source, count in self.sources.items():
            print(f"{count} documents: {source}")
        for what in left_out:
            print(f"skipped: {what}")
        never = [key for key in self.fields if not self.present[key]]
        print(f"{len(never)} required fields are in no document{':' if never else ''}")
        for key in never:
            print(f"    {' '.join(key)}")
        print(
            f"{len(self.fields)} required fields, {self.documents} documents, "
            f"{len(self.absent)} absent anywhere"
        )
        return bool(self.absent)


def source_lines(found):
    """A line for each source in which a field is absent or null, with the first documents."""
    names = {}
    for source, name, how in found:
        names.setdefault((source, how), []).append(name)
    for (source, how), some in names.items():
        more = f", and {len(some) - 3} more" if len(some) > 3 else ""
        yield f"{how} in {source}: {', '.join(some[:3])}{more}"


def required_fields(specs):
    """The required fields of every schema that responses use."""
    for spec in specs.values():
        for name in spec.answers("2345"):
            yield from fields_of_schema(spec.name, name, spec.schemas[name])


def fields_of_schema(service, name, schema):
    for part in schema.get("allOf", ()):
        if "$ref" not in part:
            yield from fields_of_schema(service, name, part)
    for field in schema.get("required", ()):
        yield service, name, field


def main(arguments):
    specs = read_specs()
    survey = Survey(specs)
    found, left_out = corpora.read(specs, arguments)
    for document in found:
        # skip responses without a document or with an undocumented status
        if document.schema and document.body is not None:
            survey.add(document)
    return survey.report(left_out)


def prove():
    """Synthetic documents, with the fields that each lacks."""
    reference = lambda name: {"$ref": f"#/components/schemas/{name}"}
    answer = {"description": "", "content": {"application/json": {"schema": reference("List")}}}
    spec = Spec("made up", {
        "paths": {"/list/{id}": {"get": {
            "operationId": "list",
            "x-globus-paging": {"style": "last-key", "items": "items"},
            "responses": {"200": answer},
        }}},
        "components": {"schemas": {
            "List": {"required": ["items"], "properties": {"items": {"type": "array", "items": reference("Item")}}},
            "Item": {
                "oneOf": [reference("Cat"), reference("Dog")],
                "discriminator": {"propertyName": "kind", "mapping": {
                    "cat": "#/components/schemas/Cat", "dog": "#/components/schemas/Dog",
                }},
            },
            "Animal": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}},
            "Cat": {"allOf": [reference("Animal"), {
                "type": "object",
                "required": ["lives", "owner"],
                "properties": {
                    "kind": {"type": "string", "enum": ["cat"]},
                    "lives": {"type": "integer", "x-globus-required": "identity: it is in every recording"},
                    "owner": {"type": "string", "nullable": True},
                },
            }]},
            "Dog": {"allOf": [reference("Animal")]},
        }},
    })
    cat = {"kind": "cat", "name": "Tom", "lives": 9, "owner": None}
    without = lambda *names: {name: value for name, value in cat.items() if name not in names}
    cases = [
        ("a whole document", [cat, {"kind": "dog", "name": "Rex"}], False, []),
        ("an absent field", [cat, without("lives")], False, ["Cat lives"]),
        ("an absent field of a part", [without("name")], False, ["Animal name"]),
        ("an absent field that may be null", [without("owner")], False, ["Cat owner"]),
        ("a null", [cat | {"lives": None}], False, ["Cat lives"]),
        ("a kind that the spec does not know", [{"kind": "eel"}], False, []),
        ("a type that says optional", [cat | {"name": Maybe("Tom", absent=True)}], True, ["Animal name"]),
        ("a type that says null", [cat | {"name": Maybe("Tom", null=True)}], True, ["Animal name"]),
        ("a reason against a type", [cat | {"lives": Maybe(9, absent=True)}], True, []),
        ("a type that does not name a field", [without("lives")], True, []),
        ("the items of a list", Maybe([], absent=True), True, []),
    ]
    row = lambda field, presence, nullable: {
        "field": field, "presence": presence, "nullable": nullable, "example": '"cat"',
    }
    table = [row("items[].kind", "always", "no"), row("items[].name", "optional", "no")]
    nulls = [table[0], row("items[].name", "", "yes")]
    cases += [
        ("a row that says optional", corpora.build_document(table)["items"], True, ["Animal name"]),
        ("a row that says null", corpora.build_document(nulls)["items"], True, ["Animal name"]),
    ]
    wrong = 0
    for what, items, partial, wanted in cases:
        survey = Survey({"made up": spec})
        operation = spec.find("GET", "/list/7?q=1")
        survey.add(corpora.Document(
            "made up", what, spec, operation.schema(200), {"items": items}, operation, partial=partial,
        ))
        found = [f"{owner} {name}" for _, owner, name in survey.absent]
        if found != wanted:
            wrong += 1
            print(f"{what}: found {found}, not {wanted}")
    survey = Survey({"made up": spec})
    survey.add(corpora.Document("made up", "no list", spec, reference("List"), {}))
    if list(survey.absent) != [("made up", "List", "items")]:
        wrong += 1
        print("a list without items was not found")
    print(f"{len(cases) + 1} synthetic documents, {wrong} wrong results")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(prove() if sys.argv[1:] == ["--prove"] else main(sys.argv[1:]))
