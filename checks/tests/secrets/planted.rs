//! The places that can hold a secret, each with its canary.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fixtures::installation::context_id;
use serde_json::{Value, json};

use crate::canary::Canary;

/// Every canary that has been planted, and the files that hold them.
#[derive(Default)]
pub(crate) struct Planted {
    pub(crate) canaries: Vec<Canary>,
    /// Files as they were planted.
    pub(crate) files: Vec<(PathBuf, Vec<u8>, u32)>,
}

/// Variables that hold secrets. What a shell has of them, every command of it has.
const VARIABLES: [&str; 9] = [
    "BUILDX_BAKE_GIT_AUTH_TOKEN",
    "BUILDX_BAKE_GIT_AUTH_HEADER",
    "AWS_SECRET_ACCESS_KEY",
    "ACTIONS_RUNTIME_TOKEN",
    "BUILDKIT_AZURE_STORAGE_KEY",
    "OTEL_EXPORTER_OTLP_HEADERS",
    "GITHUB_TOKEN",
    "DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE",
    "DOCKER_CUSTOM_HEADERS",
];

impl Planted {
    /// A new canary, for a place that is not planted already.
    pub(crate) fn canary(&mut self, place: &'static str) -> String {
        assert!(self.canaries.iter().all(|canary| canary.place != place), "{place} twice");
        let canary = Canary::of(place);
        let value = canary.value.clone();
        self.canaries.push(canary);
        value
    }

    fn url(&mut self, place: &'static str) -> String {
        format!("http://user:{}@127.0.0.1:9", self.canary(place))
    }

