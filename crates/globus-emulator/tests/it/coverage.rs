//! Whether the documents of a service are served as a whole.

use globus_emulator::Uuid;
use globus_test_support::emulator::*;
use reqwest::Method;
use serde_json::Value;

type Operation = (Method, String, String);

/// The operations of a spec, each as a method, its path in the spec, and a path to send to.
fn operations(spec: &str) -> serde_yaml::Result<Vec<Operation>> {
    let document: Value = serde_yaml::from_str(spec)?;
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        let mut place = String::new();
        for segment in path.split('/').skip(1) {
            place.push('/');
            match segment.starts_with('{') {
                true => place.push_str(&Uuid::from_u128(1).to_string()),
                false => place.push_str(segment),
            }
        }
        let members = item.as_object().into_iter().flatten();
        for (method, _) in members.filter(|(name, _)| *name != "parameters") {
            // what is no method is in no spec
            if let Ok(method) = Method::from_bytes(method.to_ascii_uppercase().as_bytes()) {
                found.push((method, path.clone(), place.clone()));
            }
        }
    }
    Ok(found)
}

#[tokio::test]
async fn every_operation_of_the_specs_is_served() -> TestResult {
    let sandbox = Sandbox::probed().await?;
    let mut found = 0;
    for spec in [
        include_str!("../../specs/auth.yaml"),
        include_str!("../../specs/groups.yaml"),
        include_str!("../../specs/search.yaml"),
        include_str!("../../specs/transfer.yaml"),
    ] {
        for (method, path, place) in operations(spec)? {
            let request = sandbox.http.request(method.clone(), sandbox.url(&place));
            let response = request.send().await?;
            let status = response.status();
            let body = response.text().await?;
            assert_ne!(status, 405, "{method} {path}");
            // 501 is what is not served
            assert!(!status.is_server_error(), "{method} {path}: {body}");
            found += 1;
        }
    }
    assert!(found > 100, "only {found} operations were found");
    Ok(())
}

#[tokio::test]
async fn no_operation_of_transfer_is_open_to_another_scope() -> TestResult {
    let sandbox = Sandbox::probed().await?;
    let scope = "urn:globus:auth:scope:transfer.api.globus.org:gcp_install";
    let token = sandbox.robot_token(scope).await?;
    let operations = operations(include_str!("../../specs/transfer.yaml"))?;
    assert!(operations.len() > 80, "{}", operations.len());
    for (method, path, place) in operations {
        let request = sandbox.http.request(method.clone(), sandbox.url(&place));
        let response = request.bearer_auth(&token).send().await?;
        assert_eq!(response.status(), 403, "{method} {path}");
        let body = response.text().await?;
        assert!(body.contains("lacks the scope"), "{method} {path}: {body}");
    }
    Ok(())
}
