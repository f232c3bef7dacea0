#!/usr/bin/env bash
# bash bench/build.sh [PAIRS]: what the generator adds to the build of a program that uses the crate.
#
# Two programs are built from nothing, in turn, with all crates in a directory, as a registry gives them. They
# differ in this crate alone: "generated" has its build.rs, and "checked-in" has the generated code instead.
set -euo pipefail
pairs=${1:-5}
cd "$(dirname "$0")/.."
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

# The crate as it would be published, and all others.
cargo package --quiet --locked --package atlas-peering --no-verify --target-dir "$root/package"
cargo vendor --quiet --locked "$root/generated.crates" >/dev/null
crate=atlas-peering
mkdir "$root/generated.crates/$crate"
tar xzf "$root"/package/package/$crate-*.crate -C "$root/generated.crates/$crate" --strip-components=1
echo '{"files":{}}' >"$root/generated.crates/$crate/.cargo-checksum.json"

program() {
    mkdir -p "$root/$1/src" "$root/$1/.cargo"
    printf '[source.crates-io]\nreplace-with = "here"\n[source.here]\ndirectory = "%s"\n' \
        "$root/$1.crates" >"$root/$1/.cargo/config.toml"
    cat >"$root/$1/Cargo.toml" <<'TOML'
[package]
name = "program"
edition = "2024"

[dependencies]
atlas-peering = "0.1.0"
tokio = { version = "1", features = ["macros", "rt-multi-thread"] }
TOML
    cat >"$root/$1/src/main.rs" <<'RUST'
use atlas_peering::{Client, Credentials, ProjectId};

#[tokio::main]
async fn main() -> Result<(), atlas_peering::Error> {
    let atlas = Client::new(Credentials::from_env()?)?;
    let project = ProjectId::from_env()?;
    for peering in atlas.peerings(&project).into_vec().await? {
        println!("{}", peering.id());
    }
    Ok(())
}
RUST
}

# Prints the CPU time and the wall time of a build, in seconds.
build() {
    rm -rf "$root/$1/target"
    (
        cd "$root/$1"
        TIMEFORMAT='%U %S %R'
        { time cargo build --quiet --offline --target-dir target 2>&3; } 2>&1
    ) 3>&2 | awk '{ print $1 + $2, $3 }'
}

# The first build is not measured. It writes the code that the other program has checked in.
program generated
build generated >/dev/null
cp -r "$root/generated.crates" "$root/checked-in.crates"
copy=$root/checked-in.crates/$crate
find "$root/generated/target" -path "*/$crate-*/out/*.rs" -exec cp {} "$copy/src/code.rs" \;
sed 's#include!(.*#include!("code.rs");#' src/generated.rs >"$copy/src/generated.rs"
awk '/^\[/ { skip = /^\[build-dependencies/ } /^build = / { $0 = "build = false" } !skip' \
    "$root/generated.crates/$crate/Cargo.toml" >"$copy/Cargo.toml"
rm -r "$copy/build.rs" "$copy/build"
program checked-in

echo "CPU s and wall s, generated; CPU s and wall s, checked in; ratios of CPU and wall"
for ((pair = 0; pair < pairs; pair++)); do
    if ((pair % 2)); then
        b=$(build checked-in) a=$(build generated)
    else
        a=$(build generated) b=$(build checked-in)
    fi
    echo "$a $b" | awk '{ printf "%.1f %.1f  %.1f %.1f  %.3f %.3f\n", $1, $2, $3, $4, $1 / $3, $2 / $4 }'
done | tee "$root/pairs"
for column in 1 2 3 4 5 6; do
    awk -v column=$column '{ print $column }' "$root/pairs" | sort -n | sed -n "$((pairs / 2 + 1))p"
done | paste -s -d ' ' | sed 's/^/median: /'
