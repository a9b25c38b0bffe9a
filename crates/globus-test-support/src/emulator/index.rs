//! An index with entries in it.

use std::error::Error;
use std::time::Duration;

use serde_json::{Value, json};

use super::{Answer, SEARCH_ALL, Sandbox, answer};

/// An index of the robot's.
pub struct TestIndex<'a> {
    pub sandbox: &'a Sandbox,
    pub token: String,
    pub id: String,
}

impl<'a> TestIndex<'a> {
    pub async fn create(sandbox: &'a Sandbox) -> Result<Self, Box<dyn Error>> {
        let token = sandbox.robot_token(SEARCH_ALL).await?;
        let document = json!({ "display_name": "Papers", "description": "What was written" });
        let request = sandbox
            .post("/v1/index")
            .bearer_auth(&token)
            .json(&document);
        let id = answer(request).await?.text_at("/id")?;
        Ok(Self { sandbox, token, id })
    }

    /// An index with these entries, all public.
    pub async fn with(
        sandbox: &'a Sandbox,
        entries: impl IntoIterator<Item = (&str, Value)>,
    ) -> Result<Self, Box<dyn Error>> {
        let index = Self::create(sandbox).await?;
        let entries = entries.into_iter().map(|(subject, content)| {
            json!({ "subject": subject, "visible_to": ["public"], "content": content })
        });
        let done = index.ingest(entries.collect()).await?;
        assert_eq!(done.at("/state"), "SUCCESS", "{done:?}");
        Ok(index)
    }

    pub fn path(&self, rest: &str) -> String {
        format!("/v1/index/{}{rest}", self.id)
    }

    pub async fn post(&self, rest: &str, body: &Value) -> Result<Answer, Box<dyn Error>> {
        let request = self.sandbox.post(&self.path(rest));
        answer(request.bearer_auth(&self.token).json(body)).await
    }

    pub async fn get(&self, rest: &str) -> Result<Answer, Box<dyn Error>> {
        answer(self.sandbox.get(&self.path(rest)).bearer_auth(&self.token)).await
    }

    pub async fn get_as_nobody(&self, rest: &str) -> Result<Answer, Box<dyn Error>> {
        answer(self.sandbox.get(&self.path(rest))).await
    }

    /// Ingests a list and waits until that is done.
    pub async fn ingest(&self, entries: Vec<Value>) -> Result<Answer, Box<dyn Error>> {
        let document = json!({
            "@datatype": "GIngest",
            "ingest_type": "GMetaList",
            "ingest_data": { "gmeta": entries },
        });
        let submitted = self.post("/ingest", &document).await?;
        self.wait(&submitted).await
    }

    /// The task of a submission, once it is done.
    pub async fn wait(&self, submitted: &Answer) -> Result<Answer, Box<dyn Error>> {
        let path = format!("/v1/task/{}", submitted.text_at("/task_id")?);
        for _ in 0..500 {
            let task = answer(self.sandbox.get(&path).bearer_auth(&self.token)).await?;
            if matches!(task.at("/state").as_str(), Some("SUCCESS" | "FAILED")) {
                return Ok(task);
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Err("the task does not end".into())
    }

    /// The subjects a POST query finds, in order.
    pub async fn subjects(&self, query: &Value) -> Result<Vec<String>, Box<dyn Error>> {
        let found = self.post("/search", query).await?;
        assert_eq!(found.status, 200, "{found:?}");
        subjects_of(&found)
    }
}

pub fn subjects_of(found: &Answer) -> Result<Vec<String>, Box<dyn Error>> {
    let gmeta = found.at("/gmeta").as_array().ok_or("no gmeta")?;
    Ok(gmeta
        .iter()
        .filter_map(|r| r["subject"].as_str())
        .map(str::to_owned)
        .collect())
}
