//! The target of a request.

use url::{Host, Position, Url};

use super::Error;

/// A URL that can be fetched: `http` or `https`, with a host.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Target(Url);

impl Target {
    /// Parses a URL as people type it: without a scheme it is `http`.
    ///
    /// # Errors
    ///
    /// [`Error::Url`] if it is no URL, has another scheme, no host, or a password in it.
    ///
    /// ```
    /// use async_dsl_examples::http::Target;
    ///
    /// let target = Target::parse("localhost:8080/a b?q#top").unwrap();
    /// assert_eq!(target.to_string(), "http://localhost:8080/a%20b?q#top");
    /// assert_eq!(target.path_and_query(), "/a%20b?q");
    /// assert!(Target::parse("gopher://localhost/").is_err());
    /// ```
    pub fn parse(text: &str) -> Result<Self, Error> {
        let refuse = |why: String| Error::Url(text.escape_debug().to_string(), why);
        // `localhost:80` would be a URL with the scheme `localhost`.
        let url = if text.contains("://") {
            Url::parse(text)
        } else {
            Url::parse(&format!("http://{text}"))
        };
        Self::checked(url.map_err(|error| refuse(error.to_string()))?).map_err(refuse)
    }

    /// Returns where a `Location` leads from here: it may be relative.
    ///
    /// # Errors
    ///
    /// [`Error::Redirect`] if it cannot be fetched, or leads from `https` to `http`: a caller that asked for a private
    /// connection must not lose it silently.
    pub fn follow(&self, location: &str) -> Result<Self, Error> {
        let refuse = |why: String| Error::Redirect(location.escape_debug().to_string(), why);
        let url = self.0.join(location);
        let to = Self::checked(url.map_err(|error| refuse(error.to_string()))?).map_err(refuse)?;
        if self.is_https() && !to.is_https() {
            return Err(refuse("it leads from https to http".to_owned()));
        }
        Ok(to)
    }

    fn checked(url: Url) -> Result<Self, String> {
        if !matches!(url.scheme(), "http" | "https") {
            Err(format!(
                "the scheme {} is neither http nor https",
                url.scheme()
            ))
        } else if !url.username().is_empty() || url.password().is_some() {
            Err("user names and passwords in URLs are not supported".to_owned())
        } else if url.port() == Some(0) {
            Err("port 0 cannot be connected to".to_owned())
        } else {
            Ok(Self(url)) // with these schemes there always is a host
        }
    }

    /// Whether the connection is to be encrypted.
    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// Returns the host to connect to: an IPv6 address without its brackets.
    pub fn host(&self) -> String {
        match self.0.host() {
            Some(Host::Ipv6(address)) => address.to_string(),
            Some(host) => host.to_string(),
            None => String::new(),
        }
    }

    /// Returns the port, or the default one of the scheme.
    pub fn port(&self) -> u16 {
        self.0.port_or_known_default().unwrap_or(80)
    }

    /// Returns host and port, for messages.
    pub fn address(&self) -> String {
        format!("{}:{}", self.0.host_str().unwrap_or_default(), self.port())
    }

    /// Returns host and port for the `Host` header: without the default port of the scheme.
    pub fn authority(&self) -> &str {
        &self.0[Position::BeforeHost..Position::AfterPort]
    }

    /// Returns the path and the query; the fragment is not sent.
    pub fn path_and_query(&self) -> &str {
        &self.0[Position::BeforePath..Position::AfterQuery]
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.as_str())
    }
}
