//! Settings of builders that BuildKit passes over: it says nothing of a key that it does not know.

use fixtures::installation::BuilderDefinition;
use harness::{Verdict, expect};
use strsim::levenshtein;
use toml::Value;

use crate::Cx;

/// The file of a definition that holds BuildKit's settings.
const FILE: &str = "buildkitd.toml";
/// Every key of that file (moby/buildkit, `cmd/buildkitd/config/config.go`), in lower case: BuildKit takes any.
const KEYS: &[&str] = &[
    "address",
    "all",
    "allowedrepositories",
    "apparmor-profile",
    "binary",
    "bridgename",
    "bridgesubnet",
    "ca",
    "cdi",
    "cert",
    "cnibinarypath",
    "cniconfigpath",
    "cnipoolsize",
    "containerd",
    "debug",
    "debugaddress",
    "defaultcgroupparent",
    "disabled",
    "dns",
    "enabled",
    "filters",
    "format",
    "frontend",
    "gc",
    "gckeepstorage",
    "gcpolicy",
    "gid",
    "grpc",
    "history",
    "http",
    "insecure",
    "insecure-entitlements",
    "keepbytes",
    "keepduration",
    "key",
    "keypair",
    "labels",
    "log",
    "max-parallelism",
    "maxage",
    "maxentries",
    "maxusedspace",
    "minfreespace",
    "mirrors",
    "name",
    "nameservers",
    "namespace",
    "networkmode",
    "noprocesssandbox",
    "oci",
    "options",
    "otel",
    "path",
    "platforms",
    "platformscachemaxage",
    "proxysnapshotterpath",
    "registry",
    "reservedspace",
    "root",
    "rootless",
    "runtime",
    "searchdomains",
    "security",
    "selinux",
    "snapshotter",
    "socketpath",
    "specdirs",
    "stargzsnapshotter",
    "system",
    "tls",
    "trace",
    "uid",
    "worker",
];
/// Tables whose keys are anybody's.
const FREE: [&str; 3] = ["labels", "options", "stargzsnapshotter"];
/// Tables of tables with names that are anybody's.
const NAMED: [&str; 2] = ["registry", "frontend"];

/// No setting of a builder is a slip of the pen, which would count for nothing.
#[harness::check(covers = "4.1.2", stage = Installed, within = "10s")]
async fn settings_are_ones_that_buildkit_knows(cx: &Cx) -> Verdict {
    let slips: Vec<String> = cx.installation()?.builders().found.iter().flat_map(slips_of).collect();
    expect("settings of builders that count for nothing", slips).is_empty()
}

fn slips_of(builder: &BuilderDefinition) -> Vec<String> {
    let files = builder.nodes.iter().flat_map(|node| &node.files).filter(|file| file.name == FILE);
    let texts = files.filter_map(|file| std::str::from_utf8(file.bytes.expose()).ok());
    // One that is no TOML is for another check.
    let settings = texts.filter_map(|text| text.parse::<toml::Table>().ok());
    settings
        .flat_map(|table| slips_in(&table))
        .map(|(key, meant)| format!("{key} in the {FILE} of {} looks like a slip for {meant}", builder.name))
        .collect()
}

/// The keys that are none but nearly, each with what was meant. Others may be those of a newer BuildKit.
fn slips_in(table: &toml::Table) -> Vec<(String, &'static str)> {
    let own = table.keys().filter_map(|key| Some((key.clone(), meant(key)?)));
    let inner = table.iter().flat_map(|(key, value)| inner(&key.to_lowercase(), value));
    own.chain(inner.flat_map(slips_in)).collect()
}

fn inner<'a>(key: &str, value: &'a Value) -> Vec<&'a toml::Table> {
    match value {
        Value::Table(_) if FREE.contains(&key) => Vec::new(),
        Value::Table(table) if NAMED.contains(&key) => table.values().filter_map(Value::as_table).collect(),
        Value::Table(table) => vec![table],
        Value::Array(items) => items.iter().filter_map(Value::as_table).collect(),
        _ => Vec::new(),
    }
}

fn meant(key: &str) -> Option<&'static str> {
    let key = key.to_lowercase();
    let near = |known: &&&str| levenshtein(known, &key) == 1 && key.len() > 2;
    if KEYS.contains(&key.as_str()) { None } else { KEYS.iter().find(near).copied() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slips(text: &str) -> Vec<&'static str> {
        slips_in(&text.parse().unwrap()).into_iter().map(|(_, meant)| meant).collect()
    }

    #[test]
    fn a_slip_is_told_wherever_it_stands() {
        assert_eq!(slips("[worker.oci]\n  gcc = true\n"), ["gc"]);
        assert_eq!(slips("[[worker.oci.gcpolicy]]\n  keepByte = 512\n"), ["keepbytes"]);
        assert_eq!(slips("[registry.\"r.example\"]\n  htp = true\n"), ["http"]);
    }

    #[test]
    fn what_is_known_or_named_by_anybody_or_quite_new_is_none() {
        let text = "[registry.htp]\n  HTTP = true\n[worker.oci.labels]\n  gcc = \"1\"\n[worker.oci]\n  brandNew = true\n";
        assert_eq!(slips(text), Vec::<&str>::new());
    }
}
