"""Which mails are machines', which of the others may be answered, and what notifications say of our letters."""

from __future__ import annotations

import pytest

from channels.email import mime, robots
from channels.email.mime import Own
from tests.email.mails import CITIZEN, captured, heard, kept, letter, said

ROBOTS = {
    "robot_vacation": "auto_reply",
    "robot_away_exchange": "out_of_office",
    "robot_away_old": "out_of_office",
    "robot_autoreply": "auto_reply",
    "robot_list": "mailing_list",
    "robot_bulk": "bulk",
    "robot_own": "own_mail",
    "robot_loop": "loop",
    "read_receipt": "read_receipt",
    "abuse_report": "abuse_report",
    "dsn_failed": "bounce",
    "dsn_delayed": "bounce",
    "dsn_delivered": "bounce",
    "dsn_foreign": "bounce",
}
SILENT = {
    "suppressed_person": "auto_response_suppressed",
    "office_newsletter": "list_header",
    "noreply_form": "unread_address",
}
LETTER = ("<k1@lapor.example>", "k1@lapor.example")


@pytest.mark.parametrize("name", ROBOTS)
def test_a_machines_mail_is_declined_and_never_answered(name: str) -> None:
    message = heard(name)
    assert (message.goes_to, message.why, message.reply_to) == ("declined", ROBOTS[name], {})


@pytest.mark.parametrize("name", SILENT)
def test_a_complaint_that_must_not_be_answered_is_still_a_complaint(name: str) -> None:
    message = heard(name)
    assert (message.goes_to, message.why, message.reply_to) == ("submit", "", {})
    assert message.extras["no_answer"] == SILENT[name]


@pytest.mark.parametrize("name", ["plain", "exchange_person", "away_subject_person", "reply_gmail_id", "forwarded_inside"])
def test_a_persons_mail_is_a_complaint_and_answered(name: str) -> None:
    message = heard(name)
    assert (message.goes_to, message.reply_to["to"]) == ("submit", CITIZEN)


def test_a_null_sender_is_not_answered_but_heard() -> None:
    message = heard("plain", sender="")
    assert (message.goes_to, message.sender, message.reply_to) == ("submit", CITIZEN, {})
    assert message.extras["no_answer"] == "null_sender"


@pytest.mark.parametrize(
    ("name", "state", "words"),
    [("dsn_failed", "failed", "5.1.1"), ("dsn_delayed", "pending", "4.4.1"), ("dsn_delivered", "delivered", "2.0.0")],
)
@pytest.mark.parametrize("sender", ["", "mailer-daemon@mx.warga.example"])
def test_a_notification_marks_our_letter(name: str, state: str, words: str, sender: str) -> None:
    (receipt,) = heard(name, sender).receipts
    assert (receipt.channel, receipt.provider_ids, receipt.state, receipt.words) == ("surel", LETTER, state, words)


def test_a_notification_in_an_old_servers_prose_marks_our_letter() -> None:
    message = heard("dsn_qmail", sender="")
    assert (message.goes_to, message.why) == ("declined", "bounce")
    assert [(receipt.provider_ids, receipt.state, receipt.words) for receipt in message.receipts] == [(LETTER, "failed", "5.1.1")]


def test_a_notification_of_somebody_elses_letter_marks_none() -> None:
    message = heard("dsn_foreign", sender="")
    assert (message.why, message.receipts) == ("bounce", ())


def notification(*blocks: str, extra: str = "") -> bytes:
    status = "\r\n\r\n".join(blocks)
    return letter(
        "Content-Type: multipart/report; report-type=delivery-status; boundary=r",
        *filter(None, [extra]),
        body=f"--r\r\nContent-Type: message/delivery-status\r\n\r\n{status}\r\n--r--\r\n",
    )


@pytest.mark.parametrize(
    ("block", "state", "words"),
    [
        ("Action: relayed\r\nStatus: 2.0.0", "pending", "2.0.0"),
        ("Action: expanded", "delivered", ""),
        ("Action: FAILED (permanently)\r\nDiagnostic-Code: smtp; 550 5.7.1 no", "failed", "5.7.1"),
        ("Action: lost\r\nStatus: 5.0.0", "failed", "5.0.0"),
        ("Final-Recipient: rfc822; x", "pending", ""),
    ],
)
def test_what_a_notification_says_is_read_in_its_many_spellings(block: str, state: str, words: str) -> None:
    mail = notification("Reporting-MTA: dns; mx", block, extra="In-Reply-To: <k1@lapor.example>")
    (receipt,) = said(mail).receipts
    assert (receipt.provider_ids, receipt.state, receipt.words) == (LETTER, state, words)


