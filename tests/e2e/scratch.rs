use longkey_tests::browsers::*;
#[test]
fn scratch() { run(async {
  let b = Browser::start(Kind::Firefox, Options::default()).await?;
  let _first = b.current_tab().await?;
  let _t = b.open_extension_page("pages/app.html?in=popup").await?;
  let q = "return [gBrowser.selectedBrowser.currentURI.spec, gBrowser.selectedBrowser.style.cssText, gBrowser.tabs.map(t => t.linkedBrowser.currentURI.spec + t.selected), [...Services.wm.getEnumerator('navigator:browser')].length, gBrowser.selectedBrowser.clientWidth, gBrowser.selectedBrowser.browsingContext.overrideDPPX, getComputedStyle(gBrowser.selectedBrowser).width]";
  println!("{:?}", firefox::privileged(b.driver(), q, serde_json::Value::Null).await);
  let r = firefox::viewport(b.driver(), 380,600).await;
  println!("{:?} {:?}", r, b.script("return [innerWidth,innerHeight,devicePixelRatio]", vec![]).await);
  println!("{:?}", firefox::privileged(b.driver(), q, serde_json::Value::Null).await);
  tokio::time::sleep(std::time::Duration::from_millis(1000)).await;
  println!("{:?}", b.script("return [innerWidth,innerHeight,devicePixelRatio]", vec![]).await);
  b.quit().await
}) }
