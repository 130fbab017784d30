"""E-mail by SMTP: RFC 5322 with a Message-ID that stays the same at every attempt, so that a mailbox shows it once."""

from __future__ import annotations

import mimetypes
import smtplib
import ssl
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

from auditor.notices.message import Channel, Message, NotDelivered
from auditor.settings import Settings

TIMEOUT_SECONDS = 30
MAX_SUBJECT = 150


def send(message: Message, settings: Settings) -> None:
    """Hand the message to the server of the settings. Raises `NotDelivered`."""
    mail = mail_of(message, settings)
    try:
        with _connected(settings) as server:
            if settings.text("smtp_user"):
                server.login(settings.text("smtp_user"), settings.text("smtp_password"))
            refused = server.send_message(mail)
    except (smtplib.SMTPException, OSError) as error:
        raise NotDelivered(f"{settings.text('smtp_host')}: {_told(error)}", for_good=_is_for_good(error)) from error
    if refused:
        raise NotDelivered(f"{settings.text('smtp_host')}: {len(refused)} 个收件人被拒 / recipients were refused")


def mail_of(message: Message, settings: Settings) -> EmailMessage:
    """Return the mail."""
    sender = settings.text("email_from")
    mail = EmailMessage()
    mail["From"], mail["To"] = sender, ", ".join(addresses(settings))
    mail["Subject"] = " ".join(message.subject.split())[:MAX_SUBJECT]
    mail["Date"] = format_datetime(datetime.fromisoformat(message.made_at))
    mail["Message-ID"] = f"<{message.id}@{parseaddr(sender)[1].rpartition('@')[2] or 'zhengban.invalid'}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content("\n".join(message.lines) + "\n")
    for name, data in message.files:
        main, _, sub = (mimetypes.guess_type(name)[0] or "application/octet-stream").partition("/")
        mail.add_attachment(data, maintype=main, subtype=sub, filename=name)
    return mail


def addresses(settings: Settings) -> list[str]:
    """Return the recipients of the setting."""
    return [found for part in settings.text("email_to").replace(";", ",").split(",") if (found := part.strip())]


def _connected(settings: Settings) -> smtplib.SMTP:
    host, port, safety = settings.text("smtp_host"), settings.whole("smtp_port"), settings.text("smtp_security")
    if safety == "tls":
        return smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context())
    server = smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
    if safety == "starttls":
        try:
            server.starttls(context=ssl.create_default_context())
        except Exception:
            server.close()
            raise
    return server


def _told(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        text = error.smtp_error.decode("utf-8", "replace") if isinstance(error.smtp_error, bytes) else error.smtp_error
        return f"SMTP {error.smtp_code} {text}"[:200]
    return type(error).__name__


def _is_for_good(error: Exception) -> bool:
    return isinstance(error, smtplib.SMTPResponseException) and 500 <= error.smtp_code < 600


def _is_named(settings: Settings) -> bool:
    return bool(settings.text("smtp_host") and settings.text("email_from") and addresses(settings))


EMAIL = Channel("email", _is_named, send, tells_repetitions=True)
