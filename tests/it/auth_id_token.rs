//! ID tokens: what is believed, and what is not.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use globus_sdk::auth::{ConfidentialAppAuthClient, IdTokenDecoder, NativeAppAuthClient};
use globus_sdk::{ErrorKind, auth};
use globus_test_support::auth::{NATIVE, ROBOT, Sandbox, Shifted, TRANSFER_ALL};
use globus_test_support::mock::{MockServer, answer};
use ring::rand::SystemRandom;
use ring::rsa::{KeyPair, PublicKeyComponents};
use ring::signature::{RSA_PKCS1_SHA256, RSA_PKCS1_SHA512, RsaEncoding};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

const KID: &str = "globus-emulator-test-key-not-secret";

/// The emulator's own key: with it, a token differs from a good one in nothing but what a test says.
fn own() -> KeyPair {
    key(include_str!(
        "../../crates/globus-emulator/src/auth/test-only-signing-key.pem"
    ))
}

fn foreign() -> KeyPair {
    key(include_str!("auth_id_token/test-only-foreign-key.pem"))
}

fn key(pem: &str) -> KeyPair {
    let base64: String = pem
        .lines()
        .skip_while(|line| !line.starts_with("-----BEGIN"))
        .filter(|line| !line.starts_with("-----"))
        .collect();
    KeyPair::from_pkcs8(&STANDARD.decode(base64).unwrap()).unwrap()
}

