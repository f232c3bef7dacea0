//! The clients that the bench measures. A call lists the peerings of a project.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use atlas_peering::{ApiVersion, Client, Credentials, ProjectId};
use cpu_time::ProcessTime;
use digest_auth::AuthContext;
use diqwest::{DigestAuthSession, WithDigestAuth as _};

use crate::Failure;
use crate::plain::{AwsPeering, Page};

pub(crate) const PROJECT: &str = "5356823b3794dee37132bb7b";
pub(crate) const KEY: (&str, &str) = ("abcdefgh", "5b7a4a3e-90a6-4a0c-9a1b-3f1c6a7d2e11");
/// Calls before the measurement, which open connections and fetch nonces and tokens.
const WARM_UP: usize = 200;

/// A client, and the authentication that the server asks it for.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) asks_for: &'static str,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    Limit,
    Ours {
        version: ApiVersion,
        enveloped: bool,
    },
    OursWithToken,
    Diqwest,
    DiqwestSession,
    DigestAuth,
}

const V1: Kind = Kind::Ours {
    version: ApiVersion::V1,
    enveloped: false,
};

const fn row(name: &'static str, asks_for: &'static str, kind: Kind) -> Row {
    Row {
        name,
        asks_for,
        kind,
    }
}

/// All rows; the first is the limit. The limit and the other clients decode with plain derives.
pub(crate) const ROWS: &[Row] = &[
    row("limit: reqwest, no authentication", "none", Kind::Limit),
    row("ours, digest MD5", "md5", V1),
    row("ours, digest SHA-256", "sha256", V1),
    row(
        "ours, digest MD5, version 2",
        "md5",
        Kind::Ours {
            version: ApiVersion::V2,
            enveloped: false,
        },
    ),
    row(
        "ours, digest MD5, enveloped",
        "md5",
        Kind::Ours {
            version: ApiVersion::V1,
            enveloped: true,
        },
    ),
    row("ours, service account", "token", Kind::OursWithToken),
    row("diqwest with a session", "md5", Kind::DiqwestSession),
    row("diqwest", "md5", Kind::Diqwest),
    row("reqwest and digest_auth by hand", "md5", Kind::DigestAuth),
    row("ours, nonces good for one request", "once", V1),
    row(
        "diqwest with a session, such nonces",
        "once",
        Kind::DiqwestSession,
    ),
    row("diqwest, such nonces", "once", Kind::Diqwest),
];

/// A client, built.
#[derive(Clone)]
enum Ready {
    Limit(reqwest::Client),
    Ours(Box<Client>, ProjectId),
    Diqwest(reqwest::Client),
    DiqwestSession(reqwest::Client, Arc<DigestAuthSession>),
    DigestAuth(reqwest::Client),
}

impl Row {
    /// Makes the calls. Returns the CPU time and the wall time of a call in microseconds, the number of
    /// calls including the warm-up, and how many of them failed.
    pub(crate) async fn run(
        &self,
        base_url: &str,
        in_flight: usize,
        calls: usize,
    ) -> Result<(f64, f64, usize, usize), Failure> {
        let client = self.client(base_url)?;
        let url = format!("{base_url}/api/atlas/v1.0/groups/{PROJECT}/peers");
        let warm_up = WARM_UP.min(calls);
        let mut failed = make_calls(&client, &url, in_flight, warm_up).await?;
        let (cpu, wall) = (ProcessTime::now(), Instant::now());
        failed += make_calls(&client, &url, in_flight, calls).await?;
        let (cpu, wall) = (cpu.elapsed(), wall.elapsed());
        let each = |time: Duration| {
            #[expect(clippy::cast_precision_loss, reason = "they are few")]
            let calls = calls as f64;
            time.as_secs_f64() * 1e6 / calls
        };
        Ok((each(cpu), each(wall), calls + warm_up, failed))
    }