    fn write(&mut self, path: &Path, text: &str, mode: u32) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        self.files.push((path.to_owned(), text.as_bytes().to_vec(), mode));
    }

    /// The variables of the shell.
    pub(crate) fn variables(&mut self) -> Vec<(&'static str, String)> {
        let mut variables: Vec<_> = VARIABLES.map(|name| (name, self.canary(name))).into();
        variables[8].1 = format!("X-Canary={}", variables[8].1);
        let auth = STANDARD.encode(format!("user:{}", self.canary("DOCKER_AUTH_CONFIG")));
        variables.push(("DOCKER_AUTH_CONFIG", json!({"auths": {"r.invalid": {"auth": auth}}}).to_string()));
        variables
    }

    /// The docker CLI's folder.
    pub(crate) fn docker(&mut self, docker: &Path) {
        let auth = STANDARD.encode(format!("user:{}", self.canary("config.json auth")));
        let config = json!({
            "auths": {
                "one.invalid": {"auth": auth},
                "two.invalid": {"identitytoken": self.canary("config.json identitytoken")},
                "three.invalid": {"registrytoken": self.canary("config.json registrytoken")},
            },
            "HttpHeaders": {"X-Canary": self.canary("config.json HttpHeaders")},
            "proxies": {"default": {"httpProxy": self.url("config.json proxies"), "noProxy": "*"}},
            "plugins": {"scout": {"token": self.canary("config.json plugins")}},
            "unknown": self.canary("config.json unknown key"),
        });
        self.write(&docker.join("config.json"), &config.to_string(), 0o600);
        let seed = json!({"r.invalid": {"Seed": STANDARD.encode(self.canary(".token_seed"))}});
        self.write(&docker.join(".token_seed"), &seed.to_string(), 0o600);
        for (file, place) in [("key.pem", "key.pem"), ("trust/private/root.key", "content trust")] {
            let text = self.canary(place);
            self.write(&docker.join(file), &text, 0o600);
        }
        let proxy = json!({"proxies": {"http-proxy": self.url("daemon.json proxies")}});
        self.write(&docker.join("daemon.json"), &proxy.to_string(), 0o644);
        self.context(&docker.join("contexts"));
    }

    /// A docker context whose engine is far away.
    fn context(&mut self, contexts: &Path) {
        let id = context_id("far");
        let host = self.url("a context's host").replace("http", "tcp");
        let meta = json!({"Name": "far", "Metadata": {}, "Endpoints": {"docker": {"Host": host, "SkipTLSVerify": false}}});
        self.write(&contexts.join("meta").join(&id).join("meta.json"), &meta.to_string(), 0o644);
        let tls = contexts.join("tls").join(id).join("docker");
        for (file, place) in [
            ("ca.pem", "a context's CA"),
            ("cert.pem", "a context's certificate"),
            ("key.pem", "a context's key"),
        ] {
            let text = self.canary(place);
            self.write(&tls.join(file), &text, 0o600);
        }
    }

    /// What stands in buildx' folder beside the builder that runs.
    pub(crate) fn buildx(&mut self, buildx: &Path, elsewhere: &Path) {
        let key = elsewhere.join("remote-key.pem");
        let text = self.canary("a remote builder's key");
        self.write(&key, &text, 0o600);
        let remote = json!({"Name": "remote", "Driver": "remote", "Nodes": [{
            "Name": "remote0", "Endpoint": self.url("a remote builder's endpoint").replace("http", "tcp"),
            "Platforms": null, "DriverOpts": {"key": key}, "Flags": null, "Files": null,
        }]});
        self.write(&buildx.join("instances/remote"), &remote.to_string(), 0o600);
        let scoped = json!({"auths": {"r.invalid": {"auth": self.canary("scoped credentials")}}});
        self.write(&buildx.join("config/r.invalid/config.json"), &scoped.to_string(), 0o600);
        let toml =
            format!("[registry.\"d.invalid\"]\n  mirrors = [\"{}\"]\n", self.url("buildkitd.default.toml"));
        self.write(&buildx.join("buildkitd.default.toml"), &toml, 0o600);
    }

    /// The words by which a builder is created that has secrets in its options, flags and files.
    pub(crate) fn builder(&mut self, folder: &Path) -> Vec<String> {
        let pem = ["a builder's CA", "a builder's certificate", "a builder's key"].map(|place| {
            let path = folder.join(format!("{}.pem", place.rsplit(' ').next().unwrap()));
            fs::write(&path, self.canary(place)).unwrap();
            path
        });
        let [ca, cert, key] = pem.map(|path| path.display().to_string());
        let toml = folder.join("buildkitd.toml");
        let text = format!(
            "[registry.\"r.invalid\"]\n  mirrors = [\"{}\"]\n  ca = [\"{ca}\"]\n  password = \"{}\"\n  \
             [[registry.\"r.invalid\".keypair]]\n    key = \"{key}\"\n    cert = \"{cert}\"\n",
            self.url("buildkitd.toml mirrors"),
            self.canary("buildkitd.toml password"),
        );
        fs::write(&toml, text).unwrap();
        let options = [
            format!("env.HTTP_PROXY={}", self.url("driver option env.HTTP_PROXY")),
            format!("env.PLAIN={}", self.canary("driver option env")),
        ];
        let flag = format!("--oci-worker-labels=token={}", self.canary("buildkitd flag"));
        let mut words =
            vec!["--config".to_owned(), toml.display().to_string(), "--buildkitd-flags".into(), flag];
        words.extend(options.into_iter().flat_map(|option| ["--driver-opt".to_owned(), option]));
        words
    }

    /// The definition that buildx has made of the words above is a place with canaries too.
    pub(crate) fn definition(&mut self, path: &Path) {
        let bytes = fs::read(path).unwrap();
        let written: Value = serde_json::from_slice(&bytes).unwrap();
        let files = written["Nodes"][0]["Files"].as_object().unwrap();
        assert!(files.len() >= 4, "buildx took no keys over: {:?}", files.keys());
        let mode = fs::metadata(path).unwrap().permissions().mode() & 0o777;
        self.files.push((path.to_owned(), bytes, mode));
    }
}