fn encode(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn signed_with(
    key: &KeyPair,
    encoding: &'static dyn RsaEncoding,
    header: &Value,
    claims: &Value,
) -> String {
    let text = format!("{}.{}", encode(header), encode(claims));
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(
        encoding,
        &SystemRandom::new(),
        text.as_bytes(),
        &mut signature,
    )
    .unwrap();
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn signed(key: &KeyPair, kid: &str, claims: &Value) -> String {
    let header = json!({"alg": "RS256", "typ": "JWT", "kid": kid});
    signed_with(key, &RSA_PKCS1_SHA256, &header, claims)
}

fn in_seconds(seconds: i64) -> i64 {
    jiff::Timestamp::now().as_second() + seconds
}

/// The claims of a good token of the robot's.
fn claims(issuer: &str) -> Value {
    json!({
        "iss": issuer, "aud": ROBOT, "sub": "ae341a98-d274-11e5-b888-dbae3a8ba545",
        "exp": in_seconds(3600), "iat": in_seconds(0),
    })
}

fn with(mut claims: Value, name: &str, value: impl Into<Value>) -> Value {
    claims[name] = value.into();
    claims
}

/// Discovery, keys and tokens in one document, so that it answers whatever is asked.
fn everything(keys: &[(&KeyPair, Option<&str>)], id_token: &str) -> String {
    let keys: Vec<_> = keys
        .iter()
        .map(|(key, kid)| {
            let public = PublicKeyComponents::<Vec<u8>>::from(key.public());
            json!({
                "kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid,
                "n": URL_SAFE_NO_PAD.encode(public.n), "e": URL_SAFE_NO_PAD.encode(public.e),
            })
        })
        .collect();
    let document = json!({
        "issuer": "https://auth.example", "keys": keys,
        "authorization_endpoint": "", "token_endpoint": "", "userinfo_endpoint": "",
        "jwks_uri": "https://elsewhere.example/jwk.json", "revocation_endpoint": "",
        "response_types_supported": [], "subject_types_supported": [],
        "id_token_signing_alg_values_supported": ["RS256"],
        "access_token": "one", "scope": "openid", "expires_in": 100, "token_type": "Bearer",
        "resource_server": "auth.globus.org", "other_tokens": [], "id_token": id_token,
    });
    document.to_string()
}

/// The robot at a scripted service.
fn robot_at(url: &str, clock: &Shifted) -> ConfidentialAppAuthClient {
    let builder = auth::Client::builder().environment(globus_sdk::Environment::empty());
    let builder = builder.base_url(url).clock(clock.clone());
    let client = builder.build().unwrap();
    ConfidentialAppAuthClient::with_client(ROBOT, "x", &client).unwrap()
}

fn asked(sandbox: &Sandbox, path: &str) -> usize {
    let requests = sandbox.emulator.requests();
    requests.iter().filter(|r| r.path == path).count()
}

#[tokio::test]
async fn the_id_token_of_a_login_tells_who_logged_in() {
    let sandbox = Sandbox::start().await;
    let native = sandbox.native();
    let flow = native
        .oauth2_start_flow("openid email profile")
        .nonce("of this login");
    let tokens = flow.exchange(sandbox.code(&flow).await).await.unwrap();
    let token = tokens.decode_id_token(&native).await.unwrap();
    assert_eq!(token.user.sub, sandbox.emulator.user().id);
    assert_eq!(
        token.user.preferred_username.as_deref(),
        Some("user@sandbox.local")
    );
    assert_eq!(token.iss, sandbox.emulator.base_url());
    assert_eq!(token.aud, [NATIVE.to_string()]);
    assert_eq!(token.nonce.as_deref(), Some("of this login"));
    assert!(token.at_hash.is_some());
    let lifetime = token.exp.as_second() - token.iat.unwrap().as_second();
    assert_eq!(lifetime, 172_800);
}

#[tokio::test]
async fn what_nobody_documented_stays_in_the_claims() {
    let sandbox = Sandbox::start().await;
    let claims = with(claims(sandbox.emulator.base_url()), "novelty", "yes");
    let decoder = IdTokenDecoder::new(&sandbox.robot());
    let token = decoder.decode(signed(&own(), KID, &claims)).await.unwrap();
    assert_eq!(token.user.extra.get("novelty"), Some(&"yes".into()));
    assert_eq!(token.user.extra.iter().count(), 1);
}

#[tokio::test]
async fn invalid_id_token_is_refused_with_the_reason() {
    let sandbox = Sandbox::start().await;
    let robot = sandbox.robot();
    let good = claims(sandbox.emulator.base_url());
    let header = |alg: &str| json!({"alg": alg, "kid": KID});
    let pem = sandbox.auth().get_jwk().await.unwrap().keys[0].to_pem();
    let by_public_key = {
        let text = format!("{}.{}", encode(&header("HS256")), encode(&good));
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, pem.unwrap().as_bytes());
        let tag = ring::hmac::sign(&key, text.as_bytes());
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(tag))
    };
    let changed = {
        let token = signed(&own(), KID, &good);
        let parts: Vec<&str> = token.split('.').collect();
        let admin = with(good.clone(), "sub", "00000000-0000-0000-0000-000000000001");
        format!("{}.{}.{}", parts[0], encode(&admin), parts[2])
    };
    let mut endless = good.clone();
    endless.as_object_mut().unwrap().remove("exp");
    let own_key = |claims: Value| signed(&own(), KID, &claims);
    let cases = [
        (signed(&foreign(), KID, &good), "has a wrong signature"),
        (changed, "has a wrong signature"),
        (
            format!("{}.{}.", encode(&header("none")), encode(&good)),
            "is not signed (`alg` is none)",
        ),
        (
            format!("{}.{}.", encode(&header("nOnE")), encode(&good)),
            "is not signed (`alg` is none)",
        ),
        (
            by_public_key,
            "claims to be signed with `HS256`, but the service signs with RS256",
        ),
        (
            signed_with(&own(), &RSA_PKCS1_SHA512, &header("RS512"), &good),
            "claims to be signed with `RS512`, but the service signs with RS256",
        ),
        (
            signed(&own(), "of\ntomorrow", &good),
            "is signed with a key that the service does not publish: `of\\ntomorrow`",
        ),
        (
            signed_with(
                &own(),
                &RSA_PKCS1_SHA256,
                &json!({"alg": "RS256", "kid": KID, "crit": ["b64"]}),
                &good,
            ),
            "requires an unsupported extension",
        ),
        (
            own_key(with(good.clone(), "aud", NATIVE.to_string())),
            "this client is `c0ffee00-0000-4000-8000-000000000001`",
        ),
        (
            own_key(with(
                with(good.clone(), "aud", vec![ROBOT.to_string(), "b".into()]),
                "azp",
                "b",
            )),
            "is for `b`",
        ),
        (
            own_key(with(good.clone(), "azp", NATIVE.to_string())),
            "is for `00000000-0000-4000-8000-000000009a71`",
        ),
        (
            own_key(with(
                good.clone(),
                "aud",
                vec![ROBOT.to_string(), "b".into()],
            )),
            "without naming the one it was issued to (azp)",
        ),
        (
            own_key(with(good.clone(), "iss", "https://evil.example")),
            "was issued by `https://evil.example`, and the service is `http://127.0.0.1:",
        ),
        (
            own_key(with(good.clone(), "exp", in_seconds(-301))),
            "expired at",
        ),
        (
            own_key(with(good.clone(), "iat", in_seconds(330))),
            "is valid from",
        ),
        (
            own_key(with(good.clone(), "nbf", in_seconds(330))),
            "is valid from",
        ),
        (own_key(endless), "has claims that cannot be read"),
        (
            own_key(with(good.clone(), "exp", "2038")),
            "has claims that cannot be read",
        ),
        (
            own_key(with(good.clone(), "exp", 1e300)),
            "has claims that cannot be read",
        ),
        (
            own_key(with(good.clone(), "sub", "nobody")),
            "has claims that cannot be read",
        ),
        ("a token".to_owned(), "does not have three parts"),
        ("a.b.c.d".to_owned(), "cannot be decoded"),
        ("..".to_owned(), "its header cannot be decoded"),
    ];
    let decoder = IdTokenDecoder::new(&robot);
    for (token, why) in cases {
        let error = decoder.decode(&*token).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Login, "{why}");
        assert!(error.message().starts_with("the ID token "), "{error}");
        assert!(error.message().contains(why), "{error} for {why}");
    }
    // and nothing was wrong with the rest of it
    assert!(decoder.decode(own_key(good)).await.is_ok());
}

