//! The certificate of the fakes: made anew for each world, signed by itself. Browsers are told to
//! accept it (`acceptInsecureCerts`, `--ignore-certificate-errors`); nothing is installed anywhere.

use std::sync::Arc;

use anyhow::Context as _;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::TlsAcceptor;

/// An acceptor that calls itself all of `hosts` and speaks HTTP/1.1 only, and its certificate.
pub(crate) fn acceptor(hosts: &[&str]) -> anyhow::Result<(TlsAcceptor, CertificateDer<'static>)> {
    let names: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(names).context("a certificate for the fakes")?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
    // The provider is named, since the process may hold several and has then no default.
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .context("TLS versions")?
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .context("the fakes' certificate")?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok((TlsAcceptor::from(Arc::new(config)), cert.der().clone()))
}
