//! Builders that build on somebody else's machines, in a cluster or a cloud. What their files say and whether somebody is
//! there can be judged from here; whether they build cannot.

use std::path::{Path, PathBuf};

use fixtures::installation::{Environment, Node};
use percent_encoding::percent_decode_str;

use super::dial::{host_and_port, refusal};

/// The drivers, by their names in definitions.
pub(crate) const DRIVERS: [&str; 2] = ["kubernetes", "cloud"];

/// What keeps a node of one of [`DRIVERS`] from building, as far as it can be told from here.
pub(crate) async fn obstacle(driver: &str, node: &Node, environment: &Environment) -> Option<String> {
    match driver {
        "kubernetes" => cluster_obstacle(node, environment).await,
        _ if node.endpoint.is_empty() => Some(format!("the definition of {} names no endpoint", node.name)),
        _ => None,
    }
}

/// A cluster is known by a file; inside of one, by variables (Kubernetes, "Accessing the API from a Pod").
async fn cluster_obstacle(node: &Node, environment: &Environment) -> Option<String> {
    let files = configurations(&node.endpoint, environment);
    let readable: Vec<String> = files.iter().filter_map(|file| std::fs::read_to_string(file).ok()).collect();
    if readable.is_empty() {
        let inside = environment.get("KUBERNETES_SERVICE_HOST").is_some();
        let files = files.iter().map(|file| file.display().to_string()).collect::<Vec<_>>().join(", ");
        return (!inside).then(|| format!("{files}: no cluster configuration there that can be read"));
    }
    let servers: Vec<String> = readable.iter().flat_map(|text| servers(text)).collect();
    let mut said = String::from("the cluster configuration names no server");
    for server in servers {
        match refusal(&server).await {
            None => return None,
            Some(why) => said = format!("no cluster at {server}: {why}"),
        }
    }
    Some(said)
}

/// The files that the endpoint names, as buildx writes it (docker/buildx, `driver/kubernetes/factory.go`), or else those that
/// kubectl would take.
fn configurations(endpoint: &str, environment: &Environment) -> Vec<PathBuf> {
    let options = endpoint.split_once('?').map_or("", |(_, options)| options).split('&');
    let named = options.filter_map(|option| option.strip_prefix("kubeconfig=")).next();
    let named = named.map(|path| percent_decode_str(path).decode_utf8_lossy().into_owned());
    let named = named.filter(|path| !path.is_empty());
    match named.or_else(|| environment.get("KUBECONFIG").map(str::to_owned)) {
        Some(paths) => std::env::split_paths(&paths).collect(),
        None => vec![Path::new(environment.get("HOME").unwrap_or_default()).join(".kube/config")],
    }
}

/// The host and port of each server that a configuration names, one on a line, whatever else stands there.
fn servers(text: &str) -> Vec<String> {
    let lines = text.lines().filter_map(|line| line.trim().trim_start_matches("- ").strip_prefix("server:"));
    lines.map(|url| host_and_port(url.trim().trim_matches(['"', '\'']))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_configuration_tells_its_servers() {
        let text = "clusters:\n- cluster:\n    server: https://10.0.0.1:6443\n- cluster:\n    server: \"https://k8s.example/path\"\n";
        assert_eq!(servers(text), ["10.0.0.1:6443", "k8s.example:443"]);
    }

    #[test]
    fn the_configuration_is_the_one_that_the_endpoint_names() {
        let environment = Environment::of([("HOME".to_owned(), "/home/me".to_owned())]);
        let named = "kubernetes:///farm?deployment=farm0&kubeconfig=%2Fetc%2Fk8s.conf";
        assert_eq!(configurations(named, &environment), [Path::new("/etc/k8s.conf")]);
        let unnamed = "kubernetes:///farm?deployment=farm0&kubeconfig=";
        assert_eq!(configurations(unnamed, &environment), [Path::new("/home/me/.kube/config")]);
    }
}
