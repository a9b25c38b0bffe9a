//! What managers of endpoints see and do, over HTTP: tasks of others, pauses, pause rules.

use std::time::Duration;

use globus_test_support::emulator::{
    ADA, BOB, DESTINATION, Fallible, Lab, Person, SOURCE, TestResult, accepted, item, told, town,
    town_of,
};
use serde_json::{Value, json};

const MANAGER: &str = "/v0.10/endpoint_manager";

/// A town in which tasks take their time.
async fn slow_town() -> Fallible<Lab> {
    let lab = town_of(|builder| builder.transfer_file_delay(Duration::from_millis(20))).await?;
    for number in 0..100 {
        lab.write(&format!("data/{number}.txt"), "x")?;
    }
    Ok(lab)
}

async fn ids(person: &Person<'_>, query: &[(&str, &str)]) -> Fallible<Vec<String>> {
    let list = person.get(&format!("{MANAGER}/task_list"), query).await?;
    assert_eq!(list.status, 200, "{list:?}");
    let tasks = list.at("/DATA").as_array().cloned().unwrap_or_default();
    Ok(tasks
        .iter()
        .filter_map(|task| task["task_id"].as_str().map(str::to_owned))
        .collect())
}

#[tokio::test]
async fn a_monitor_sees_the_tasks_of_others_and_only_those() -> TestResult {
    let lab = town().await?;
    lab.write("data/a.txt", "a")?;
    let done = lab
        .transfer(json!([item("/data/a.txt", "/a.txt")]), json!({}))
        .await?;
    let task = done["task_id"].as_str().ok_or("no task")?;
    let (ada, bob) = (lab.person(ADA).await?, lab.person(BOB).await?);
    lab.appoint(&SOURCE.to_string(), &ada.id, "activity_monitor")
        .await?;
    let path = format!("{MANAGER}/task/{task}");
    let seen = ada.get(&path, &[]).await?;
    assert_eq!(seen.at("/task_id"), task);
    assert!(
        seen.text_at("/owner_string")?
            .ends_with("@clients.auth.globus.org")
    );
    for (field, expected) in [
        ("source_local_user_status", json!("OK")),
        ("destination_local_user_status", json!("NO_PERMISSION")),
    ] {
        assert_eq!(seen.at(&format!("/{field}")), &expected, "{field}");
    }
    // Paths of the side she does not monitor are none of her business.
    let files = ada
        .get(&format!("{path}/successful_transfers"), &[])
        .await?;
    assert_eq!(files.at("/DATA/0/source_path"), "/data/a.txt");
    assert_eq!(files.at("/DATA/0/destination_path"), &Value::Null);
    let skipped = ada.get(&format!("{path}/skipped_errors"), &[]).await?;
    assert_eq!(skipped.at("/DATA"), &json!([]));
    let events = ada
        .get(&format!("{path}/event_list"), &[("filter_is_error", "0")])
        .await?;
    assert_eq!(events.at("/DATA/0/code"), "SUCCEEDED");
    let events = ada
        .get(&format!("{path}/event_list"), &[("filter_is_error", "1")])
        .await?;
    assert_eq!(events.at("/total"), 0);

    for what in [
        "",
        "/successful_transfers",
        "/skipped_errors",
        "/event_list",
        "/pause_info",
    ] {
        let refused = bob.get(&format!("{path}{what}"), &[]).await?;
        assert_eq!(told(&refused), (403, "PermissionDenied"), "{what}");
    }
    // As the user's own it is the robot's alone.
    assert_eq!(
        told(&ada.get(&format!("/v0.10/task/{task}"), &[]).await?),
        (404, "ClientError.NotFound")
    );
    Ok(())
}

