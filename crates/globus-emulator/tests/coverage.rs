//! Whether the documents of a service are served as a whole.

mod support;

use globus_emulator::Uuid;
use reqwest::Method;
use serde_json::Value;
use support::*;

#[tokio::test]
async fn every_operation_of_the_specs_is_served() -> TestResult {
    let sandbox = Sandbox::probed().await?;
    let mut asked = 0;
    for text in [
        include_str!("../specs/auth.yaml"),
        include_str!("../specs/groups.yaml"),
        include_str!("../specs/search.yaml"),
        include_str!("../specs/transfer.yaml"),
    ] {
        let document: Value = serde_yaml::from_str(text)?;
        let paths = document["paths"].as_object().ok_or("no paths")?;
        for (path, item) in paths {
            let mut place = String::new();
            for segment in path.split('/').skip(1) {
                place.push('/');
                match segment.starts_with('{') {
                    true => place.push_str(&Uuid::from_u128(1).to_string()),
                    false => place.push_str(segment),
                }
            }
            let members = item.as_object().ok_or("no item")?;
            for method in members.keys().filter(|name| *name != "parameters") {
                let method = Method::from_bytes(method.to_ascii_uppercase().as_bytes())?;
                let request = sandbox.http.request(method.clone(), sandbox.url(&place));
                let response = request.send().await?;
                let status = response.status();
                let body = response.text().await?;
                assert_ne!(status, 405, "{method} {path}");
                assert!(
                    !body.contains("no such resource"),
                    "{method} {path}: {body}"
                );
                assert!(!status.is_server_error(), "{method} {path}: {body}");
                asked += 1;
            }
        }
    }
    assert!(asked > 100, "only {asked} operations were found");
    Ok(())
}
