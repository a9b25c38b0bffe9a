//! Whom the SDK trusts: a local service behind TLS, whose authority this machine does not know.

use globus_sdk::auth::AccessTokenAuthorizer;
use globus_sdk::transfer::Client;
use globus_sdk::transport::{RetryPolicy, TlsVerification};
use globus_sdk::{ClientBuilder, Environment, Error, ErrorKind};
use globus_test_support::tls::{Server, authority, bad_authority};
use std::io::Write as _;

const TOKEN: &str = "AgTokenThatOnlyTheServiceMayRead";

fn client(url: &str, environment: Environment) -> ClientBuilder<Client> {
    Client::builder()
        .environment(environment)
        .base_url(url)
        .retry(RetryPolicy::disabled())
        .authorizer(AccessTokenAuthorizer::new(TOKEN))
}

async fn call(builder: ClientBuilder<Client>) -> Result<(), Error> {
    let id = builder.build()?.get_submission_id().await?;
    assert_eq!(id.value.to_string(), "4a3b2c1d-0000-4000-8000-000000000001");
    Ok(())
}

#[tokio::test]
async fn a_service_with_an_unknown_authority_gets_no_request() {
    let server = Server::start();
    let error = call(client(&server.url(), Environment::empty()))
        .await
        .expect_err("a certificate of nobody");
    assert_eq!(error.kind(), ErrorKind::UntrustedCertificate, "{error:?}");
    let text = error.to_string();
    assert!(text.contains("GLOBUS_SDK_VERIFY_SSL"), "{text}");
    assert_eq!(server.requests(), [""; 0]);
}

#[tokio::test]
async fn a_service_whose_authority_is_named_by_the_program_is_called() {
    let server = Server::start();
    let trusting = client(&server.url(), Environment::empty())
        .verify_ssl(TlsVerification::CaFile(authority().to_owned()));
    call(trusting).await.expect("a trusted service");
    let requests = server.requests();
    assert!(
        requests[0].contains(&format!("Bearer {TOKEN}")),
        "{requests:?}"
    );
}

#[tokio::test]
async fn authority_from_the_environment_is_trusted() {
    let server = Server::start();
    let file = authority().to_str().expect("a path in UTF-8");
    let environment = Environment::empty().with_var("GLOBUS_SDK_VERIFY_SSL", file);
    call(client(&server.url(), environment))
        .await
        .expect("a trusted service");
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let server = Server::start();
    // it is made out to localhost
    let url = format!("https://127.0.0.1:{}", server.port);
    let trusting = client(&url, Environment::empty())
        .verify_ssl(TlsVerification::CaFile(authority().to_owned()));
    let error = call(trusting).await.expect_err("a wrong name");
    assert_eq!(error.kind(), ErrorKind::UntrustedCertificate, "{error:?}");
    assert_eq!(server.requests(), [""; 0]);
}

#[tokio::test]
async fn nobody_is_checked_when_the_environment_says_so() {
    let server = Server::start();
    for no in ["false", "FALSE", "no", "off", "0"] {
        let environment = Environment::empty().with_var("GLOBUS_SDK_VERIFY_SSL", no);
        call(client(&server.url(), environment)).await.expect(no);
    }
}

#[tokio::test]
async fn the_environment_cannot_undo_what_the_program_says() {
    let server = Server::start();
    let environment = Environment::empty().with_var("GLOBUS_SDK_VERIFY_SSL", "false");
    let strict = client(&server.url(), environment).verify_ssl(TlsVerification::PlatformStore);
    let error = call(strict).await.expect_err("a certificate of nobody");
    assert_eq!(error.kind(), ErrorKind::UntrustedCertificate, "{error:?}");
}

#[test]
fn a_file_without_a_certificate_is_refused_by_name() {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(b"not a certificate").expect("a disk");
    let path = file.path().to_owned();
    let built = client("https://localhost:9", Environment::empty())
        .verify_ssl(TlsVerification::CaFile(path.clone()))
        .build();
    let error = built.expect_err("no certificate");
    assert_eq!(error.kind(), ErrorKind::Usage);
    let text = error.to_string();
    assert!(text.contains(&path.display().to_string()), "{text}");
    assert!(text.contains("use a PEM file of certificates"), "{text}");
}

#[cfg(unix)]
#[test]
fn a_pipe_in_the_place_of_a_ca_file_is_refused_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let pipe = folder.path().join("ca.pem");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.expect("mkfifo").success());
    let built = client("https://localhost:9", Environment::empty())
        .verify_ssl(TlsVerification::CaFile(pipe))
        .build();
    let error = built.expect_err("no file");
    assert_eq!(error.kind(), ErrorKind::Usage);
}

#[test]
fn a_ca_file_that_a_shell_should_have_expanded_is_refused() {
    let client = || client("https://localhost:9", Environment::empty());
    let by_program = client().verify_ssl(TlsVerification::CaFile("~/ca.pem".into()));
    let variables = Environment::empty().with_var("GLOBUS_SDK_VERIFY_SSL", "~/ca.pem");
    let by_variable = client().environment(variables);
    for builder in [by_program, by_variable] {
        let error = builder.build().expect_err("a tilde");
        assert_eq!(error.kind(), ErrorKind::Usage);
        assert!(error.message().contains("or ./~/ca.pem"), "{error}");
    }
}

