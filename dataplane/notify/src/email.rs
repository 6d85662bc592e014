//! E-mail through SMTP: implicit TLS, or STARTTLS that must succeed; unencrypted only where the
//! policy says so.

use core::time::Duration;

use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};

use crate::channel::{Mailbox, Trust};
use crate::message::Message;
use crate::send::Failure;
use crate::text::plain;

/// Longest wait for one answer of the mail server.
const ANSWER: Duration = Duration::from_secs(10);

/// Says that no program should answer (RFC 3834).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn core::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// Hands the message to the mail server.
pub(crate) async fn deliver(
    mailbox: &Mailbox,
    trust: &Trust,
    message: &Message,
) -> Result<(), Failure> {
    let email = written(mailbox, message)?;
    let addresses = trust.resolve(&mailbox.host, mailbox.port).await?;
    let turn = usize::try_from(message.failures).unwrap_or(0);
    let address = turn
        .checked_rem(addresses.len())
        .and_then(|at| addresses.get(at))
        .ok_or_else(|| Failure::passing("the mail server has no address"))?;
    let mut transport =
        AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(address.ip().to_string())
            .port(mailbox.port)
            .timeout(Some(ANSWER))
            .tls(tls(mailbox, trust)?);
    if let Some((user, password)) = &mailbox.login {
        let password = String::from_utf8_lossy(password).into_owned();
        transport = transport.credentials(Credentials::new(user.clone(), password));
    }
    let sent = transport.build::<Tokio1Executor>().send(email).await;
    sent.map(|_| ()).map_err(|error| Failure {
        permanent: error.is_permanent(),
        asked_ms: None,
        // The server's words: bounded, and harmless in a log.
        text: plain(&error.to_string()),
    })
}

fn tls(mailbox: &Mailbox, trust: &Trust) -> Result<Tls, Failure> {
    if trust.allow_plain() && !mailbox.implicit {
        return Ok(Tls::None);
    }
    let broken = |error: lettre::transport::smtp::Error| Failure::passing(&error.to_string());
    let mut parameters =
        TlsParameters::builder(mailbox.host.clone()).certificate_store(CertificateStore::None);
    for root in trust.roots() {
        let root = Certificate::from_der(root.to_vec()).map_err(broken)?;
        parameters = parameters.add_root_certificate(root);
    }
    let parameters = parameters.build().map_err(broken)?;
    Ok(match mailbox.implicit {
        true => Tls::Wrapper(parameters),
        false => Tls::Required(parameters),
    })
}

/// The e-mail. Subject and text are free of control characters, so that no name ends a header.
fn written(mailbox: &Mailbox, message: &Message) -> Result<lettre::Message, Failure> {
    let broken = |error: lettre::error::Error| Failure::lasting(&error.to_string());
    let mut builder = lettre::Message::builder()
        .from(mailbox.from.clone())
        .subject(message.title())
        .message_id(Some(format!("<{}@varistor>", message.id)))
        .date_now()
        .header(AutoSubmitted)
        .header(ContentType::TEXT_PLAIN);
    for to in &mailbox.to {
        builder = builder.to(to.clone());
    }
    builder.body(text(message)).map_err(broken)
}

fn text(message: &Message) -> String {
    let mut text = format!("{}\n\ntime: {}\n", message.title(), message.times());
    for (name, fact) in message.facts() {
        text.push_str(&format!("{name}: {fact}\n"));
    }
    if let Some(record) = message.record() {
        text.push_str(&format!("record: {record}\n"));
    }
    text.push_str(&format!("id: {}\n", message.id));
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::tests::notice;
    use varistor_model::Notice;

    #[test]
    fn no_name_from_outside_becomes_a_header() {
        let mailbox = Mailbox {
            host: "localhost".to_owned(),
            port: 25,
            implicit: false,
            from: "varistor@acme.example".parse().unwrap(),
            to: vec!["oncall@acme.example".parse().unwrap()],
            login: None,
        };
        let notice = Notice {
            tool: "x\r\nBcc: all@acme.example\r\n\r\nhello".to_owned(),
            rule: "y\nSubject: z".to_owned(),
            ..notice()
        };
        let message = Message::new("msg_1".into(), "email/a", &notice, 5);
        let email = String::from_utf8(written(&mailbox, &message).unwrap().formatted()).unwrap();
        let (head, body) = email.split_once("\r\n\r\n").unwrap();
        assert!(!head.contains("Bcc"), "{head}");
        assert_eq!(head.matches("Subject:").count(), 1);
        assert!(head.contains("Auto-Submitted: auto-generated"), "{head}");
        assert!(body.contains("tool: x\\u{d}\\u{a}Bcc"), "{body}");
        assert!(!body.contains("\nBcc"), "{body}");
    }
}
