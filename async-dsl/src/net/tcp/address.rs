//! The addresses that can be connected to or listened on.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6, ToSocketAddrs};

use crate::runtime::place::Line;

/// An address for [`connect`](super::connect) and [`listen`](super::listen): a `SocketAddr`, several of them, a pair of
/// host and port, a text such as `"localhost:8080"`, or a port alone, on the loopback address. An empty host is the
/// loopback address too: `":8080"`, `("", 8080)`.
///
/// Host names are resolved by the operating system, not on the workers.
///
/// # Examples
///
/// ```
/// use async_dsl::net::tcp;
///
/// async_dsl::block_on(async {
///     let listener = tcp::listen(0).await.unwrap();
///     let address = listener.local_addr().unwrap();
///     let port = address.port();
///     tcp::connect(address).await.unwrap();
///     tcp::connect(port).await.unwrap();
///     tcp::connect(("localhost", port)).await.unwrap();
///     tcp::connect(format!(":{port}")).await.unwrap();
/// });
/// ```
pub trait Address: sealed::Sealed {
    #[doc(hidden)]
    fn place(self) -> Place;
}

mod sealed {
    pub trait Sealed {}
}

#[doc(hidden)]
#[derive(Debug)]
pub enum Place {
    Known(Vec<SocketAddr>),
    Name(String, u16),
    Text(String),
}

impl Place {
    /// Returns the addresses, at least one.
    pub(super) async fn resolve(self) -> io::Result<Vec<SocketAddr>> {
        let text = self.text();
        let addresses = match self {
            Self::Known(addresses) => addresses,
            Self::Name(host, port) => resolve(host, port).await?,
            Self::Text(text) => {
                if let Ok(address) = text.parse::<SocketAddr>() {
                    vec![address]
                } else {
                    let (host, port) = text.rsplit_once(':').ok_or_else(|| no_port(&text))?;
                    let port = port.parse().map_err(|_| no_port(&text))?;
                    resolve(host.to_owned(), port).await?
                }
            }
        };
        if addresses.is_empty() {
            let message = format!("no address for `{text}`");
            return Err(io::Error::new(io::ErrorKind::NotFound, message));
        }
        Ok(addresses)
    }

    /// Returns the addresses in a simulated network, which resolves no names.
    ///
    /// # Panics
    /// If it is a name, with the line that uses it.
    pub(super) fn simulated(self, at: Line) -> io::Result<Vec<SocketAddr>> {
        let known = |host: &str, port: u16| {
            let address = match host {
                "" | "localhost" => Some(Ipv4Addr::LOCALHOST.into()),
                _ => host.parse::<IpAddr>().ok(),
            };
            let Some(address) = address else {
                panic!(
                    "the name `{host}` at {at} cannot be resolved in a simulated network: use an address"
                )
            };
            SocketAddr::new(address, port)
        };
        Ok(match self {
            Self::Known(addresses) => addresses,
            Self::Name(host, port) => vec![known(&host, port)],
            Self::Text(text) => {
                if let Ok(address) = text.parse::<SocketAddr>() {
                    return Ok(vec![address]);
                }
                let (host, port) = text.rsplit_once(':').ok_or_else(|| no_port(&text))?;
                vec![known(host, port.parse().map_err(|_| no_port(&text))?)]
            }
        })
    }

    /// Returns the address as it was written, for messages.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Known(addresses) => addresses
                .iter()
                .map(SocketAddr::to_string)
                .collect::<Vec<_>>()
                .join(", "),
            Self::Name(host, port) => format!("{host}:{port}"),
            Self::Text(text) => text.clone(),
        }
    }
}

fn no_port(text: &str) -> io::Error {
    let message = format!("`{text}` is not an address: write host:port");
    io::Error::new(io::ErrorKind::InvalidInput, message)
}

async fn resolve(host: String, port: u16) -> io::Result<Vec<SocketAddr>> {
    if host.is_empty() {
        return Ok(vec![(Ipv4Addr::LOCALHOST, port).into()]);
    }
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![(address, port).into()]);
    }
    blocking::unblock(move || {
        let named = |error: io::Error| {
            io::Error::new(error.kind(), format!("cannot resolve `{host}`: {error}"))
        };
        let addresses = (host.as_str(), port).to_socket_addrs().map_err(named)?;
        Ok(addresses.collect())
    })
    .await
}

macro_rules! address {
    ($($type:ty, $self:ident => $place:expr;)+) => { $(
        impl sealed::Sealed for $type {}

        impl Address for $type {
            fn place($self) -> Place {
                $place
            }
        }
    )+ };
}

address! {
    u16, self => Place::Known(vec![(Ipv4Addr::LOCALHOST, self).into()]);
    SocketAddr, self => Place::Known(vec![self]);
    SocketAddrV4, self => Place::Known(vec![self.into()]);
    SocketAddrV6, self => Place::Known(vec![self.into()]);
    (IpAddr, u16), self => Place::Known(vec![self.into()]);
    (Ipv4Addr, u16), self => Place::Known(vec![self.into()]);
    (Ipv6Addr, u16), self => Place::Known(vec![self.into()]);
    Vec<SocketAddr>, self => Place::Known(self);
    &[SocketAddr], self => Place::Known(self.to_vec());
    (&str, u16), self => Place::Name(self.0.to_owned(), self.1);
    (String, u16), self => Place::Name(self.0, self.1);
    &str, self => Place::Text(self.to_owned());
    &String, self => Place::Text(self.clone());
    String, self => Place::Text(self);
}