#[test]
fn a_value_that_means_nothing_is_refused_with_what_it_could_be() {
    let environment = Environment::empty().with_var("GLOBUS_SDK_VERIFY_SSL", "/no/such/file.pem");
    let built = client("https://localhost:9", environment).build();
    let text = built.expect_err("no such file").to_string();
    assert!(
        text.contains("use true, false or the path of a PEM file"),
        "{text}"
    );
}

/// The message of a call of a server that is trusted by this authority.
async fn distrusted(url: &str, authority: &std::path::Path) -> String {
    let trusting =
        client(url, Environment::empty()).verify_ssl(TlsVerification::CaFile(authority.into()));
    let error = call(trusting).await.expect_err("a bad certificate");
    assert_eq!(error.kind(), ErrorKind::UntrustedCertificate, "{error:?}");
    error.to_string()
}

#[tokio::test]
async fn an_expired_certificate_says_so_and_asks_for_no_ca_file() {
    let text = distrusted(&Server::expired().url(), bad_authority()).await;
    assert!(text.contains("certificate has expired"), "{text}");
    assert!(text.contains("check this machine's clock"), "{text}");
    assert!(!text.contains("CA file"), "{text}");
}

#[tokio::test]
async fn a_certificate_of_tomorrow_says_to_check_the_clock() {
    let text = distrusted(&Server::not_yet_valid().url(), bad_authority()).await;
    assert!(text.contains("certificate is not valid yet"), "{text}");
    assert!(text.contains("check this machine's clock"), "{text}");
    assert!(!text.contains("CA file"), "{text}");
}

#[tokio::test]
async fn a_certificate_for_another_host_says_to_check_the_address() {
    let server = Server::start();
    let text = distrusted(&format!("https://127.0.0.1:{}", server.port), authority()).await;
    assert!(text.contains("certificate is for another host"), "{text}");
    assert!(text.contains("check the service's address"), "{text}");
    assert!(!text.contains("CA file"), "{text}");
}

#[tokio::test]
async fn the_bundles_of_requests_are_read_in_its_order() {
    let server = Server::start();
    let good = authority().to_str().expect("a path in UTF-8");
    let bad = bad_authority().to_str().expect("a path in UTF-8");
    let (ours, first, second) = (
        "GLOBUS_SDK_VERIFY_SSL",
        "REQUESTS_CA_BUNDLE",
        "CURL_CA_BUNDLE",
    );
    for (variables, trusted) in [
        (&[(first, good)][..], true),
        (&[(second, good)], true),
        (&[(first, good), (second, bad)], true),
        (&[(first, bad), (second, good)], false),
        (&[(first, ""), (second, good)], true),
        (&[(ours, good), (first, bad)], true),
        (&[(ours, bad), (first, good)], false),
        (&[(ours, "true"), (first, good)], true),
        (&[(ours, "false"), (first, bad)], true),
    ] {
        let environment = variables
            .iter()
            .fold(Environment::empty(), |e, (name, value)| {
                e.with_var(*name, *value)
            });
        let outcome = call(client(&server.url(), environment)).await;
        assert_eq!(outcome.is_ok(), trusted, "{variables:?}: {outcome:?}");
    }
}

#[tokio::test]
async fn a_directory_of_authorities_is_read_whole() {
    let server = Server::start();
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("README"), "no certificate").expect("a disk");
    let path = folder.path().to_str().expect("a path in UTF-8").to_owned();
    let environment = |name: &str| Environment::empty().with_var(name, &path);
    let built = client(&server.url(), environment("REQUESTS_CA_BUNDLE")).build();
    let text = built.expect_err("no certificate").to_string();
    assert!(
        text.contains("none of its files contains a certificate"),
        "{text}"
    );
    for (file, name) in [(bad_authority(), "a.pem"), (authority(), "0123abcd.0")] {
        std::fs::copy(file, folder.path().join(name)).expect("a disk");
    }
    for name in ["REQUESTS_CA_BUNDLE", "GLOBUS_SDK_VERIFY_SSL"] {
        call(client(&server.url(), environment(name)))
            .await
            .expect(name);
    }
}

#[test]
fn a_bundle_that_is_not_there_is_named_with_its_variable() {
    for name in ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"] {
        let environment = Environment::empty().with_var(name, "/no/such/bundle.pem");
        let built = client("https://localhost:9", environment).build();
        let text = built.expect_err("no such file").to_string();
        let expected = format!("{name} is `/no/such/bundle.pem`, which does not exist");
        assert!(text.contains(&expected), "{text}");
    }
}

#[test]
fn a_program_makes_clients_of_reqwest_beside_ours() {
    globus_sdk::transport::install_crypto_provider();
    globus_sdk::transport::install_crypto_provider();
    // panics where no cryptography was chosen
    let _ = reqwest::Client::new();
}
