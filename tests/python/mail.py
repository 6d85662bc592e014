"""A mail server (aiosmtpd) that prints each mail as a JSON line.

mail.py MODE [CERT KEY]: MODE is plain, starttls or implicit. With TLS, user `varistor` and password
`s3cret-mail` are asked for, and nothing is taken before TLS.
"""

import asyncio
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult


class Handler:
    async def handle_DATA(self, server, session, envelope):
        mail = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "content": envelope.content.decode("utf-8", "replace"),
            "tls": session.ssl is not None or mode == "implicit",
            "authenticated": bool(session.authenticated),
        }
        print(json.dumps(mail), flush=True)
        return "250 OK"


def authenticate(server, session, envelope, mechanism, auth):
    good = auth.login == b"varistor" and auth.password == b"s3cret-mail"
    return AuthResult(success=good)


mode = sys.argv[1]
context = None
if mode != "plain":
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(sys.argv[2], sys.argv[3])


def smtp():
    if mode == "plain":
        return SMTP(Handler(), hostname="localhost")
    return SMTP(
        Handler(),
        hostname="localhost",
        tls_context=context if mode == "starttls" else None,
        require_starttls=mode == "starttls",
        authenticator=authenticate,
        auth_required=True,
        auth_require_tls=mode == "starttls",
    )


async def main():
    loop = asyncio.get_running_loop()
    tls = context if mode == "implicit" else None
    server = await loop.create_server(smtp, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    print(f"listening on http://127.0.0.1:{port}", flush=True)
    await server.serve_forever()


asyncio.run(main())