def test_a_notification_without_end_is_read_a_little_way() -> None:
    assert mime.read(notification(*["X: y"] * 5_000)).notification is not None


@pytest.mark.parametrize(
    "lines",
    [
        ["Auto-Submitted: auto-notified; owner-email=x"],
        ["Auto-Submitted: AUTO-REPLIED"],
        ["X-Autorespond: terima kasih"],
        ["X-Auto-Reply: 1"],
        ["Precedence: auto-reply"],
        ["Precedence: Junk"],
        ["List-Post: NO"],
        ["From: MAILER-DAEMON@mx.warga.example", "X-Failed-Recipients: x@orang.example"],
    ],
)
def test_strong_signs_decline(lines: list[str]) -> None:
    assert said(letter(*lines), sender="" if len(lines) > 1 else CITIZEN).goes_to == "declined"


@pytest.mark.parametrize(
    "lines",
    [
        ["Auto-Submitted: no"],
        ["Auto-Submitted: No (really)"],
        ["Auto-Submitted:"],
        ["X-Autoreply: no"],
        ["Precedence: normal"],
        ["Precedence: first-class"],
        ["List-Id:"],
        ["X-Loop: warga@orang.example"],
        ["X-Mailer: Auto-Submitted"],
        ["Subject: Sedang cuti, petugas loket tidak melayani"],
        ["Subject: Balasan otomatis dari SMS 1708 salah"],
        ["X-Auto-Response-Suppress: OOF"],
        ["Delivered-To: lapor@lapor.example"],
    ],
)
def test_weak_signs_neither_decline_nor_silence(lines: list[str]) -> None:
    message = said(letter(*lines))
    assert (message.goes_to, bool(message.reply_to)) == ("submit", True)


def test_being_away_counts_beside_another_sign() -> None:
    subject = "Subject: Balasan otomatis: Laporan Anda"
    assert said(letter(subject)).goes_to == "submit"
    assert said(letter(subject), sender="").why == "out_of_office"
    assert said(letter(subject, "In-Reply-To: <k1@lapor.example>")).why == "out_of_office"
    assert said(letter(subject, "In-Reply-To: <k1@orang.example>")).goes_to == "submit"
    assert said(letter(subject, "Precedence: bulk")).why == "out_of_office"


def test_our_address_alone_is_not_our_mail() -> None:
    message = said(letter("From: LAPOR@lapor.example", "Message-ID: <m1@orang.example>"))
    assert (message.goes_to, message.reply_to, message.extras["no_answer"]) == ("submit", {}, "own_address")
    assert said(letter("From: lapor+uji@lapor.example")).extras["no_answer"] == "own_address"
    assert said(letter("Message-ID: <k1@lapor.example>")).goes_to == "submit"


def test_nothing_is_ours_when_nobody_said_who_we_are() -> None:
    assert said(captured("robot_own"), own=Own()).goes_to == "submit"


@pytest.mark.parametrize(
    "address",
    [
        "mailer-daemon@x.example", "POSTMASTER@x.example", "no-reply@x.example", "noreply@x.example", "donotreply@x.example",
        "do_not_reply@x.example", "bounces+12@x.example", "no-reply+abc@x.example", "owner-warga@x.example", "warga-request@x.example",
        "notifikasi-noreply@x.example", "tidakdibalas@x.example", "",
    ],
)  # fmt: skip
def test_nobody_reads_there(address: str) -> None:
    assert robots.is_unread(address)


@pytest.mark.parametrize(
    "address", ["budi@x.example", "noreen@x.example", "requests@x.example", "owner@x.example", "bounce.budi@x.example"]
)
def test_somebody_reads_there(address: str) -> None:
    assert not robots.is_unread(address)


def test_a_mail_that_nobody_saw_arrive_has_no_null_sender() -> None:
    assert mime.read(captured("plain")).silent == ""
    assert mime.read(kept(captured("plain"), sender="")).silent == "null_sender"
