//! WebDriver commands that thirtyfour has no name for.

use anyhow::Context as _;
use serde_json::Value;
use thirtyfour::common::command::FormatRequestData;
use thirtyfour::{RequestData, SessionId, WebDriver};

#[derive(Debug)]
struct Raw {
    method: &'static str,
    path: String,
    body: Option<Value>,
}

impl FormatRequestData for Raw {
    fn format_request(&self, session: &SessionId) -> RequestData {
        let method = self.method.parse().expect("the methods below are real ones");
        let uri = format!("session/{session}/{}", self.path);
        let uri = uri.trim_end_matches('/').to_owned();
        let request = RequestData::new(method, uri);
        match &self.body {
            Some(body) => request.add_body(body.clone()),
            None => request,
        }
    }
}

/// Posts to a path below the session.
pub(super) async fn post(driver: &WebDriver, path: &str, body: Value) -> anyhow::Result<Value> {
    let command = Raw { method: "POST", path: path.to_owned(), body: Some(body) };
    Ok(driver.handle().cmd(command).await.with_context(|| path.to_owned())?.value_json()?)
}

/// Gets a path below the session.
pub(super) async fn get(driver: &WebDriver, path: &str) -> anyhow::Result<Value> {
    let command = Raw { method: "GET", path: path.to_owned(), body: None };
    Ok(driver.handle().cmd(command).await.with_context(|| path.to_owned())?.value_json()?)
}

/// Ends the session, and with it the browser.
pub(super) async fn end(driver: &WebDriver) -> anyhow::Result<()> {
    driver.handle().cmd(Raw { method: "DELETE", path: String::new(), body: None }).await?;
    Ok(())
}
