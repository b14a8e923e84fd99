//! A thousand accounts.

use super::scene::Scene;
use super::walk::Walk;
use longkey_tests::fakes::Account;
use longkey_tests::in_both;
use longkey_tests::stage::Stage;

in_both! {
    async fn the_screens_of_a_thousand_accounts(kind) {
        let mut stage = Stage::set(kind).await?;
        let mut walk = Walk::new();
        let healths = ["healthy", "healthy", "healthy", "needsReauth", "healthy", "recovering"];
        let one = |at: usize| Account::new(&format!("{}", 910_000 + at), &format!("acme_{at}"), healths[at % healths.len()]);
        // Firefox is shown fewer: axe asks every row, and what a thousand have of their own is their drawing.
        let count = if kind == longkey_tests::browsers::Kind::Chromium { 1_000 } else { 60 };
        stage.world.xquik.set_accounts((0..count).map(one).collect());
        stage.connected().await?;
        walk.visit(&mut stage, Scene::popup("home-thousand", "#/").shows("[data-slot=needs-list] .row")).await?;
        let none = Scene::tab("accounts-no-match", "#/accounts").until(".list .row").types("[data-slot=query]", "nobody");
        walk.visit(&mut stage, none.shows("[data-slot=no-match]")).await?;
        walk.end()?;
        stage.quit().await
    }
}
