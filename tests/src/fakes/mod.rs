//! A world for tests and for trying Longkey by hand: a fake X, a fake Xquik, a fake Fans API and a CONNECT proxy that
//! leads to nothing else, all on loopback, all gone when the [`World`] is dropped.
//!
//! It runs on threads of its own, so a test may block. Every request and every refused connection is
//! recorded. It deliberately knows nothing of browsers or of Longkey's own code: what it expects comes
//! from the services' published contracts.

mod canned;
mod clock;
mod control;
mod fansly;
mod keys;
mod nasty;
mod proxy;
mod standin;
mod tls;
mod traffic;
mod wire;
mod x;
mod x_http;
mod xquik;
mod xquik_accounts;
mod xquik_connect;
mod xquik_login;

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::Context as _;
use rustls::pki_types::CertificateDer;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;

pub use canned::{Canned, Route};
pub use clock::Clock;
pub use fansly::{FANS_HOSTS, FanslyMember, FanslyOrder, FanslyRoute, FanslyState, Phase, Wants};
pub use keys::code_at;
pub use nasty::{Nasty, SINK};
pub use proxy::HOSTS;
pub use standin::{Drafted, Standin};
pub use traffic::{Recorded, Traffic};
pub use x::{FIRST_HANDLE, FIRST_PASSWORD, XState};
pub use xquik::XquikState;
pub use xquik_accounts::{Account, Cooldown};
pub use xquik_connect::First;

/// The fakes never block, so their threads end at once; this only bounds a fault.
const LAST_PATIENCE: Duration = Duration::from_secs(5);

/// Ports to listen on; 0 lets the system choose.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ports {
    /// The proxy's.
    pub proxy: u16,
    /// The control address's.
    pub control: u16,
}

/// What the connections of one world share.
#[derive(Clone, Debug)]
pub(crate) struct Fakes {
    pub(crate) clock: Clock,
    pub(crate) traffic: Traffic,
    pub(crate) x: XState,
    pub(crate) xquik: XquikState,
    pub(crate) fansly: FanslyState,
}

/// Everything at once; dropping it closes every port and connection.
#[derive(Debug)]
pub struct World {
    /// The fake X.
    pub x: XState,
    /// The fake Xquik.
    pub xquik: XquikState,
    /// The fake Fans API.
    pub fansly: FanslyState,
    /// The fakes' time.
    pub clock: Clock,
    /// What reached the fakes and the proxy.
    pub traffic: Traffic,
    proxy: SocketAddr,
    control: SocketAddr,
    certificate: CertificateDer<'static>,
    cut: watch::Sender<bool>,
    stopped: watch::Receiver<bool>,
    runtime: Option<Runtime>,
}

impl World {
    /// Starts a world on ports that the system chooses.
    ///
    /// # Errors
    /// When a port or a thread cannot be had.
    pub async fn start() -> anyhow::Result<Self> {
        Self::start_at(Ports::default()).await
    }

    /// Starts a world on given ports.
    ///
    /// # Errors
    /// When a port or a thread cannot be had.
    pub async fn start_at(ports: Ports) -> anyhow::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("fakes")
            .enable_all()
            .build()
            .context("threads for the fakes")?;
        let clock = Clock::default();
        let x = XState::new(clock.clone());
        let xquik = XquikState::new(x.clone(), clock.clone());
        let traffic = Traffic::default();
        let fansly = FanslyState::new(clock.clone());
        let fakes = Fakes {
            clock: clock.clone(),
            traffic: traffic.clone(),
            x: x.clone(),
            xquik: xquik.clone(),
            fansly: fansly.clone(),
        };
        let (acceptor, certificate) = tls::acceptor(&HOSTS)?;
        let (stop, stopped) = watch::channel(false);
        let guard = runtime.enter();
        let (proxy_door, proxy) = listen(ports.proxy)?;
        let (control_door, control) = listen(ports.control)?;
        drop(guard);
        let (cut, is_cut) = watch::channel(false);
        runtime.spawn(proxy::serve(proxy_door, acceptor, fakes.clone(), is_cut));
        runtime.spawn(control::serve(control_door, fakes, proxy, stop));
        Ok(Self { x, xquik, fansly, clock, traffic, proxy, control, certificate, cut, stopped, runtime: Some(runtime) })
    }

    /// The CONNECT proxy, for a browser's proxy setting.
    pub fn proxy(&self) -> SocketAddr {
        self.proxy
    }

    /// The control address: plain HTTP for people and scripts.
    pub fn control(&self) -> SocketAddr {
        self.control
    }

    /// The certificate of the fakes, for clients that can be told to trust one.
    pub fn certificate(&self) -> &CertificateDer<'static> {
        &self.certificate
    }

    /// Cuts the way out, open connections and new ones, or mends it.
    pub fn cut(&self, cut: bool) {
        self.cut.send_replace(cut);
    }

    /// `host:port` of every connection that the proxy let through.
    pub fn passed(&self) -> Vec<String> {
        self.traffic.passed()
    }

    /// `host:port` of everything else that was asked of the proxy.
    pub fn refused(&self) -> Vec<String> {
        self.traffic.refused()
    }

    /// The requests to one host, in order.
    pub fn requests(&self, host: &str) -> Vec<Recorded> {
        self.traffic.requests(host)
    }

    /// Waits for a request; one that already came counts.
    ///
    /// # Errors
    /// When none came in time.
    pub async fn seen(
        &self,
        host: &str,
        wanted: impl Fn(&Recorded) -> bool,
        within: Duration,
    ) -> anyhow::Result<Recorded> {
        self.traffic.seen(host, wanted, within).await
    }

    /// Ends when somebody sent `POST /stop` to the control address.
    pub async fn stopped(&self) {
        let mut stopped = self.stopped.clone();
        // The sender only goes away with the runtime, which is as final as a stop.
        let _gone = stopped.wait_for(|stopped| *stopped).await;
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // A runtime may not be waited for inside another one, so a thread does it: when this returns,
        // the ports are free and no request is half recorded.
        if let Some(runtime) = self.runtime.take() {
            let end = std::thread::spawn(move || runtime.shutdown_timeout(LAST_PATIENCE));
            // A panic in there was printed by the thread, and a drop has nobody to tell.
            let _ended = end.join();
        }
    }
}

fn listen(port: u16) -> anyhow::Result<(TcpListener, SocketAddr)> {
    let listener =
        std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port)).with_context(|| format!("port {port} on loopback"))?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    Ok((TcpListener::from_std(listener)?, address))
}
