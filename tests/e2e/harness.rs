//! What the other stories rely on: that both browsers can be started, looked into, and disturbed.
//! Deliberately says nothing of what Longkey does.

use std::time::Duration;

use longkey_tests::browsers::{Browser, DEADLINE, Install, Key, Options, artefacts, until};
use longkey_tests::fakes::World;
use longkey_tests::in_both;

/// The popup's page, as a tab.
const POPUP: &str = "pages/app.html?in=popup";

in_both! {
    async fn the_extension_loads_and_its_popup_page_opens(kind) {
        let browser = Browser::start(kind, Options::default()).await?;
        browser.open_extension_page(POPUP).await?;
        browser.until("the page's own address", "location.pathname === '/pages/app.html'").await?;
        let manifest = browser.script("return api.runtime.getManifest().manifest_version", vec![]);
        assert_eq!(manifest.await?, 3);
        assert!(browser.exists("body").await?);
        assert!(!browser.exists("#no-such-part").await?);
        browser.quit().await
    }

    async fn the_background_is_killed_and_comes_back(kind) {
        let browser = Browser::start(kind, Options::default()).await?;
        browser.open_extension_page(POPUP).await?;
        for _ in 0..3 {
            browser.kill_background().await?;
            // Any message wakes it, whatever it answers.
            browser.script("await api.runtime.sendMessage({}).catch(() => {})", vec![]).await?;
            until("the background to wake", DEADLINE, async || {
                Ok(browser.background_is_running().await?.then_some(()))
            })
            .await?;
        }
        browser.quit().await
    }

    async fn a_popup_opens_without_a_gesture_and_closes(kind) {
        let browser = Browser::start(kind, Options::default()).await?;
        browser.open_extension_page(POPUP).await?;
        assert_eq!(browser.popups().await?, 0, "a tab is no popup");
        for _ in 0..2 {
            browser.script("await api.action.openPopup()", vec![]).await?;
            browser.popups_until(1).await?;
            let path = browser.popup_script("return location.pathname").await?;
            assert_eq!(path, "/pages/app.html");
            assert!(browser.popup_picture().await?.starts_with(b"\x89PNG"));
            browser.close_popups().await?;
        }
        browser.quit().await
    }

    async fn the_proxy_is_all_of_the_network(kind) {
        let world = World::start().await?;
        let options = Options { proxy: Some(world.proxy()), ..Options::default() };
        let browser = Browser::start(kind, options).await?;
        browser.goto("https://x.com/").await?;
        let seen = browser.script("return location.href", vec![]).await?;
        assert!(seen.as_str().is_some_and(|url| url.starts_with("https://x.com/")), "{seen}");

        // Both browsers show an error page of their own; only Chromium's driver calls that an error.
        let _ = browser.goto("https://elsewhere.example/").await;
        let refused = world.refused();
        assert!(!refused.is_empty());
        assert!(refused.iter().all(|one| one == "elsewhere.example:443"), "{refused:?}");
        browser.quit().await
    }

    async fn nothing_but_the_test_reaches_the_proxy(kind) {
        let world = World::start().await?;
        let options = Options { proxy: Some(world.proxy()), ..Options::default() };
        let browser = Browser::start(kind, options).await?;
        browser.goto("https://x.com/").await?;
        browser.open_extension_page(POPUP).await?;
        browser.quit().await?;
        assert_eq!(world.refused(), Vec::<String>::new());
        Ok(())
    }

    async fn a_page_takes_the_popups_size_and_the_picture_too(kind) {
        for dark in [false, true] {
            let browser = Browser::start(kind, Options { dark, ..Options::default() }).await?;
            browser.open_extension_page(POPUP).await?;
            let is_dark = "return matchMedia('(prefers-color-scheme: dark)').matches";
            assert_eq!(browser.script(is_dark, vec![]).await?, dark);
            browser.viewport(380, 600).await?;
            let file = artefacts().join(format!("{}-harness-popup-{dark}.png", kind.name()));
            assert_eq!(browser.screenshot(&file).await?, (760, 1200));
            browser.quit().await?;
        }
        Ok(())
    }

    async fn rights_to_a_site_are_taken_and_given_back(kind) {
        let browser = Browser::start(kind, Options::default()).await?;
        browser.open_extension_page(POPUP).await?;
        let has = "return await api.permissions.contains({ origins: ['https://x.com/*'] })";
        assert_eq!(browser.script(has, vec![]).await?, true);
        browser.revoke("https://x.com/*").await?;
        assert_eq!(browser.script(has, vec![]).await?, false);
        let other = "return await api.permissions.contains({ origins: ['https://xquik.com/*'] })";
        assert_eq!(browser.script(other, vec![]).await?, true, "the other site is left alone");
        browser.grant("https://x.com/*").await?;
        assert_eq!(browser.script(has, vec![]).await?, true);
        browser.quit().await
    }

    async fn the_extension_comes_into_open_tabs_later(kind) {
        let world = World::start().await?;
        let proxy = Some(world.proxy());
        let options = Options { proxy, install: Install::Later, ..Options::default() };
        let mut browser = Browser::start(kind, options).await?;
        browser.goto("https://x.com/").await?;
        let before = browser.current_tab().await?;
        browser.install_extension().await?;
        browser.open_extension_page(POPUP).await?;
        browser.switch_to(&before).await?;
        let here = browser.script("return location.host", vec![]).await?;
        assert_eq!(here, "x.com");
        browser.quit().await
    }

    async fn a_wait_that_fails_says_what_it_waited_for(kind) {
        let browser = Browser::start(kind, Options::default()).await?;
        browser.goto("data:text/html,<title>A title</title>").await?;
        let moment = Duration::from_millis(200);
        let flies = "document.querySelector('pig').flies";
        let error = browser.until_within(moment, "a pig to fly", flies).await;
        let error = format!("{:#}", error.expect_err("there is no pig"));
        for part in ["a pig to fly", "data:text/html", "A title", "last exception", ".png"] {
            assert!(error.contains(part), "{part} is not in: {error}");
        }
        browser.quit().await
    }

    async fn elements_are_clicked_typed_into_and_read_also_in_a_closed_shadow(kind) {
        let browser = Browser::start(kind, Options::default()).await?;
        browser.goto("data:text/html,<p id=said></p><input id=typed><div id=host></div>").await?;
        browser.script(
            "const root = document.querySelector('#host').attachShadow({ mode: 'closed' });
             root.innerHTML = '<button>Press</button>';
             root.querySelector('button').onclick = event => {
                 const typed = document.querySelector('#typed').value;
                 document.querySelector('#said').textContent = typed + ' ' + event.isTrusted;
             };",
            vec![],
        ).await?;
        browser.type_into("#typed", "hello").await?;
        browser.inside_shadow("#host", "button").await?.click().await?;
        assert_eq!(browser.text("#said").await?, "hello true");
        browser.quit().await
    }

    async fn the_console_is_heard(kind) {
        let browser = Browser::start(kind, Options::default()).await?;
        browser.open_extension_page(POPUP).await?;
        browser.script("globalThis.console.error('said by the page')", vec![]).await?;
        let extension = "setTimeout(() => { throw new Error('thrown by the page') }, 0)";
        browser.script(extension, vec![]).await?;
        for what in ["said by the page", "thrown by the page"] {
            until(what, DEADLINE, async || {
                let errors = browser.console_errors();
                Ok(errors.iter().any(|said| said.text.contains(what)).then_some(()))
            })
            .await?;
        }
        browser.quit().await
    }

    async fn an_idle_background_ends_by_itself(kind) {
        let quiet = Options { console: false, background_idle_ms: Some(500), ..Options::default() };
        let browser = Browser::start(kind, quiet).await?;
        // Chromium's 30 s cannot be shortened.
        until("the background to end", Duration::from_secs(60), async || {
            Ok((!browser.background_is_running().await?).then_some(()))
        })
        .await?;
        browser.quit().await
    }

    async fn a_private_window_opens_and_the_clipboard_is_read(kind) {
        let browser = Browser::start(kind, Options::default()).await?;
        let first = browser.current_tab().await?;
        browser.allow_private().await?;
        let page = "data:text/html,<title>Private</title>";
        let private = browser.open_private_window(page).await?;
        assert_ne!(private, first);
        assert_eq!(browser.script("return document.title", vec![]).await?, "Private");

        browser.switch_to(&first).await?;
        browser.goto("data:text/html,<input value=copied>").await?;
        let field = browser.element("input").await?;
        field.send_keys(Key::Control + "a").await?;
        field.send_keys(Key::Control + "c").await?;
        assert_eq!(browser.clipboard().await?, "copied");
        browser.quit().await
    }

    async fn a_second_install_reloads_the_extension(kind) {
        let mut browser = Browser::start(kind, Options::default()).await?;
        let first = browser.current_tab().await?;
        let page = browser.open_extension_page(POPUP).await?;
        browser.install_extension().await?;
        until("the extension's tab to close", DEADLINE, async || {
            Ok((!browser.all_tabs().await?.contains(&page)).then_some(()))
        })
        .await?;
        browser.switch_to(&first).await?;
        browser.open_extension_page(POPUP).await?;
        browser.quit().await
    }
}
