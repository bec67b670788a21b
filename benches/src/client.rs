//! A client's folders with many builders and contexts, as machines have that nobody tidies up.

use std::fs;
use std::io;
use std::path::Path;

use fixtures::installation::{Environment, Installation, InstallationError, context_id};

/// Writes `count` builder definitions and as many contexts below `home`. Every context names a socket of its own at which
/// nobody listens.
///
/// # Errors
/// When a file cannot be written.
pub fn make(home: &Path, count: usize) -> io::Result<()> {
    let docker = home.join(".docker");
    let instances = docker.join("buildx/instances");
    fs::create_dir_all(&instances)?;
    for number in 0..count {
        let (context, builder) = (format!("context-{number}"), format!("builder-{number}"));
        let meta = docker.join("contexts/meta").join(context_id(&context));
        fs::create_dir_all(&meta)?;
        let socket = home.join(format!("engine-{number}.sock"));
        let host = format!("unix://{}", socket.display());
        let text =
            format!(r#"{{"Name":"{context}","Metadata":{{}},"Endpoints":{{"docker":{{"Host":"{host}"}}}}}}"#);
        fs::write(meta.join("meta.json"), text)?;
        fs::write(instances.join(&builder), definition(&builder, &context))?;
    }
    Ok(())
}

fn definition(builder: &str, context: &str) -> String {
    format!(
        r#"{{"Name":"{builder}","Driver":"docker-container","Nodes":[{{"Name":"{builder}0","Endpoint":"{context}",
        "Platforms":[{{"architecture":"amd64","os":"linux"}}],"DriverOpts":{{"network":"host"}},
        "Files":{{"buildkitd.toml":"W3dvcmtlci5vY2ldCm1heC1wYXJhbGxlbGlzbSA9IDQK"}}}}],"Dynamic":false}}"#
    )
}

/// The installation of that home, without any program to start.
///
/// # Errors
/// When `home` is no folder.
pub fn installation(home: &Path) -> Result<Installation, InstallationError> {
    let home = home.display().to_string();
    Installation::of(Environment::of([("HOME", home.as_str()), ("PATH", "/nowhere")]))
}