#[tokio::test]
async fn clocks_may_differ_by_five_minutes_or_as_much_as_is_said() {
    let sandbox = Sandbox::start().await;
    let claims = claims(sandbox.emulator.base_url());
    let token = signed(&own(), KID, &with(claims, "exp", in_seconds(-290)));
    let decoder = IdTokenDecoder::new(&sandbox.robot());
    assert!(decoder.decode(&*token).await.is_ok());
    let strict = decoder.clone().leeway(Duration::from_secs(280));
    assert!(strict.decode(&*token).await.is_err());
    sandbox.clock.advance(Duration::from_secs(20));
    assert!(decoder.decode(&*token).await.is_err());
    let patient = decoder.leeway(Duration::from_secs(400));
    assert!(patient.decode(&*token).await.is_ok());
}

#[tokio::test]
async fn a_nonce_must_come_back() {
    let sandbox = Sandbox::start().await;
    let claims = claims(sandbox.emulator.base_url());
    let decoder = IdTokenDecoder::new(&sandbox.robot()).nonce("mine");
    let token = |claims: &Value| signed(&own(), KID, claims);
    for wrong in [claims.clone(), with(claims.clone(), "nonce", "theirs")] {
        let error = decoder.decode(token(&wrong)).await.unwrap_err();
        assert!(error.message().contains("wrong nonce"), "{error}");
    }
    let right = with(claims, "nonce", "mine");
    assert!(decoder.decode(token(&right)).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_decoders_of_a_client_fetch_discovery_and_keys_once() {
    let sandbox = Sandbox::start().await;
    let robot = sandbox.robot();
    let token = signed(&own(), KID, &claims(sandbox.emulator.base_url()));
    let decoding = (0..100).map(|_| {
        let (robot, token) = (robot.clone(), token.clone());
        tokio::spawn(async move { IdTokenDecoder::new(&robot).decode(token).await.map(|_| ()) })
    });
    for decoded in decoding.collect::<Vec<_>>() {
        decoded.await.unwrap().unwrap();
    }
    assert_eq!(asked(&sandbox, "/.well-known/openid-configuration"), 1);
    assert_eq!(asked(&sandbox, "/jwk.json"), 1);
}

#[tokio::test]
async fn rotated_key_is_fetched_with_or_without_a_key_id() {
    let (old, new) = (own(), foreign());
    let good = claims("https://auth.example");
    for (old_name, new_name) in [(Some("old"), Some("new")), (None, None)] {
        let before = answer(200, &everything(&[(&old, old_name)], ""));
        let after = answer(200, &everything(&[(&new, new_name)], ""));
        let service = MockServer::start([before.clone(), before, after]).await;
        let decoder = IdTokenDecoder::new(&robot_at(&service.url, &Shifted::default()));
        let token = |key, kid: Option<&str>| {
            let header = json!({"alg": "RS256", "kid": kid});
            signed_with(key, &RSA_PKCS1_SHA256, &header, &good)
        };
        assert!(decoder.decode(token(&old, old_name)).await.is_ok());
        assert_eq!(service.count(), 2);
        assert!(decoder.decode(token(&new, new_name)).await.is_ok());
        assert_eq!(service.count(), 4);
    }
}

#[tokio::test]
async fn forged_key_ids_fetch_the_keys_at_most_once_a_minute() {
    let sandbox = Sandbox::start().await;
    let decoder = IdTokenDecoder::new(&sandbox.robot());
    let good = claims(sandbox.emulator.base_url());
    for (round, fetched) in [(0, 2), (1, 3)] {
        for forged in 0..50 {
            let token = signed(&foreign(), &format!("{round}-{forged}"), &good);
            assert!(decoder.decode(token).await.is_err());
        }
        assert_eq!(asked(&sandbox, "/jwk.json"), fetched);
        sandbox.clock.advance(Duration::from_secs(61));
    }
}

#[tokio::test]
async fn given_discovery_documents_are_used_without_a_fetch() {
    let sandbox = Sandbox::start().await;
    let auth = sandbox.auth();
    let configuration = auth.get_openid_configuration().await.unwrap();
    let keys = auth.get_jwk().await.unwrap();
    let before = sandbox.emulator.requests().len();
    let decoder = IdTokenDecoder::for_audience(&auth, ROBOT.to_string()).keys(configuration, keys);
    let good = claims(sandbox.emulator.base_url());
    assert!(decoder.decode(signed(&own(), KID, &good)).await.is_ok());
    assert!(
        decoder
            .decode(signed(&foreign(), "x", &good))
            .await
            .is_err()
    );
    assert_eq!(sandbox.emulator.requests().len(), before);
}

#[tokio::test]
async fn code_exchange_refuses_an_invalid_id_token() {
    let good = claims("https://auth.example");
    let right = with(good.clone(), "nonce", "mine");
    let cases = [
        (signed(&own(), KID, &right), None),
        (signed(&own(), KID, &good), Some("wrong nonce")),
        (signed(&foreign(), KID, &right), Some("wrong signature")),
        (
            signed(&own(), KID, &with(right, "aud", NATIVE.to_string())),
            Some("this client is"),
        ),
    ];
    for (id_token, refused) in cases {
        let document = everything(&[(&own(), Some(KID))], &id_token);
        let service = MockServer::start([answer(200, &document)]).await;
        let robot = robot_at(&service.url, &Shifted::default());
        let flow = robot
            .oauth2_start_flow("https://portal.example/", "openid")
            .nonce("mine");
        let exchanged = flow.exchange("a code").await;
        match refused {
            None => assert!(exchanged.is_ok()),
            Some(why) => {
                let error = exchanged.unwrap_err();
                assert!(error.message().contains(why), "{error} for {why}");
            }
        }
    }
}

#[tokio::test]
async fn a_code_is_not_spent_when_its_id_token_could_not_be_checked() {
    let service = MockServer::start([answer(404, "{}")]).await;
    let robot = robot_at(&service.url, &Shifted::default());
    let flow = robot.oauth2_start_flow("https://portal.example/", ["openid", TRANSFER_ALL]);
    assert!(flow.exchange("a code").await.is_err());
    let paths: BTreeSet<String> = service
        .requests()
        .iter()
        .map(|request| request.split(' ').nth(1).unwrap_or_default().to_owned())
        .collect();
    assert!(!paths.contains("/v2/oauth2/token"), "{paths:?}");
}

#[tokio::test]
async fn tokens_without_an_id_token_say_how_to_get_one() {
    let sandbox = Sandbox::start().await;
    let robot = sandbox.robot();
    let tokens = robot.oauth2_client_credentials_tokens(TRANSFER_ALL).await;
    let error = tokens.unwrap().decode_id_token(&robot).await.unwrap_err();
    assert!(error.message().contains("`openid`"), "{error}");
}

#[tokio::test]
async fn a_key_is_written_as_openssl_writes_it() {
    let sandbox = Sandbox::start().await;
    let keys = sandbox.auth().get_jwk().await.unwrap().keys;
    assert_eq!(
        keys[0].to_pem().as_deref(),
        Some(include_str!(
            "auth_id_token/signing-key-of-the-emulator.pub.pem"
        ))
    );
    let elliptic: auth::types::Jwk = serde_json::from_value(json!({"kty": "EC"})).unwrap();
    assert_eq!(elliptic.to_pem(), None);
}

#[test]
fn a_native_client_decodes_too() {
    let client = NativeAppAuthClient::new(NATIVE).unwrap();
    assert!(format!("{:?}", IdTokenDecoder::new(&client)).contains(&NATIVE.to_string()));
}
