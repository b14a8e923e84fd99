//! X's reset, cut off after each of its steps, and what X's pages say against a key on the way.

use anyhow::Context as _;
use longkey_tests::browsers::Options;
use longkey_tests::in_both;
use longkey_tests::stage::{KEY, OTHER_KEY, Stage};
use serde_json::{Value, json};

async fn marks(stage: &mut Stage, mark: Value) -> anyhow::Result<()> {
    stage.done(json!({ "reset": { "handle": "standin_user", "mark": mark } })).await
}

/// The background is killed; what wakes again knows that these steps are done.
async fn cut_off_after(stage: &mut Stage, steps: &[u8]) -> anyhow::Result<Value> {
    let done = json!(steps);
    stage.view_until(&format!("the steps {done}"), |view| view["resets"][0]["done"] == done).await?;
    stage.browser.kill_background().await?;
    stage.view_until(&format!("the steps {done}, woken again"), |view| view["resets"][0]["done"] == done).await
}

fn entry(view: &Value) -> &Value {
    &view["entries"][0]
}

/// What the red note looks like in a theme: title, sentence, whether title and icon have the token's red, the contrast of
/// both texts on what lies under them (WCAG 2.2, "contrast ratio"), and whether there is an icon beside the colour.
const NOTE: &str = r"
    document.documentElement.dataset.theme = arguments[0];
    const note = document.querySelector('.note.bad');
    const [title, text, icon] = ['h2', 'p', '.icon'].map(it => note.querySelector(it));
    const token = document.createElement('i');
    token.style.color = 'var(--danger)';
    note.append(token);
    const of = (it, what = 'color') => getComputedStyle(it)[what];
    const light = color => {
        const [r, g, b] = color.match(/[\d.]+/g).slice(0, 3)
            .map(it => it / 255).map(it => it <= 0.04045 ? it / 12.92 : ((it + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const contrast = (one, two) => {
        const [more, less] = [light(one), light(two)].sort((a, b) => b - a);
        return (more + 0.05) / (less + 0.05);
    };
    const under = of(note, 'backgroundColor');
    const red = [title, icon].every(it => of(it) === of(token));
    token.remove();
    return [title.innerText, text.innerText, red, [title, text].map(it => contrast(of(it), under)),
        icon.getBoundingClientRect().width >= 16];";

in_both! {
    async fn cut_off_after_each_of_its_nine_steps_it_goes_on(kind) {
        let mut stage = Stage::set(kind).await?;
        stage.connected().await?;
        stage.captured_and_confirmed().await?;
        marks(&mut stage, json!("start")).await?;
        stage.screen("#/reset/standin_user").await?;
        let shown = "document.querySelectorAll('.tasks > li').length === 9
            && !document.querySelector('.tasks > li.now:first-child ~ li [data-slot=phone-line]:not([hidden])')";
        stage.browser.until("no way to a phone for the old key", shown).await?;
        cut_off_after(&mut stage, &[]).await?;
        marks(&mut stage, json!({ "done": 1 })).await?;
        cut_off_after(&mut stage, &[1]).await?;
        marks(&mut stage, json!({ "done": 2 })).await?;
        cut_off_after(&mut stage, &[1, 2]).await?;

        // Off at X: red, and the old key is asked about until the user ticks the step.
        stage.x_turns_the_app_off().await?;
        let asked = |view: &Value| view["resets"][0]["app_off"] == true && !entry(view)["doubt"].is_null();
        stage.view_until("red, and the question", asked).await?;
        let view = cut_off_after(&mut stage, &[1, 2]).await?;
        assert_eq!(entry(&view)["current"]["state"], "confirmed", "a page only asks");
        marks(&mut stage, json!({ "done": 3 })).await?;
        let view = cut_off_after(&mut stage, &[1, 2, 3]).await?;
        assert_eq!(entry(&view)["current"]["state"], "stale");
        assert_eq!(view["resets"][0]["app_off"], true);

        stage.world.x.set_next_secret(OTHER_KEY);
        stage.x_shows_the_key().await?;
        cut_off_after(&mut stage, &[1, 2, 3, 4]).await?;
        let id = stage.keep().await?;
        cut_off_after(&mut stage, &[1, 2, 3, 4, 5]).await?;
        // To the team's phones goes the new one.
        stage.screen("#/reset/standin_user").await?;
        stage.browser.click(".tasks > li:nth-child(6) [data-slot=phone]").await?;
        stage.browser.until("its page", &format!("location.hash === '#/phone/{id}'")).await?;
        marks(&mut stage, json!({ "done": 6 })).await?;
        cut_off_after(&mut stage, &[1, 2, 3, 4, 5, 6]).await?;

        stage.x_asks_for_the_code().await?;
        stage.view_until("X's code field to be seen", |view| entry(view)["code_wanted"] == true).await?;
        stage.done(json!({ "fill": { "id": id } })).await?;
        stage.on_x().await?;
        stage.x_presses("ocfEnterTextNextButton").await?;
        stage.x_is_at("done").await?;
        // X gives a backup code with it, and that it is kept is a step of its own.
        let view = cut_off_after(&mut stage, &[1, 2, 3, 4, 5, 6, 7, 8]).await?;
        assert_eq!(entry(&view)["current"]["state"], "confirmed", "the new one");
        assert_eq!(view["resets"][0]["app_off"], false, "red no more");
        // The one from before the reset may still work: nobody knows.
        let code = stage.world.x.backup_code().context("X gave no backup code")?;
        let last = entry(&view)["backup"].as_array().and_then(|it| it.last()).cloned().unwrap_or_default();
        assert_eq!(last["state"], "unused");
        let first = entry(&view)["backup"][0]["state"].clone();
        assert_eq!((entry(&view)["backup"].as_array().map(Vec::len), first), (Some(2), json!("unknown")));
        let shown = stage.ask(json!({ "backup_code": { "entry": id, "added": last["added"] } })).await?;
        let shown = shown["backup_code"].as_str().unwrap_or_default().replace(' ', "");
        assert!(shown == code, "another backup code than X's");

        stage.world.xquik.change("900001", |it| it.health = "needsReauth".into());
        stage.done(json!("refresh")).await?;
        stage.done_sign_in("saved").await?;
        stage.view_until("the end", |view| view["resets"] == json!([])).await?;
        stage.browser.kill_background().await?;
        stage.view_until("the end, woken again", |view| view["resets"] == json!([])).await?;
        let posts: Vec<_> = stage.world.requests("xquik.com").into_iter().filter(|it| it.method == "POST").collect();
        assert_eq!(posts.len(), 1);
        assert_eq!(posts[0].json().unwrap_or_default()["totp_secret"], OTHER_KEY);
        stage.quit().await
    }

    async fn a_browser_that_ends_in_the_middle_finds_it_red_and_goes_on(kind) {
        let profile = tempfile::tempdir()?;
        let options = || Options { profile: Some(profile.path().to_owned()), ..Options::default() };
        let mut stage = Stage::set_in(kind, options()).await?;
        stage.done(json!("skip_passphrase")).await?;
        stage.done(json!({ "add_key": { "text": KEY, "handle": "standin_user" } })).await?;
        let id = entry(&stage.view().await?)["id"].clone();
        stage.done(json!({ "accepted": { "entry": id } })).await?;
        stage.world.x.set_confirmed_key(Some(KEY));
        for mark in [json!("start"), json!({ "done": 1 }), json!({ "done": 2 })] {
            marks(&mut stage, mark).await?;
        }
        stage.x_turns_the_app_off().await?;
        stage.view_until("red", |view| view["resets"][0]["app_off"] == true).await?;

        let mut stage = stage.restarted(options()).await?;
        let view = stage.view().await?;
        assert_eq!((&view["resets"][0]["done"], &view["resets"][0]["app_off"]), (&json!([1, 2]), &json!(true)), "{view}");
        stage.screen("#/").await?;
        let row = "[...document.querySelectorAll('[data-slot=needs-list] .row.now')]
            .find(it => it.innerText.includes('Two-factor sign-in is off. Step 3 of 9'))";
        stage.browser.until("the list to say it", row).await?;
        stage.browser.click("[data-slot=needs-list] .row.now a").await?;
        stage.browser.until("the red note", "document.querySelector('.note.bad h2')").await?;
        for theme in ["light", "dark"] {
            let [title, text, red, contrast, icon] = [0, 1, 2, 3, 4];
            let shown = stage.browser.script(NOTE, vec![theme.into()]).await?;
            assert_eq!(shown[title], "Two-factor sign-in is off", "{theme}");
            assert!(shown[text].as_str().is_some_and(|it| it.contains("@standin_user")), "{theme}: {shown}");
            assert_eq!((&shown[red], &shown[icon]), (&json!(true), &json!(true)), "{theme}: {shown}");
            let least = shown[contrast].as_array().into_iter().flatten().filter_map(Value::as_f64).fold(99.0, f64::min);
            assert!((4.5..22.0).contains(&least), "{theme}: {shown}");
        }

        // A popup closes with each click on X: opened again, it begins where the user is, and later leaves them where they are.
        stage.browser.viewport(380, 600).await?;
        stage.browser.reload().await?;
        let middle = "(({ top, bottom }) => top > 100 && bottom < 500)(document.querySelector('.tasks > li.now').getBoundingClientRect())";
        stage.browser.until("the third step in the middle", middle).await?;
        stage.browser.until("the keyboard at the heading", "document.activeElement?.tagName === 'H1'").await?;
        stage.browser.script("document.querySelector('main').scrollTop = 0", vec![]).await?;
        for (mark, ticked) in [(json!({ "undone": 2 }), false), (json!({ "done": 2 }), true)] {
            marks(&mut stage, mark).await?;
            let tick = format!("document.querySelector('.tasks > li:nth-child(2)').matches('.ticked') === {ticked}");
            stage.browser.until("the tick", &tick).await?;
        }
        assert_eq!(stage.browser.script("return document.querySelector('main').scrollTop", vec![]).await?, 0);

        // The set-up goes on where it was; nothing is left for a step that is only a wish.
        stage.world.x.set_next_secret(OTHER_KEY);
        stage.x_shows_the_key().await?;
        let id = stage.keep().await?;
        stage.x_asks_for_the_code().await?;
        stage.view_until("X's code field to be seen", |view| entry(view)["code_wanted"] == true).await?;
        stage.done(json!({ "fill": { "id": id } })).await?;
        stage.on_x().await?;
        stage.x_presses("ocfEnterTextNextButton").await?;
        stage.x_is_at("done").await?;
        let done = |view: &Value| view["resets"][0]["done"] == json!([1, 2, 3, 4, 5, 7, 8]);
        let view = stage.view_until("the steps", done).await?;
        assert_eq!(view["resets"][0]["app_off"], false, "red no more");
        stage.on_us().await?;
        stage.browser.until("the note to go", "!document.querySelector('.note.bad')").await?;
        stage.browser.until("the ninth step", "document.querySelector('.tasks li:last-child.now')").await?;
        stage.browser.reload().await?;
        let seen = "(it => it && it.getBoundingClientRect().bottom < 600)(document.querySelector('.tasks > li.now'))";
        stage.browser.until("the ninth step in sight", seen).await?;
        stage.browser.element("[data-slot=sign-in]").await?;
        stage.quit().await
    }

    async fn what_x_shows_against_a_key_is_asked_on_its_page(kind) {
        let mut stage = Stage::set(kind).await?;
        stage.done(json!("skip_passphrase")).await?;
        let id = stage.captured_and_confirmed().await?;
        stage.x_turns_the_app_off().await?;
        stage.view_until("the question", |view| !entry(view)["doubt"].is_null()).await?;
        // It was asked where the app is turned off. What the settings say after it would ask once more.
        stage.on_x().await?;
        stage.browser.goto("https://x.com/home").await?;
        stage.screen(&format!("#/entry/{id}")).await?;
        let asks = "document.querySelector('[data-slot=notes] [data-act=trust]')";
        stage.browser.until("the question in words", asks).await?;
        stage.browser.click("[data-slot=notes] [data-act=trust]").await?;
        stage.browser.until("the question to go", "!document.querySelector('[data-slot=notes] .note')").await?;
        assert_eq!(entry(&stage.view().await?)["current"]["state"], "confirmed");

        // X's page says it once more.
        stage.on_x().await?;
        stage.browser.goto("https://x.com/settings/account/login_verification").await?;
        stage.view_until("the question again", |view| !entry(view)["doubt"].is_null()).await?;
        stage.on_us().await?;
        stage.browser.until("the question in words", asks).await?;
        stage.browser.click("[data-slot=notes] [data-act=refuses]").await?;
        stage.view_until("the key to be stale", |view| entry(view)["current"]["state"] == "stale").await?;
        stage.quit().await
    }

    async fn a_set_up_that_is_closed_half_way_says_so(kind) {
        let mut stage = Stage::set(kind).await?;
        stage.done(json!("skip_passphrase")).await?;
        stage.x_shows_the_key().await?;
        let id = stage.keep().await?;
        stage.screen(&format!("#/code/{id}")).await?;
        let words = |text: &str| format!("document.querySelector('[data-slot=state-words]')?.textContent.includes({text:?})");
        stage.browser.until("the next step", &words("On X press Next")).await?;
        stage.browser.until("nothing to be filled", "document.querySelector('[data-slot=fill]').hidden").await?;
        stage.on_x().await?;
        stage.browser.goto("https://x.com/home").await?;
        stage.on_us().await?;
        stage.browser.until("what is true now", &words("X makes another key next time")).await?;
        stage.browser.until("the way to say otherwise", "document.querySelector('[data-slot=more][open] [data-act=accepted]').checkVisibility()").await?;

        // Started again, X has another key; the one before can never be accepted.
        stage.world.x.set_next_secret(OTHER_KEY);
        stage.on_x().await?;
        stage.browser.goto("https://x.com/settings/account/login_verification").await?;
        stage.x_shows_the_key().await?;
        let stale = |view: &Value| entry(view)["current"]["state"] == "stale" && entry(view)["waiting"].is_null();
        stage.view_until("the first key to be stale", stale).await?;
        stage.quit().await
    }

    async fn a_set_up_that_shows_nothing_known_is_told(kind) {
        let mut stage = Stage::set(kind).await?;
        stage.done(json!("skip_passphrase")).await?;
        let address = stage.world.x.serve_standin("own/shadow.closed.html")?;
        stage.on_x().await?;
        stage.browser.goto(&address).await?;
        // 20 seconds belong to the rule; the time limit of waiting is longer.
        let told = longkey_tests::browsers::until("the words", std::time::Duration::from_secs(60), async || {
            Ok((stage.view().await?["page_changed"] == true).then_some(()))
        });
        told.await?;
        stage.screen("#/").await?;
        stage.browser.until("the note", "document.querySelector('[data-slot=notes] a[href=\"#/add\"]')").await?;
        stage.on_x().await?;
        stage.browser.goto("https://x.com/home").await?;
        stage.view_until("the page to be left", |view| view["page_changed"] == false).await?;
        stage.quit().await
    }
}
