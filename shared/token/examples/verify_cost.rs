//! Prints what one verification costs, in microseconds of CPU time, for 1, 3 and 16 blocks.
//!
//! `cargo run --release -p varistor-token --example verify_cost`

use std::error::Error;
use std::hint::black_box;

use varistor_model::IntentSet;
use varistor_token::{Claims, Issuer, Narrowing, TokenRate, Verifier, attenuate};

const ROUNDS: u32 = 2_000;

fn main() -> Result<(), Box<dyn Error>> {
    let issuer = Issuer::new(1, &[1; 32])?;
    let verifier = Verifier::new([(1, issuer.public())])?;
    let mut token = issuer.issue(&Claims {
        organisation: "acme".into(),
        team: Some("platform".into()),
        agent: "ci-bot".into(),
        roles: vec!["developer".into()],
        servers: vec!["github".into(), "linear".into()],
        tools: vec!["github/*".into()],
        expires_unix_s: 1_800_000_000,
        limits: vec![TokenRate {
            count: 60,
            period_ns: 60_000_000_000,
        }],
    })?;
    let narrowing = Narrowing {
        intents: Some(IntentSet::from_bits(1)),
        ..Narrowing::default()
    };
    for blocks in 1..=16 {
        if matches!(blocks, 1 | 3 | 16) {
            measure(
                &format!("genuine, {blocks} blocks"),
                &verifier,
                token.as_bytes(),
            )?;
            let stranger = Verifier::new([(1, Issuer::new(1, &[2; 32])?.public())])?;
            measure(
                &format!("forged, {blocks} blocks"),
                &stranger,
                token.as_bytes(),
            )?;
        }
        if blocks < 16 {
            token = attenuate(&token, &narrowing)?;
        }
    }
    measure("not a token", &verifier, &token.as_bytes()[1..])?;
    let nobody = Verifier::new([])?;
    measure("unknown key, 16 blocks", &nobody, token.as_bytes())
}

fn measure(what: &str, verifier: &Verifier, token: &[u8]) -> Result<(), Box<dyn Error>> {
    let begin = cpu_ns()?;
    for _ in 0..ROUNDS {
        let _ = black_box(verifier.verify(black_box(token)));
    }
    let ns = cpu_ns()?.saturating_sub(begin) / u64::from(ROUNDS);
    println!(
        "{what:24} {:4} bytes {:6.1} us",
        token.len(),
        ns as f64 / 1_000.0
    );
    Ok(())
}

/// CPU time of this thread, as the scheduler counts it.
#[expect(
    clippy::disallowed_methods,
    reason = "the ban is for verification; this measures it"
)]
fn cpu_ns() -> Result<u64, Box<dyn Error>> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    Ok(text.split(' ').next().unwrap_or_default().parse()?)
}
