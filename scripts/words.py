"""Words that shall not come back, each with what to write instead, and tests whose names are too long. `just lint`
runs it.

A path is checked once it is free of the words: NAMES_IN and PHRASES_IN say which are. Add a path there as soon
as it has been cleaned; other paths may be named on the command line, to see what is left in them.
"""

import re
import subprocess
import sys

# free of the names
NAMES_IN = [
    "src",
    "tests",
    "examples",
    "benches",
    "crates/globus-bench",
    "crates/globus-emulator/src",
    "crates/globus-test-support/src/auth.rs",
    "crates/globus-test-support/src/child_process.rs",
    "crates/globus-test-support/src/lib.rs",
    "crates/globus-test-support/src/mock.rs",
    "crates/globus-test-support/src/tls.rs",
    "crates/globus-test-support/src/traces.rs",
    "crates/globus-test-support/src/tree.rs",
]
# free of the phrases
PHRASES_IN = [
    "benches",
    "crates/globus-emulator/src",
    "docs",
    "examples",
    "src",
]

NAMES = {
    r"\b(?:[Hh]oldup|HeldUp)\b": "StallReason, stall_reason, Stalled",
    r"\bWentOn\b": "Resumed",
    r"\bUnlisted\b": "ListFailure",
    r"\bAspect\b": "FileAttribute",
    r"\b[Ee]rrands?\b": "options, task, request or worker",
    r"\bLanding\b": "ClearOnDrop",
    r"\b(?:Cures?|cured)\b": "RecentLogin, satisfied_since",
    r"\bPATIENCE\b": "what the limit is: LOCK_TIMEOUT, READ_TIMEOUT, ...",
    r"\bPace\b": "RateLimiter, PollInterval",
    r"\bstirred\b": "made_progress",
    r"\bDoubt\b": "VerifyFailure",
    r"\bretelling\b": "rewrap",
    r"\bastray\b": "invalid_next_link",
    r"\bgoes_on\b": "has_next_page, continues",
    r"\bset_out\b": "start",
    r"\b(?:ForPerson|ForItself)\b": "UserGrant, ClientCredentialsGrant",
    r"\b(?:OnceOnly|once-only)\b": "DeduplicatedById, deduplicated by id",
    r"\bx-globus-retry\b": "x-globus-idempotency",
    r"\b(?:Hasty|Scripted|Wound|Contender|Canned)\b": "MockClock, MockServer, Mutation, Implementation, StaticServer",
    r"\b(?:Foundation|lay_foundation)\b": "InitialState, write_initial_state",
    r"\b(?:Corpus|Corpora|corpora)\b": "CachedIndex, IndexCache",
    r"\b(?:sow|sown)\b": "apply a seed",
    r"\b(?:Standing|Duty)\b": "EffectiveRoles, ManagerPermission",
    r"\btasks_ended\b": "wait_until_idle",
    r"\bstrict_answers\b": "strict_responses",
    r"\bServiceName\b": "Service",
    r"\b(?:Drip|DRIPS?)\b": "SlowBody",
    r"\b(?:around_the_services|hold_to_the_specs|around_every_request)\b": "fault_layer, strict_layer, record_layer",
    r"\b(?:struct|enum|trait|type) (?:Kept|Asked|Struck|Armed|Seen|Passed|Managed|Shaped|Received|Granted|Wanted"
    r"|Withheld|Sent|Signed|Holding|Asking)\b": "a noun: what was kept, asked, seen, ...",
    r"\bfn (?:within|beyond|under|of|as|beside|at)\b(?=\()": "a verb and its object, or new, from_..., with_...",
}

PHRASES = {
    r"(?<!there )(?<!There )\bis no (?!longer\b|more than\b|less than\b)": "is not a (valid) ..., or invalid ...",
    r"\bnames no\b": "does not name a ...",
    r"\b[Ww]hoever\b": "the caller, a program, ...",
    r"\bas [A-Za-z']+ has it\b": "as in ..., by the rules of ...",
    r"\bby itself\b": "on its own, automatically",
}

# what stands there is right: (file, what was found)
ALLOWED = {}

# how long the name of a test may be
TEST_NAME = 60
TEST = re.compile(r"#\[(?:tokio::)?test\b[^\]]*\]\s*(?:(?:#\[[^\]]*\]|//[^\n]*)\s*)*(?:async )?fn (\w+)")

READ = (".rs", ".md", ".yaml", ".py", ".toml")


def files(paths):
    listed = subprocess.run(["git", "ls-files", "-z", "--", *paths], capture_output=True, check=True, text=True)
    for path in listed.stdout.split("\0"):
        if path.endswith(READ) and path != "scripts/words.py":
            with open(path, encoding="utf-8") as file:
                yield path, file.read()


def long_test_names(paths):
    for path, text in files(paths):
        for match in TEST.finditer(text):
            if len(match.group(1)) > TEST_NAME:
                line = text.count("\n", 0, match.start(1)) + 1
                yield f"{path}:{line}: `{match.group(1)}`; write what is checked in at most {TEST_NAME} letters"


def findings(words, paths):
    words = [(re.compile(pattern), instead) for pattern, instead in words.items()]
    any_word = re.compile("|".join(pattern.pattern for pattern, _ in words))
    for path, text in files(paths):
        if not any_word.search(text):
            continue
        for pattern, instead in words:
            for match in pattern.finditer(text):
                if (path, match.group()) not in ALLOWED:
                    line = text.count("\n", 0, match.start()) + 1
                    yield f"{path}:{line}: `{match.group().strip()}`; write {instead}"


def main(paths):
    checks = ((NAMES, paths or NAMES_IN), (PHRASES, paths or PHRASES_IN))
    found = [line for words, where in checks if where for line in findings(words, where)]
    found.extend(long_test_names(paths))
    for line in found:
        print(line)
    if found:
        sys.exit(f"{len(found)} words or names that shall not come back")


if __name__ == "__main__":
    main(sys.argv[1:])
