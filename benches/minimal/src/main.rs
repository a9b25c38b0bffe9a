//! Prints somebody's tasks, newest first, by the token in `GLOBUS_TOKEN`.

use globus_sdk::auth::AccessTokenAuthorizer;
use globus_sdk::transfer::Client;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let authorizer = AccessTokenAuthorizer::new(std::env::var("GLOBUS_TOKEN")?);
    let transfer = Client::builder().authorizer(authorizer).build()?;
    let mut tasks = transfer.task_list().stream();
    while let Some(task) = tasks.next().await {
        let task = task?;
        println!("{} {}", task.task_id, task.status);
    }
    Ok(())
}
