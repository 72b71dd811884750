"""May this officer see what is masked?

In: a visit, a code, a reason. Out: yes, once both are in the audit, or why not. It shows nothing itself, and a yes is for this one answer:
who looks again gives a reason again.
"""

from __future__ import annotations

from typing import Final, Literal

from gateway import view
from gateway.console.audit import Act, Audit
from gateway.console.page import Visit
from gateway.console.roles import may

#: characters of a reason; "x" is none
SHORTEST: Final = 10
#: of it in the audit
_LONGEST: Final = 500

#: "": it may be shown. "role": not to this officer. "reason": there is none
Answer = Literal["", "role", "reason"]


async def unmask(visit: Visit, on: str, reason: str, *, audit: Audit, restricted: bool = False) -> Answer:
    """Whether what belongs to a person may be shown of `on`, a case's code. Needs an operator; of a case for few eyes
    (`view.Seen.restricted`) a supervisor. Every yes is audited, and every no to a role."""
    given = " ".join(reason.split())
    if not may(visit.operator.role, "supervisor" if restricted else "operator"):
        await audit.write(Act(by=visit.operator.name, act="unmask.refused", on=on))
        return "role"
    if len(given) < SHORTEST:
        return "reason"
    # a reason quotes what it is about
    await audit.write(Act(by=visit.operator.name, act="unmask", on=on, words=view.words(given)[:_LONGEST]))
    return ""