    fn client(&self, base_url: &str) -> Result<Ready, Failure> {
        // The settings of our client.
        let plain = || {
            reqwest::Client::builder()
                .connect_timeout(Duration::from_secs(10))
                .timeout(Duration::from_secs(60))
                .read_timeout(Duration::from_secs(30))
                .user_agent(concat!("bench/", env!("CARGO_PKG_VERSION")))
                .no_proxy()
                .redirect(reqwest::redirect::Policy::none())
                .retry(reqwest::retry::never())
                .referer(false)
                .build()
        };
        let (public, private) = KEY;
        Ok(match self.kind {
            Kind::Limit => Ready::Limit(plain()?),
            Kind::Diqwest => Ready::Diqwest(plain()?),
            Kind::DiqwestSession => {
                let session = DigestAuthSession::new(public, private);
                Ready::DiqwestSession(plain()?, Arc::new(session))
            }
            Kind::DigestAuth => Ready::DigestAuth(plain()?),
            Kind::Ours { version, enveloped } => {
                let credentials = Credentials::api_key(public, private);
                let builder = Client::builder()
                    .base_url(base_url)
                    .credentials(credentials);
                let client = builder.api_version(version).build()?;
                let client = if enveloped {
                    client.enveloped()
                } else {
                    client
                };
                Ready::Ours(Box::new(client), PROJECT.parse()?)
            }
            Kind::OursWithToken => {
                let credentials = Credentials::service_account("mdb_sa_id_1", "mdb_sa_sk_1");
                let builder = Client::builder()
                    .base_url(base_url)
                    .credentials(credentials);
                Ready::Ours(Box::new(builder.build()?), PROJECT.parse()?)
            }
        })
    }
}

/// Makes the calls, and returns how many failed.
async fn make_calls(
    client: &Ready,
    url: &str,
    in_flight: usize,
    calls: usize,
) -> Result<usize, Failure> {
    let left = Arc::new(AtomicUsize::new(calls));
    let tasks = (0..in_flight).map(|_| {
        let (client, url, left) = (client.clone(), url.to_owned(), Arc::clone(&left));
        tokio::spawn(async move {
            let take = |left: usize| left.checked_sub(1);
            let mut failed = 0;
            while left
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take)
                .is_ok()
            {
                failed += usize::from(client.call(&url).await.is_err());
            }
            failed
        })
    });
    let mut failed = 0;
    for task in tasks.collect::<Vec<_>>() {
        failed += task.await?;
    }
    Ok(failed)
}

impl Ready {
    async fn call(&self, url: &str) -> Result<usize, Box<dyn std::error::Error + Send + Sync>> {
        let response = match self {
            Self::Ours(client, project) => {
                let page = client.list_peering_connections(project);
                return Ok(page.await?.results.len());
            }
            Self::Limit(client) => client.get(url).send().await?,
            Self::Diqwest(client) => client.get(url).send_digest_auth(KEY).await?,
            Self::DiqwestSession(client, session) => {
                client.get(url).send_digest_auth(&**session).await?
            }
            Self::DigestAuth(client) => by_hand(client, url).await?,
        };
        let body = response.error_for_status()?.bytes().await?;
        let page: Page<AwsPeering> = serde_json::from_slice(&body)?;
        Ok(page.results.len())
    }
}

/// Fetches a challenge for each call, as in the documentation of `digest_auth`.
async fn by_hand(
    client: &reqwest::Client,
    url: &str,
) -> Result<reqwest::Response, Box<dyn std::error::Error + Send + Sync>> {
    let challenged = client.get(url).send().await?;
    let challenge = challenged.headers().get("www-authenticate");
    let challenge = challenge.ok_or("no challenge")?.to_str()?.to_owned();
    // The connection can only be used again after the body is read.
    challenged.bytes().await?;
    let url: reqwest::Url = url.parse()?;
    let (user, password) = KEY;
    let context = AuthContext::new(user, password, url.path());
    let authorization = digest_auth::parse(&challenge)?.respond(&context)?;
    let request = client
        .get(url)
        .header("Authorization", authorization.to_string());
    Ok(request.send().await?)
}
