//! Each documented answer of a sign-in, served once by the fake Xquik, in the words of the product.

use longkey_tests::fakes::{Canned, Route};
use longkey_tests::in_both;
use longkey_tests::stage::{Stage, account};
use serde_json::{Value, json};

/// What is served, the verdict it must become, and a part of its title.
const ANSWERS: &[(Canned, &str, &str)] = &[
    (Canned::Healthy, "signed_in", "@standin_user is signed in again."),
    (Canned::OtherCountry, "signed_in", "@standin_user is signed in again."),
    (Canned::Locked, "signed_in_but", "Xquik signed in, but X reports a problem."),
    (Canned::UnknownHealth, "signed_in_but", "Xquik signed in, but X reports a problem."),
    (Canned::InvalidInput, "password_missing", "Enter the password for @standin_user."),
    (Canned::InvalidJson, "password_missing", "Enter the password for @standin_user."),
    (Canned::InvalidId, "id_unknown", "Xquik doesn’t know this account number."),
    (Canned::Unauthenticated, "api_key_refused", "Xquik didn’t accept the API key."),
    (Canned::UnauthenticatedBare, "api_key_refused", "Xquik didn’t accept the API key."),
    (Canned::NotFound, "account_gone", "@standin_user isn’t in this Xquik workspace any more."),
    (Canned::LoginFailed, "login_failed", "X refused this sign-in."),
    (Canned::LoginFailedUnknownUser, "login_failed", "X refused this sign-in."),
    (Canned::ErrorAsObject, "login_failed", "X refused this sign-in."),
    (Canned::Passkey, "passkey_required", "X asked for a passkey."),
    (Canned::Unavailable, "unavailable", "Xquik’s sign-in service isn’t answering."),
    (Canned::Internal, "unavailable", "Xquik’s sign-in service isn’t answering."),
    (Canned::SessionRequired, "dashboard_only", "Xquik wants this done in its dashboard."),
    (Canned::Pending, "still_signing_in", "Still signing in."),
    (Canned::EmailCode, "email_code", "X e-mailed a code."),
    (Canned::Teapot, "unfamiliar", "Xquik answered with something Longkey doesn’t know (HTTP 418)."),
    (Canned::BadGateway, "unfamiliar", "Xquik answered with something Longkey doesn’t know (HTTP 502)."),
    (Canned::HtmlPage, "unfamiliar", "Xquik answered with something Longkey doesn’t know (HTTP 200)."),
    (Canned::TooLarge, "unfamiliar", "Xquik answered with something Longkey doesn’t know (HTTP 200)."),
    (Canned::RateLimited, "slow_down", "Xquik asked us to slow down."),
];

fn verdict_name(outcome: &Value) -> String {
    let verdict = &outcome["answered"]["verdict"];
    let named = verdict.as_object().and_then(|it| it.keys().next().cloned());
    named.or_else(|| verdict.as_str().map(Into::into)).unwrap_or_else(|| outcome.to_string())
}

