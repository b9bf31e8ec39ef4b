//! TLS for the LAN: given files, or an own authority made at first start.

use std::{fs, sync::Arc};

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, SanType,
};
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};

use crate::platform::{config::Config, failure::Fault, sealing::write_secret};

/// The authority's certificate inside the data directory: what a venue's browser must be told to trust.
pub const AUTHORITY: &str = "tls/authority.pem";

/// # Errors
/// When files cannot be read or written, or do not hold a certificate and its key.
pub fn server_config(config: &Config) -> Result<Arc<ServerConfig>, Fault> {
    let (certificate, key) = match (&config.http.certificate, &config.http.private_key) {
        (Some(certificate), Some(key)) => (certificate.clone(), key.clone()),
        _ => own(config).map_err(|error| Fault::new("making a TLS certificate", error))?,
    };
    let doing = || format!("reading {} and {}", certificate.display(), key.display());
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(&certificate)
        .and_then(Iterator::collect)
        .map_err(|error| Fault::new(doing(), error))?;
    let key = PrivateKeyDer::from_pem_file(&key).map_err(|error| Fault::new(doing(), error))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut server = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
        .map_err(|error| Fault::new(doing(), error))?;
    server.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(server))
}

/// Paths of our certificate and key, made when absent or when the names have changed.
fn own(
    config: &Config,
) -> Result<(std::path::PathBuf, std::path::PathBuf), Box<dyn std::error::Error + Send + Sync>> {
    let dir = config.data_dir.join("tls");
    fs::create_dir_all(&dir)?;
    let (ca_pem, ca_key) = (config.data_dir.join(AUTHORITY), dir.join("authority.key"));
    if !ca_pem.exists() {
        let key = KeyPair::generate()?;
        let certificate = authority()?.self_signed(&key)?;
        write_secret(&ca_key, &key.serialize_pem())?;
        fs::write(&ca_pem, certificate.pem())?;
    }
    let names = names(config);
    let (pem, key, for_names) = (
        dir.join("server.pem"),
        dir.join("server.key"),
        dir.join("server.names"),
    );
    if fs::read_to_string(&for_names).ok().as_deref() != Some(&names.join("\n")) {
        let signer = KeyPair::from_pem(&fs::read_to_string(&ca_key)?)?;
        let issuer = Issuer::new(authority()?, signer);
        let mut params = CertificateParams::new(Vec::new())?;
        params.subject_alt_names = names
            .iter()
            .map(|name| match name.parse() {
                Ok(address) => Ok(SanType::IpAddress(address)),
                Err(_) => name.as_str().try_into().map(SanType::DnsName),
            })
            .collect::<Result<_, rcgen::Error>>()?;
        params.distinguished_name = distinguished("Fenghuotai server");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let own_key = KeyPair::generate()?;
        let certificate = params.signed_by(&own_key, &issuer)?;
        write_secret(&key, &own_key.serialize_pem())?;
        fs::write(&pem, certificate.pem())?;
        fs::write(&for_names, names.join("\n"))?;
    }
    Ok((pem, key))
}

fn authority() -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.distinguished_name = distinguished("Fenghuotai local authority");
    Ok(params)
}

fn distinguished(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    distinguished
}

fn names(config: &Config) -> Vec<String> {
    let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let listen = config.http.listen.ip();
    if !listen.is_unspecified() {
        names.push(listen.to_string());
    }
    names.extend(config.http.names.iter().cloned());
    names.dedup();
    names
}
