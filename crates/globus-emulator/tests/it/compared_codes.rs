//! The codes and texts that real clients compare, each in the situation they compare it in: the
//! table "Codes that clients compare" of docs/emulator-behaviour.md says who does.

use globus_emulator::Uuid;
use globus_test_support::emulator::{
    ADA, Lab, NATIVE, SEARCH_ALL, TestIndex, TestResult, answer, told, town,
};
use serde_json::json;

#[tokio::test]
async fn an_unknown_bookmark_has_a_code_of_its_own() -> TestResult {
    let lab = Lab::start().await?;
    let path = format!("/v0.10/bookmark/{}", Uuid::new_v4());
    assert_eq!(told(&lab.get(&path, &[]).await?), (404, "BookmarkNotFound"));
    Ok(())
}

#[tokio::test]
async fn a_token_that_has_ended_is_not_active() -> TestResult {
    let lab = Lab::start().await?;
    lab.sandbox.emulator.expire_tokens()?;
    let refused = lab.get("/v0.10/task_list", &[]).await?;
    assert_eq!(told(&refused), (401, "AuthenticationFailed"));
    assert_eq!(refused.at("/message"), "Token is not active");
    Ok(())
}

#[tokio::test]
async fn transfer_without_credentials_is_a_bad_request() -> TestResult {
    let lab = Lab::start().await?;
    let refused = answer(lab.sandbox.get("/v0.10/task_list")).await?;
    assert_eq!(told(&refused), (400, "ClientError.AuthenticationFailed"));
    assert_eq!(refused.at("/message"), "No credentials supplied");
    Ok(())
}

#[tokio::test]
async fn credentials_that_are_no_bearer_token_are_unauthorized() -> TestResult {
    let lab = Lab::start().await?;
    for credentials in ["Basic YTpi", "Bearer", "none"] {
        let request = lab.sandbox.get("/v0.10/task_list");
        let refused = answer(request.header("authorization", credentials)).await?;
        assert_eq!(
            told(&refused),
            (401, "AuthenticationFailed"),
            "{credentials}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn the_endpoint_denies_paths_that_no_rule_opens() -> TestResult {
    let lab = town().await?;
    lab.write("data/out/a.txt", "a")?;
    lab.write("data/other/b.txt", "b")?;
    let guest = lab.guest("/data/").await?;
    let ada = lab.person(ADA).await?;
    lab.grant(&guest, &ada.id, "/out/", "r").await?;
    for refused in [
        ada.ls(&guest, "/other/").await?,
        ada.mkdir(&guest, "/out/new").await?,
    ] {
        assert_eq!(told(&refused), (403, "EndpointPermissionDenied"));
        let message = refused.text_at("/message")?;
        assert!(message.starts_with("Denied by endpoint, "), "{message}");
        assert!(message.contains("Path not allowed"), "{message}");
    }
    Ok(())
}

#[tokio::test]
async fn mkdir_says_that_the_folder_above_is_missing() -> TestResult {
    let lab = Lab::start().await?;
    let refused = lab.operate("mkdir", json!({ "path": "/no/new" })).await?;
    let message = refused.text_at("/message")?;
    assert!(message.contains("No such file or directory"), "{message}");
    Ok(())
}

#[tokio::test]
async fn a_listing_of_nothing_speaks_of_a_directory() -> TestResult {
    let lab = Lab::start().await?;
    let refused = lab.look("ls", &[("path", "/no/")]).await?;
    assert_eq!(told(&refused), (404, "ClientError.NotFound"));
    let message = refused.text_at("/message")?;
    assert!(message.contains("Directory"), "{message}");
    Ok(())
}

#[tokio::test]
async fn a_task_id_that_is_no_uuid_is_a_bad_request() -> TestResult {
    let lab = Lab::probed().await?;
    let refused = lab.get("/v0.10/task/result-7", &[]).await?;
    assert_eq!(told(&refused), (400, "ClientError.BadRequest"));
    Ok(())
}

#[tokio::test]
async fn an_unknown_index_has_a_code_of_its_own() -> TestResult {
    let lab = Lab::start().await?;
    let id = Uuid::new_v4();
    let refused = answer(lab.sandbox.get(&format!("/v1/index/{id}/search?q=*"))).await?;
    assert_eq!(told(&refused), (404, "NotFound.NoSuchIndex"));
    let message = format!("There is no search index named \"{id}\"");
    assert_eq!(refused.at("/message"), &json!(message));
    Ok(())
}

#[tokio::test]
async fn a_document_that_does_not_validate_says_where() -> TestResult {
    let lab = Lab::probed().await?;
    let index = TestIndex::create(&lab.sandbox).await?;
    let body = json!({ "ingest_type": "GMetaList", "ingest_data": { "gmeta": 7 } });
    let refused = index.post("/ingest", &body).await?;
    assert_eq!(told(&refused), (400, "BadRequest.ValidationError"));
    assert_eq!(
        refused.at("/error_data/messages"),
        &json!({ "json": { "ingest_data": { "gmeta": ["must be an array"] } } })
    );
    Ok(())
}

#[tokio::test]
async fn a_refresh_token_that_is_unknown_is_an_invalid_grant() -> TestResult {
    let lab = Lab::start().await?;
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", "lost"),
        ("client_id", &NATIVE.to_string()),
    ];
    let refused = answer(lab.sandbox.post("/v2/oauth2/token").form(&form)).await?;
    assert_eq!(
        (refused.status.as_u16(), refused.at("/error")),
        (400, &json!("invalid_grant"))
    );
    Ok(())
}

#[tokio::test]
async fn a_token_of_another_service_is_unauthorized_for_auth() -> TestResult {
    let lab = Lab::start().await?;
    let token = lab.sandbox.robot_token(SEARCH_ALL).await?;
    let identities = lab.sandbox.get("/v2/api/identities?usernames=a@b.c");
    let refused = answer(identities.bearer_auth(token)).await?;
    assert_eq!(
        (refused.status.as_u16(), refused.at("/errors/0/code")),
        (401, &json!("UNAUTHORIZED"))
    );
    Ok(())
}
