"""How aggregators speak: ready-made values for `kind = "sms.push"`, any of which a table may override.

In: nothing. Out: a `Profile` by name, written from what each publishes. It decides nothing.

kannel   Kannel 1.4.5 user guide, "SMS service" and "sendsms". In its sms-service: get-url =
         "http://GATEWAY/sms/kannel?from=%p&to=%P&id=%I&hex=%e&coding=%c&charset=%C&udh=%u", max-messages = 0, and in its group smsbox
         http-request-retry, because by default it tries once. (%b as `text` works too; %a does not: it cuts UTF-16 at blanks.)
jasmin   Jasmin 0.10/0.11 "HTTP API": an httpccm connector, GET or POST; nothing but "ACK/Jasmin" is a yes.
twilio   Programmable Messaging: webhook and Messages resource. Its signature is not checked: set username and password, and write
         them into the URL that it is given, as in https://user:password@…
generic  JSON both ways, in the most usual names.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from channels.sms.push_settings import Fields, Profile, ReceiptFields, SendFields, State

#: SMPP 3.4 Appendix B and the ways in which aggregators spell it
_STATES: dict[str, State] = {
    **dict.fromkeys(("delivrd", "delivered", "read", "success"), "delivered"),
    **dict.fromkeys(("undeliv", "undelivered", "undeliverable", "expired", "deleted", "rejectd", "rejected"), "failed"),
    **dict.fromkeys(("unknown", "failed", "failure", "error", "canceled", "cancelled"), "failed"),
}

#: answers that a letter is taken; anything else with status 200 is a page of somebody else's
_ANY_JSON_ID = r"""(?i)"(?:message_?(?:id|sid)|id|sid)"\s*:\s*"?(?P<id>[\w.:-]{1,64})"""

_USUAL = Fields(
    sender="from", recipient="to", text="text", id="id", hex="hex", coding="coding", charset="charset", udh="udh", reference="reference",
    parts="parts", part="part",
)  # fmt: skip

PROFILES: Mapping[str, Profile] = {
    "generic": Profile(
        methods=("POST", "GET"),
        fields=_USUAL,
        success_body='{"status": "ok"}',
        quiet_body='{"status": "ok"}',
        success_type="application/json",
        send_fields=SendFields(sender="from", recipient="to", text="text", receipt_url="callback_url"),
        send_accepted=_ANY_JSON_ID,
        receipt_fields=ReceiptFields(id="id", status="status"),
        receipt_states=_STATES,
    ),
    "kannel": Profile(
        methods=("GET",),
        fields=_USUAL,
        codings="kannel",
        send_method="GET",
        send_format="query",
        send_fields=SendFields(
            sender="from", recipient="to", text="text", coding="coding", receipt_url="dlr-url", username="username",
            password="password",  # noqa: S106 - a name of a field
        ),
        send_fixed={"charset": "UTF-8"},
        # 3: the link to the operator is away, and Kannel keeps the letter until it is back
        send_accepted=r"\A[03]: ",
        receipt_fields=ReceiptFields(id="id", status="status"),
        # %d is filled in by Kannel, which tells no id of its own when it takes a letter
        receipt_query="id={id}&status=%d",
        # delivered, not delivered, and refused by the operator
        receipt_fixed={"dlr-mask": "19"},
        receipt_states={"1": "delivered", "2": "failed", "4": "pending", "8": "pending", "16": "failed"},
    ),
    "jasmin": Profile(
        methods=("GET", "POST"),
        fields=msgspec.structs.replace(_USUAL, text="content", hex="binary"),
        success_body="ACK/Jasmin",
        quiet_body="ACK/Jasmin",
        send_format="form",
        send_fields=SendFields(
            sender="from", recipient="to", text="content", hex="hex-content", coding="coding", receipt_url="dlr-url", username="username",
            password="password",  # noqa: S106 - a name of a field
        ),
        send_accepted=r"""\ASuccess "(?P<id>[^"\s]{1,64})\"""",
        receipt_fields=ReceiptFields(id="id", status="message_status"),
        # POST: with GET some versions write their own ? behind a URL that has one
        receipt_fixed={"dlr": "yes", "dlr-level": "3", "dlr-method": "POST"},
        receipt_states=_STATES,
    ),
    "twilio": Profile(
        methods=("POST", "GET"),
        fields=msgspec.structs.replace(_USUAL, sender="From", recipient="To", text="Body", id="MessageSid"),
        success_body="<Response/>",
        quiet_body="<Response/>",
        success_type="text/xml",
        send_format="form",
        send_fields=SendFields(sender="From", recipient="To", text="Body", receipt_url="StatusCallback"),
        send_accepted=r'"sid"\s*:\s*"(?P<id>\w{1,64})"',
        receipt_fields=ReceiptFields(id="MessageSid", status="MessageStatus"),
        receipt_states=_STATES,
    ),
}  # fmt: skip
