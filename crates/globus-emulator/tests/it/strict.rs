//! Strict mode: a request that no spec allows is refused, and told what is wrong with it.

use globus_test_support::emulator::{
    Answer, Fallible, Lab, PORTAL, SEARCH_ALL, SOURCE, Sandbox, TestResult, answer, item, strict,
};
use serde_json::{Value, json};

/// The message of a 400.
fn refused(answer: &Answer) -> Fallible<String> {
    assert_eq!(answer.status, 400, "{answer:?}");
    answer.text_at("/message")
}

#[tokio::test]
async fn a_parameter_is_named() -> TestResult {
    let lab = Lab::start().await?;
    for (query, wrong) in [
        (("limit", "many"), "limit must be an integer"),
        (
            ("limits", "1"),
            "limits is a parameter that is not documented",
        ),
    ] {
        let message = refused(&lab.get("/v0.10/task_list", &[query]).await?)?;
        assert!(message.contains(wrong), "{message}");
    }
    let message = refused(&lab.get("/v0.10/task/nonsense", &[]).await?)?;
    assert!(message.contains("task_id must be a UUID"), "{message}");
    Ok(())
}

#[tokio::test]
async fn the_place_in_a_document_is_named_and_nothing_is_done() -> TestResult {
    let lab = Lab::start().await?;
    let mut wrong = item("/a", "/b");
    wrong["recursive"] = json!("yes");
    let answer = lab.try_transfer(json!([wrong]), json!({})).await?;
    let message = refused(&answer)?;
    assert!(
        message.contains("/DATA/0/recursive must be a boolean"),
        "{message}"
    );

    let answer = lab
        .operate("mkdir", json!({ "DATA_TYPE": "mkdir" }))
        .await?;
    assert!(
        refused(&answer)?.contains("/path is required"),
        "{answer:?}"
    );
    let path = format!("/v0.10/operation/endpoint/{SOURCE}/mkdir");
    let text = lab.request(reqwest::Method::POST, &path).body("{");
    let wrong = globus_test_support::emulator::answer(text).await?;
    assert!(refused(&wrong)?.contains("Content-Type"));
    assert_eq!(std::fs::read_dir(lab.source(""))?.count(), 0);
    Ok(())
}

#[tokio::test]
async fn every_service_says_it_in_its_own_shape() -> TestResult {
    let sandbox = Sandbox::start().await?;
    let token = sandbox.robot_token(SEARCH_ALL).await?;
    let document = json!({ "display_name": 7, "description": "x" });
    let request = sandbox.post("/v1/index").bearer_auth(token).json(&document);
    let search = answer(request).await?;
    assert_eq!(search.at("/@datatype"), "GError");
    assert!(
        search
            .text_at("/message")?
            .contains("/display_name must be a string")
    );

    let form = [
        ("grant_type", "nonsense"),
        ("client_id", &PORTAL.to_string()),
    ];
    let auth = answer(sandbox.post("/v2/oauth2/token").form(&form)).await?;
    assert_eq!(auth.at("/error"), "invalid_request");
    assert!(
        auth.text_at("/error_description")?
            .contains("/grant_type must be")
    );
    Ok(())
}

#[tokio::test]
async fn a_form_without_a_pair_lacks_what_is_required() -> TestResult {
    let sandbox = Sandbox::start().await?;
    let nothing: [(&str, &str); 0] = [];
    let request = sandbox.post("/v2/oauth2/token/validate").form(&nothing);
    let auth = answer(request).await?;
    assert_eq!(auth.status, 400);
    let message = auth.text_at("/error_description")?;
    assert!(message.contains("/token is required"), "{message}");
    Ok(())
}

#[tokio::test]
async fn what_is_in_no_spec_is_not_served() -> TestResult {
    let sandbox = Sandbox::of(strict()).await?;
    assert_eq!(
        sandbox.get("/v0.10/no/such/thing").send().await?.status(),
        501
    );
    let violations = answer(sandbox.get("/_emulator/violations")).await?;
    assert_eq!(
        violations.body,
        json!({ "violations": Value::Array(Vec::new()) })
    );
    Ok(())
}