in_both! {
    async fn each_answer_has_its_words(kind) {
        let mut stage = Stage::set(kind).await?;
        stage.connected().await?;
        stage.sheet("900001").await?;
        for (number, (canned, verdict, title)) in ANSWERS.iter().enumerate() {
            stage.world.xquik.answer_next(Route::Reauth, *canned);
            stage.done_sign_in("theirs").await?;
            let outcome = stage.outcome().await?;
            assert_eq!(verdict_name(&outcome), *verdict, "{canned}");
            let wanted = title.replace('’', "'");
            let there = format!(
                "document.querySelector('[data-slot=result]')?.innerText.replaceAll('’', \"'\").includes({})",
                Value::from(wanted)
            );
            stage.browser.until(&format!("the words for {canned}"), &there).await?;
            assert_eq!(stage.posts(), number + 1, "{canned}: one click, one POST");
            // What leaves open whether it went through is to be looked at before anything is sent again; what does not, not.
            let open = account(&stage.view().await?, "900001")["attempt"]["open"] == true;
            let unclear = *verdict == "unfamiliar" && !title.contains("418");
            assert_eq!(open, unclear || ["still_signing_in", "email_code"].contains(verdict), "{canned}");
            if open {
                let looks = "document.querySelector('[data-slot=result-foot] [data-slot=action]').dataset.act === 'check'";
                stage.browser.until("the way to look", looks).await?;
                let answer = stage.sign_in("theirs").await?;
                assert_eq!(answer["refused"], "CheckFirst", "{answer}");
                stage.world.xquik.change("900001", |it| it.health = "healthy".into());
                stage.browser.click("[data-slot=result-foot] [data-slot=action]").await?;
                stage.view_until("it to be known", |view| verdict_name(&account(view, "900001")["attempt"]["outcome"]) == "signed_in").await?;
            }
            stage.world.xquik.change("900001", |it| it.health = "needsReauth".into());
        }
        stage.quit().await
    }

    async fn a_pause_is_counted_down_and_survives_the_worker(kind) {
        // Each with the words of its title, which name the end of the pause.
        for (canned, title) in [
            (Canned::Cooldown, "Sign-ins for @standin_user are paused until "),
            (Canned::CooldownAutomated, "Sign-ins for @standin_user are paused until "),
            (Canned::LoginFailedWithPause, "X refused this sign-in."),
        ] {
            let mut stage = Stage::set(kind).await?;
            stage.connected().await?;
            stage.world.xquik.answer_next(Route::Reauth, canned);
            stage.done_sign_in("theirs").await?;
            stage.outcome().await?;
            stage.browser.kill_background().await?;
            let answer = stage.sign_in("theirs").await?;
            assert_eq!(answer["refused"], "Paused", "{answer}");
            let view = stage.view().await?;
            assert_eq!(account(&view, "900001")["group"], "waiting");
            stage.sheet("900001").await?;
            let slot = "document.querySelector('[data-slot=result] [data-slot=title]')?.innerText";
            let said = format!("{slot}?.includes({title}) && {slot}", title = json!(title));
            let said = stage.browser.until(title, &said).await?;
            let ends = said.as_str().is_some_and(|it| !title.ends_with(' ') || it[title.len()..].contains(':'));
            assert!(ends, "{said}: the time is missing");
            stage.browser.until("no way to send", "![...document.querySelectorAll('[form=sign-in-form]')].some(it => it.checkVisibility() && !it.disabled)").await?;
            assert_eq!(stage.posts(), 1);
            stage.quit().await?;
        }
        Ok(())
    }

    async fn a_second_click_while_one_is_pending_sends_nothing(kind) {
        let mut stage = Stage::set(kind).await?;
        stage.connected().await?;
        stage.world.xquik.answer_next(Route::Reauth, Canned::Hold);
        stage.done_sign_in("theirs").await?;
        let answer = stage.sign_in("theirs").await?;
        assert_eq!(answer["refused"], "StillRunning", "{answer}");
        stage.world.xquik.until_holding(1, longkey_tests::browsers::DEADLINE).await?;
        assert_eq!(stage.posts(), 1);
        stage.world.xquik.release();
        stage.outcome().await?;
        assert_eq!(stage.posts(), 1);
        stage.quit().await
    }

    async fn a_worker_killed_during_a_sign_in_leaves_it_unknown(kind) {
        let mut stage = Stage::set(kind).await?;
        stage.connected().await?;
        stage.world.xquik.answer_next(Route::Reauth, Canned::Hold);
        stage.done_sign_in("theirs").await?;
        stage.world.xquik.until_holding(1, longkey_tests::browsers::DEADLINE).await?;
        stage.browser.kill_background().await?;
        assert_eq!(stage.outcome().await?, "unknown");
        stage.sheet("900001").await?;
        stage.browser.until("the words", "document.querySelector('[data-slot=result]')?.innerText.includes('No answer yet.')").await?;
        // It went through after all: a GET says so, and no second POST was needed.
        stage.world.xquik.change("900001", |it| it.health = "healthy".into());
        let account = stage.account_ref("900001").await?;
        stage.done(json!({ "check_status": { "account": account } })).await?;
        let outcome = stage.outcome().await?;
        assert_eq!(verdict_name(&outcome), "signed_in");
        assert_eq!(stage.posts(), 1);
        stage.quit().await
    }

    async fn a_redirect_is_not_followed(kind) {
        let mut stage = Stage::set(kind).await?;
        stage.connected().await?;
        let before = stage.world.refused().len();
        stage.world.xquik.answer_next(Route::Reauth, Canned::Redirect);
        stage.done_sign_in("theirs").await?;
        assert_eq!(stage.outcome().await?, "unknown");
        let foreign: Vec<_> = stage.world.refused().into_iter().skip(before).filter(|it| it.contains("elsewhere")).collect();
        assert_eq!(foreign, Vec::<String>::new());
        stage.quit().await
    }
}
