//! Wrong usage and configurations that cannot be meant: one clear line, exit code 3, and nothing started.

use std::io::Write;
use std::os::unix::net::UnixListener;

use libtest_mimic::{Failed, Trial};

use crate::program::{Client, Run};

/// What is given to the program, and a word that its line has to say.
struct Wrong {
    what: &'static str,
    arguments: &'static [&'static str],
    variable: Option<(&'static str, &'static str)>,
    says: &'static str,
}

const WRONG: &[Wrong] = &[
    wrong("an unknown flag", &["--frobnicate"], "--frobnicate"),
    wrong("an unknown target", &["--target", "mars"], "lab:bookworm"),
    wrong("an unknown suite of a lab", &["--target", "lab:sarge"], "sarge"),
    wrong("an unknown profile", &["--profile", "prodution"], "did you mean `production`"),
    wrong("an unknown need", &["--require", "luck"], "container-builder"),
    wrong_variable(
        "an engine on another machine",
        ("DOCKER_HOST", "tcp://192.0.2.1:2375"),
        "another machine",
    ),
    wrong_variable(
        "an engine behind a shell",
        ("DOCKER_HOST", "ssh://somebody@192.0.2.1"),
        "another machine",
    ),
    wrong_variable(
        "a client configuration that is a file",
        ("DOCKER_CONFIG", "/etc/hostname"),
        "/etc/hostname",
    ),
];

const fn wrong(what: &'static str, arguments: &'static [&'static str], says: &'static str) -> Wrong {
    Wrong { what, arguments, variable: None, says }
}

const fn wrong_variable(
    what: &'static str,
    variable: (&'static str, &'static str),
    says: &'static str,
) -> Wrong {
    Wrong { what, arguments: &["--target", "live"], variable: Some(variable), says }
}

pub(crate) fn trials() -> Vec<Trial> {
    let wrong = WRONG.iter().map(|wrong| {
        Trial::test(format!("{} gets one line", wrong.what), move || {
            let mut client = Client::new();
            if let Some((name, value)) = wrong.variable {
                client.set(name, value);
            }
            one_line(&client.reinstall(wrong.arguments), wrong.says)
        })
    });
    wrong.chain([Trial::test("a socket that is no Docker gets one line", no_docker)]).collect()
}

fn no_docker() -> Result<(), Failed> {
    let mut client = Client::new();
    let socket = client.path("other.sock");
    let listener = UnixListener::bind(&socket)?;
    client.set("DOCKER_HOST", format!("unix://{}", socket.display()));
    let answering = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept()?;
        stream.write_all(b"220 mail.example ESMTP\r\n")
    });
    // In a lab, `auto` means the lab.
    let run = client.reinstall(&["--target", "live", "engine_answers"]);
    answering.join().map_err(|_| "the other end panicked")??;
    one_line(&run, "not a Docker engine")
}

fn one_line(run: &Run, says: &str) -> Result<(), Failed> {
    let lines: Vec<&str> = run.stderr.lines().collect();
    match lines.as_slice() {
        [line]
            if run.code == 3
                && line.contains(says)
                && run.stdout.is_empty()
                && run.report["checks"].is_null() =>
        {
            Ok(())
        }
        _ => Err(format!("{run:#?}").into()),
    }
}
