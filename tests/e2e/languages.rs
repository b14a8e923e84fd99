//! The language that was chosen, on Longkey's own pages and outside them.

use longkey_tests::browsers::{DEADLINE, Options, until};
use longkey_tests::in_both;
use longkey_tests::probe::Probed;
use longkey_tests::stage::Stage;
use serde_json::json;
use std::collections::BTreeSet;

/// Words of the interface that are still plain English while `en_XA` is spoken: what was not taken from `_locales`. Names,
/// codes and addresses stand in `bdi` or begin with `@`; dates are the browser's; a language is called what it calls itself.
const PLAIN: &str = "
    const walker = document.createTreeWalker(document.querySelector('#screen'), NodeFilter.SHOW_TEXT);
    const plain = [];
    while (walker.nextNode()) {
        const { data, parentElement } = walker.currentNode;
        if (/[A-Za-z]{3}/.test(data) && !/^\\[|~ \\]$|^@|^[A-Z][a-z]+ \\d+, \\d+$/.test(data.trim()) && !parentElement.closest('bdi, option[lang], .digits, .key-text, [data-slot=key]')
            && parentElement.checkVisibility()) plain.push(data.trim());
    }
    return plain;";

in_both! {
    async fn a_language_is_chosen_and_spoken_everywhere(kind) {
        let probed = Probed::holding(kind)?;
        let mut stage = Stage::set_in(kind, Options { extension: Some(probed.folder()), ..Options::default() }).await?;
        stage.connected().await?;
        stage.screen("#/settings").await?;
        let choose = "const field = document.querySelector('#language');
            field.value = arguments[0];
            field.dispatchEvent(new Event('input', { bubbles: true }));";
        stage.browser.script(choose, vec!["ja".into()]).await?;
        stage.browser.until("Japanese", "document.documentElement.lang === 'ja' && document.querySelector('#language')?.value === 'ja'").await?;
        assert_eq!(stage.browser.script("return document.documentElement.dir", vec![]).await?, "ltr");
        stage.sees("言語").await?;
        // The words over X's page are the background's.
        stage.browser.background_script("chrome.action.openPopup = () => Promise.reject(new Error('refused'));").await?;
        stage.x_shows_the_key().await?;
        until("the words over X's page", DEADLINE, async || {
            let Ok(toast) = stage.browser.inside_shadow("html > div", "[role=status]").await else { return Ok(None) };
            Ok(toast.text().await.is_ok_and(|it| it.contains("Longkeyを")).then_some(()))
        })
        .await?;
        // Back to the browser's language.
        stage.screen("#/settings").await?;
        stage.browser.script(choose, vec!["".into()]).await?;
        stage.browser.until("English", "document.documentElement.lang === 'en' && document.querySelector('#language')?.value === ''").await?;
        stage.quit().await
    }

    async fn every_word_comes_from_the_files_and_runs_either_way(kind) {
        let mut stage = Stage::set(kind).await?;
        stage.connected().await?;
        let entry = stage.captured_and_confirmed().await?;
        let account = stage.account_ref("900001").await?;
        for language in ["en_XA", "ar_XB"] {
            stage.speaks(language).await?;
            let rtl = language == "ar_XB";
            assert_eq!(stage.browser.script("return document.documentElement.dir === 'rtl'", vec![]).await?, rtl);
            let mut titles = BTreeSet::new();
            for route in ["#/", &format!("#/entry/{entry}"), &format!("#/signin/{account}"), "#/settings", "#/accounts", "#/connect"] {
                let leaves = "if (location.hash !== arguments[0]) document.querySelector('#screen h1')?.setAttribute('data-old', '')";
                stage.browser.script(leaves, vec![route.into()]).await?;
                stage.screen(route).await?;
                stage.browser.until("its screen", "document.querySelector('#screen h1:not([data-old])')").await?;
                if !rtl {
                    assert_eq!(stage.browser.script(PLAIN, vec![]).await?, json!([]), "{route}");
                }
                let wide = "return document.documentElement.scrollWidth - innerWidth";
                assert_eq!(stage.browser.script(wide, vec![]).await?, 0, "{route} in {language}");
                let title = stage.browser.script("return document.title", vec![]).await?;
                let title = title.as_str().unwrap_or_default().to_owned();
                // It goes into the history, where no account is to be read.
                assert!(title.ends_with("Longkey") && !title.contains("standin"), "{route}: {title}");
                titles.insert(title);
            }
            assert_eq!(titles.len(), 6, "{titles:?}");
        }
        stage.quit().await
    }
}
