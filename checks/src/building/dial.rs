//! Whether anybody is at an address.

use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long a server may take to accept a connection.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why nobody takes a connection at `address`, a host and a port; none where somebody does.
pub(crate) async fn refusal(address: &str) -> Option<String> {
    match timeout(PATIENCE, TcpStream::connect(address)).await {
        Ok(connected) => connected.err().map(|error| error.to_string()),
        Err(_) => Some("no answer".into()),
    }
}

/// The host and port of a URL, which is taken for one of `https` where it does not say.
pub(crate) fn host_and_port(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("https", url));
    let host = rest.split('/').next().unwrap_or_default();
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let has_port = host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    match scheme {
        _ if has_port => host.to_owned(),
        "http" => format!("{host}:80"),
        _ => format!("{host}:443"),
    }
}

/// Whether a host and port are of this machine alone.
pub(crate) fn is_loopback(address: &str) -> bool {
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host).trim_matches(['[', ']']);
    let number = host.parse::<std::net::IpAddr>();
    host == "localhost" || number.is_ok_and(|number| number.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_what_a_url_leads_to() {
        assert_eq!(host_and_port("http://me:word@proxy.example/x"), "proxy.example:80");
        assert_eq!(host_and_port("https://[::1]:8443"), "[::1]:8443");
        assert_eq!(host_and_port("proxy.example:3128"), "proxy.example:3128");
    }

    #[test]
    fn this_machine_has_several_names() {
        assert!(["localhost:1", "127.0.0.2:1", "[::1]:1"].into_iter().all(is_loopback));
        assert!(!is_loopback("10.0.0.1:80"));
    }
}
