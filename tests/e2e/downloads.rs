//! What the browser saves as files, caught in a folder of the test's own.

use longkey_tests::browsers::{Browser, DEADLINE, Kind, until};
use serde_json::json;
use std::path::{Path, PathBuf};
use thirtyfour::common::command::FormatRequestData;
use thirtyfour::{RequestData, SessionId};

/// A folder of the test's own for what the browser downloads; it goes with the test.
pub(crate) struct Downloads(tempfile::TempDir);

/// geckodriver's own command that says where scripts run: in the page, or in the browser's window.
#[derive(Debug)]
struct Context(&'static str);

impl FormatRequestData for Context {
    fn format_request(&self, session: &SessionId) -> RequestData {
        let method = "POST".parse().expect("a method");
        RequestData::new(method, format!("session/{session}/moz/context")).add_body(json!({ "context": self.0 }))
    }
}

impl Downloads {
    pub(crate) async fn of(browser: &Browser) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().to_string_lossy().into_owned();
        match browser.kind() {
            Kind::Chromium => {
                let behaviour = json!({ "behavior": "allow", "downloadPath": path });
                browser.driver().cdp().send_raw("Browser.setDownloadBehavior", behaviour).await?;
            }
            Kind::Firefox => {
                let set = "Services.prefs.setIntPref('browser.download.folderList', 2);
                    Services.prefs.setStringPref('browser.download.dir', arguments[0]);";
                let driver = browser.driver();
                driver.handle().cmd(Context("chrome")).await?;
                driver.execute(set, vec![path.into()]).await?;
                driver.handle().cmd(Context("content")).await?;
            }
        }
        Ok(Self(folder))
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// The one file whose name begins so, once it is complete.
    pub(crate) async fn file(&self, beginning: &str, ending: &str) -> anyhow::Result<PathBuf> {
        until(&format!("the file {beginning}…{ending}"), DEADLINE, async || {
            let found = std::fs::read_dir(self.0.path())?.filter_map(Result::ok).map(|it| it.path()).find(|it| {
                let name = it.file_name().unwrap_or_default().to_string_lossy().into_owned();
                name.starts_with(beginning) && name.ends_with(ending)
            });
            Ok(found.filter(|it| it.metadata().is_ok_and(|it| it.len() > 0)))
        })
        .await
    }
}
