//! Starts the fake X and the fake Xquik for trying Longkey by hand, says where they are and how to
//! start a browser that reaches them, and runs until Ctrl-C or `POST /stop`. It does not start the
//! browser itself.

#[cfg(not(target_arch = "wasm32"))]
use longkey_tests::fakes::{Ports, World};

#[cfg(not(target_arch = "wasm32"))]
#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let world = World::start_at(ports(std::env::args().skip(1))?).await?;
    println!("{}", words(&world));
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted?,
        () = world.stopped() => {}
    }
    Ok(())
}

/// The library of fakes is not built for the browser, so there is nothing to start.
#[cfg(target_arch = "wasm32")]
fn main() {}

#[cfg(not(target_arch = "wasm32"))]
fn ports(mut words: impl Iterator<Item = String>) -> anyhow::Result<Ports> {
    use anyhow::Context as _;
    let mut ports = Ports::default();
    while let Some(word) = words.next() {
        let place = match word.as_str() {
            "--proxy-port" => &mut ports.proxy,
            "--control-port" => &mut ports.control,
            _ => anyhow::bail!("usage: fakes [--proxy-port N] [--control-port N]"),
        };
        let number = words.next().with_context(|| format!("{word} needs a number"))?;
        *place = number.parse().with_context(|| format!("{word} {number}"))?;
    }
    Ok(ports)
}

#[cfg(not(target_arch = "wasm32"))]
fn words(world: &World) -> String {
    let (proxy, control) = (world.proxy(), world.control());
    let (host, port) = (proxy.ip(), proxy.port());
    format!(
        "\
proxy            {proxy}   (opens for X, Xquik and nothing else)
control          http://{control}/
X                https://x.com/settings/account/login_verification
  signed in as   {handle}
  password       {password}
Xquik API key    {key}

Chromium:
  chromium --user-data-dir=\"$(mktemp -d)\" --no-first-run --ignore-certificate-errors \\
    --proxy-server=http://{proxy} --load-extension=PATH https://x.com/settings/account/login_verification

Firefox: write these lines into user.js of an empty profile, start `firefox --profile PROFILE`, open
https://x.com/ and https://xquik.com/ once and accept the warning, load the extension in about:debugging:
  user_pref(\"network.proxy.type\", 1);
  user_pref(\"network.proxy.ssl\", \"{host}\");
  user_pref(\"network.proxy.ssl_port\", {port});
  user_pref(\"network.stricttransportsecurity.preloadlist\", false);

Ctrl-C ends it.",
        handle = world.x.handle(),
        password = world.x.password(),
        key = world.xquik.api_key(),
    )
}