#[tokio::test]
async fn the_endpoints_of_a_monitor_are_listed_with_their_guests() -> TestResult {
    let lab = town().await?;
    let guest = lab.guest("/").await?;
    let (ada, bob) = (lab.person(ADA).await?, lab.person(BOB).await?);
    lab.grant(&guest, &bob.id, "/", "r").await?;
    lab.appoint(&SOURCE.to_string(), &ada.id, "activity_monitor")
        .await?;
    let monitored = ada
        .get(&format!("{MANAGER}/monitored_endpoints"), &[])
        .await?;
    assert_eq!(
        (monitored.at("/length"), monitored.at("/DATA/0/id")),
        (&json!(1), &json!(SOURCE))
    );
    // The guest collection, which she could not see otherwise.
    let path = format!("{MANAGER}/endpoint/{guest}");
    assert_eq!(ada.get(&path, &[]).await?.at("/id"), &json!(guest));
    let hosted = ada
        .get(
            &format!("{MANAGER}/endpoint/{SOURCE}/hosted_endpoint_list"),
            &[],
        )
        .await?;
    assert_eq!(hosted.at("/DATA/0/id"), &json!(guest));
    let rules = ada.get(&format!("{path}/access_list"), &[]).await?;
    assert_eq!(rules.at("/DATA/1/principal"), &json!(bob.id));

    for refused in [
        bob.get(&path, &[]).await?,
        bob.get(&format!("{path}/access_list"), &[]).await?,
        bob.get(&format!("{path}/hosted_endpoint_list"), &[])
            .await?,
    ] {
        assert_eq!(told(&refused), (403, "PermissionDenied"));
    }
    let unknown = ada
        .get(
            &format!("{MANAGER}/endpoint/00000000-0000-4000-8000-00000000dead"),
            &[],
        )
        .await?;
    assert_eq!(told(&unknown), (404, "EndpointNotFound"));
    Ok(())
}

#[tokio::test]
async fn the_task_list_is_filtered_and_paged() -> TestResult {
    let lab = town().await?;
    lab.write("data/a.txt", "a")?;
    let guest = lab.guest("/data/").await?;
    let (ada, bob) = (lab.person(ADA).await?, lab.person(BOB).await?);
    let source = SOURCE.to_string();
    lab.appoint(&source, &ada.id, "activity_monitor").await?;
    lab.grant(&guest, &bob.id, "/", "rw").await?;
    let mut tasks = Vec::new();
    for number in 0..3 {
        let item = item("/data/a.txt", &format!("/{number}.txt"));
        let done = lab.transfer(json!([item]), json!({})).await?;
        tasks.push(done["task_id"].as_str().unwrap_or_default().to_owned());
    }
    let by_bob = accepted(
        bob.transfer(&guest, &guest, json!([item("/a.txt", "/b.txt")]))
            .await?,
    )?;
    bob.wait(&by_bob, |task| task["status"] != "ACTIVE").await?;
    let unseen = {
        let item = item("/0.txt", "/copy.txt");
        let destination = json!({ "source_endpoint": DESTINATION });
        lab.transfer(json!([item]), destination).await?
    };
    tasks.push(by_bob.clone());
    tasks.reverse();

    let on = ("filter_endpoint", source.as_str());
    assert_eq!(ids(&ada, &[on]).await?, tasks);
    assert!(!tasks.iter().any(|task| unseen["task_id"] == **task));
    assert_eq!(
        ids(&ada, &[on, ("filter_owner_id", &bob.id)]).await?,
        [by_bob.as_str()]
    );
    assert_eq!(
        ids(&ada, &[on, ("filter_endpoint_use", "destination")]).await?,
        [by_bob.as_str()]
    );
    assert_eq!(
        ids(&ada, &[("filter_task_id", &by_bob)]).await?,
        [by_bob.as_str()]
    );
    assert!(
        ids(&ada, &[on, ("filter_status", "FAILED,ACTIVE")])
            .await?
            .is_empty()
    );
    assert!(
        ids(&ada, &[on, ("filter_min_faults", "1")])
            .await?
            .is_empty()
    );
    assert!(
        ids(&ada, &[on, ("filter_local_user", "ada")])
            .await?
            .is_empty()
    );
    assert!(
        ids(&ada, &[on, ("filter_completion_time", ",2000-01-01")])
            .await?
            .is_empty()
    );
    assert_eq!(
        ids(&ada, &[on, ("filter_completion_time", "2000-01-01,")])
            .await?
            .len(),
        4
    );
    assert!(
        ids(
            &ada,
            &[("filter_status", "ACTIVE"), ("filter_is_paused", "true")]
        )
        .await?
        .is_empty()
    );

    let mut paged = Vec::new();
    let mut last_key = String::new();
    loop {
        let mut query = vec![on, ("limit", "3")];
        if !last_key.is_empty() {
            query.push(("last_key", last_key.as_str()));
        }
        let page = ada.get(&format!("{MANAGER}/task_list"), &query).await?;
        let more = page.at("/DATA").as_array().cloned().unwrap_or_default();
        paged.extend(
            more.iter()
                .filter_map(|task| task["task_id"].as_str().map(str::to_owned)),
        );
        if page.at("/has_next_page") == false {
            break;
        }
        last_key = page.text_at("/last_key")?;
    }
    assert_eq!(paged, tasks);
    Ok(())
}

