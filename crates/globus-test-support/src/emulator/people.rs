//! People beside whom a lab speaks for, and what they are given.

use std::time::{Duration, Instant};

use globus_emulator::EmulatorBuilder;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::transfer::PATIENCE;
use super::{Answer, Fallible, Lab, ROBOT, ROBOT_SECRET, SOURCE, answer};

/// A lab with two people besides those who administer the collections.
pub async fn town() -> Fallible<Lab> {
    town_of(|builder| builder).await
}

pub async fn town_of(change: impl FnOnce(EmulatorBuilder) -> EmulatorBuilder) -> Fallible<Lab> {
    Lab::of(|builder| {
        change(
            builder
                .other_user(ADA, "Ada", "ada@example.org")
                .other_user(BOB, "Bob", "bob@example.org"),
        )
    })
    .await
}

pub const ADA: &str = "ada@sandbox.local";
pub const BOB: &str = "bob@sandbox.local";

/// Somebody with a token of their own.
pub struct Person<'a> {
    pub lab: &'a Lab,
    pub id: String,
    token: String,
}

impl Person<'_> {
    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.lab
            .sandbox
            .http
            .request(method, self.lab.sandbox.url(path))
            .bearer_auth(&self.token)
    }

    pub async fn get(&self, path: &str, query: &[(&str, &str)]) -> Fallible<Answer> {
        answer(self.request(Method::GET, path).query(query)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Fallible<Answer> {
        answer(self.request(Method::POST, path).json(body)).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Fallible<Answer> {
        answer(self.request(Method::PUT, path).json(body)).await
    }

    pub async fn delete(&self, path: &str) -> Fallible<Answer> {
        answer(self.request(Method::DELETE, path)).await
    }

    /// A listing of a collection.
    pub async fn ls(&self, collection: &str, path: &str) -> Fallible<Answer> {
        let ls = format!("/v0.10/operation/endpoint/{collection}/ls");
        self.get(&ls, &[("path", path)]).await
    }

    pub async fn mkdir(&self, collection: &str, path: &str) -> Fallible<Answer> {
        let mkdir = format!("/v0.10/operation/endpoint/{collection}/mkdir");
        self.post(&mkdir, &json!({ "path": path })).await
    }

    /// Submits a transfer of these items.
    pub async fn transfer(&self, from: &str, to: &str, items: Value) -> Fallible<Answer> {
        let id = self
            .get("/v0.10/submission_id", &[])
            .await?
            .text_at("/value")?;
        let document = json!({
            "DATA_TYPE": "transfer",
            "submission_id": id,
            "source_endpoint": from,
            "destination_endpoint": to,
            "DATA": items,
        });
        self.post("/v0.10/transfer", &document).await
    }

    /// Looks at a task until it is as wanted.
    pub async fn wait(&self, task: &str, wanted: impl Fn(&Value) -> bool) -> Fallible<Value> {
        let start = Instant::now();
        loop {
            let document = self.get(&format!("/v0.10/task/{task}"), &[]).await?.body;
            if wanted(&document) {
                return Ok(document);
            }
            if start.elapsed() > PATIENCE {
                return Err(format!("it never came: {document:#}").into());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Lab {
    /// Another person, beside whom this lab speaks for.
    pub async fn person(&self, username: &str) -> Fallible<Person<'_>> {
        let known = self
            .sandbox
            .get("/v2/api/identities")
            .basic_auth(ROBOT, Some(ROBOT_SECRET))
            .query(&[("usernames", username)]);
        Ok(Person {
            lab: self,
            token: self.login(username).await?,
            id: answer(known).await?.text_at("/identities/0/id")?,
        })
    }

    pub async fn delete_at(&self, path: &str) -> Fallible<Answer> {
        answer(self.request(Method::DELETE, path)).await
    }

    /// A guest collection of the robot's, on a directory of the source.
    pub async fn guest(&self, host_path: &str) -> Fallible<String> {
        let created = self
            .post(
                "/v0.10/shared_endpoint",
                &json!({
                    "DATA_TYPE": "shared_endpoint",
                    "host_endpoint_id": SOURCE,
                    "host_path": host_path,
                    "display_name": format!("Guest of {host_path}"),
                }),
            )
            .await?;
        assert_eq!(created.status, 201, "{created:?}");
        created.text_at("/id")
    }

    /// Lets somebody use a directory of a guest collection.
    pub async fn grant(
        &self,
        guest: &str,
        principal: &str,
        path: &str,
        permissions: &str,
    ) -> Fallible<String> {
        let created = self
            .post(
                &format!("/v0.10/endpoint/{guest}/access"),
                &json!({
                    "DATA_TYPE": "access",
                    "principal_type": "identity",
                    "principal": principal,
                    "path": path,
                    "permissions": permissions,
                }),
            )
            .await?;
        assert_eq!(created.status, 201, "{created:?}");
        created.text_at("/access_id")
    }

    /// Gives somebody a role.
    pub async fn appoint(&self, collection: &str, principal: &str, role: &str) -> Fallible<String> {
        let created = self
            .post(
                &format!("/v0.10/endpoint/{collection}/role"),
                &json!({
                    "DATA_TYPE": "role",
                    "principal_type": "identity",
                    "principal": principal,
                    "role": role,
                }),
            )
            .await?;
        assert_eq!(created.status, 201, "{created:?}");
        created.text_at("/id")
    }
}

/// The status and the code of an answer.
pub fn told(answer: &Answer) -> (u16, &str) {
    let code = answer.at("/code").as_str();
    (answer.status.as_u16(), code.unwrap_or_default())
}