#[tokio::test]
async fn filters_that_do_not_go_together_are_refused() -> TestResult {
    let lab = town().await?;
    let done = {
        lab.write("a.txt", "a")?;
        lab.transfer(json!([item("/a.txt", "/a.txt")]), json!({}))
            .await?
    };
    let task = done["task_id"].as_str().unwrap_or_default();
    let (ada, source) = (lab.person(ADA).await?, SOURCE.to_string());
    let list = format!("{MANAGER}/task_list");
    let too_many = vec![task; 51].join(",");
    for query in [
        vec![],
        vec![("filter_status", "ACTIVE,FAILED")],
        vec![("filter_task_id", task), ("filter_status", "ACTIVE")],
        vec![("filter_task_id", too_many.as_str())],
        vec![
            ("filter_endpoint", source.as_str()),
            ("filter_is_paused", "true"),
        ],
        vec![
            ("filter_status", "ACTIVE"),
            ("filter_endpoint_use", "source"),
        ],
        vec![("filter_status", "ACTIVE"), ("filter_local_user", "ada")],
        vec![
            ("filter_endpoint", source.as_str()),
            ("filter_completion_time", ","),
        ],
        vec![
            ("filter_endpoint", source.as_str()),
            ("filter_status", "DONE"),
        ],
    ] {
        let refused = lab.get(&list, &query).await?;
        assert_eq!(told(&refused), (400, "ClientError.BadRequest"), "{query:?}");
    }
    let nobody = "00000000-0000-4000-8000-00000000dead";
    let refused = lab
        .get(
            &list,
            &[("filter_status", "ACTIVE"), ("filter_owner_id", nobody)],
        )
        .await?;
    assert_eq!(told(&refused), (404, "UserNotFound"));
    for query in [
        ("filter_task_id", task),
        ("filter_endpoint", source.as_str()),
    ] {
        let refused = ada.get(&list, &[query]).await?;
        assert_eq!(told(&refused), (403, "PermissionDenied"), "{query:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_manager_cancels_the_task_of_another() -> TestResult {
    let lab = slow_town().await?;
    let (ada, bob) = (lab.person(ADA).await?, lab.person(BOB).await?);
    let destination = DESTINATION.to_string();
    lab.appoint(&destination, &ada.id, "activity_manager")
        .await?;
    lab.appoint(&destination, &bob.id, "activity_monitor")
        .await?;
    let task = lab
        .submit_transfer(json!([item("/data/", "/data/")]), json!({}))
        .await?;
    let cancel = json!({ "DATA_TYPE": "admin_cancel", "task_id_list": [task], "message": "No" });
    let path = format!("{MANAGER}/admin_cancel");
    assert_eq!(
        told(&bob.post(&path, &cancel).await?),
        (403, "PermissionDenied")
    );
    let canceled = ada.post(&path, &cancel).await?;
    assert_eq!(canceled.status, 200, "{canceled:?}");
    let status = format!("{path}/{}", canceled.at("/id"));
    assert_eq!(ada.get(&status, &[]).await?.at("/done"), true);
    assert_eq!(told(&bob.get(&status, &[]).await?), (404, "NotFound"));

    let ended = lab.ended(&task).await?;
    for (field, expected) in [
        ("status", json!("FAILED")),
        ("canceled_by_admin", json!("DESTINATION")),
        ("canceled_by_admin_message", json!("No")),
    ] {
        assert_eq!(ended[field], expected, "{field}");
    }
    assert_eq!(ended["fatal_error"]["code"], "CANCELED");
    Ok(())
}
