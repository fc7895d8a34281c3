"""Judge what Slack answers: a status and a word from a webhook, or JSON with `ok` and `error` from its API for bots.

A word is shown only if it is one that we know; anything else may hold a secret.
"""

from __future__ import annotations

import re
from datetime import datetime

from monitor.channels.answers import Unreadable, judge, said
from monitor.http.session import Response
from monitor.http.waits import retry_after
from monitor.model import Outcome, Rejected, Retry, Sent

TS = re.compile(r"[0-9]{1,12}\.[0-9]{1,12}")
"""What Slack calls a message, and a thread by its first."""

PARKING = frozenset(
    {
        "access_denied",
        "account_inactive",
        "action_prohibited",
        "channel_is_archived",
        "channel_not_found",
        "ekm_access_denied",
        "enterprise_is_restricted",
        "invalid_auth",
        "invalid_token",
        "is_archived",
        "missing_scope",
        "no_active_hooks",
        "no_permission",
        "no_service",
        "no_service_id",
        "no_team",
        "not_allowed_token_type",
        "not_authed",
        "not_in_channel",
        "org_login_required",
        "posting_to_general_channel_denied",
        "restricted_action",
        "restricted_action_read_only_channel",
        "restricted_action_thread_locked",
        "restricted_action_thread_only_channel",
        "team_access_not_granted",
        "team_disabled",
        "token_expired",
        "token_revoked",
        "two_factor_setup_required",
        "user_not_found",
    }
)
"""These ask for a person."""

UNREADABLE = frozenset(
    {
        "cannot_reply_to_message",
        "invalid_arguments",
        "invalid_blocks",
        "invalid_blocks_format",
        "invalid_json",
        "invalid_payload",
        "msg_blocks_too_long",
        "msg_too_long",
        "no_text",
        "restricted_action_non_threadable_channel",
        "thread_not_found",
        "too_many_attachments",
    }
)
"""These are about the message."""

PASSING = frozenset(
    {
        "accesslimited",
        "fatal_error",
        "internal_error",
        "message_limit_exceeded",
        "rate_limited",
        "ratelimited",
        "request_timeout",
        "rollup_error",
        "service_unavailable",
        "team_added_to_org",
    }
)
"""These pass."""


def judge_slack(response: Response, now: datetime) -> Outcome:
    """What an answer means: Slack's refusals are for good, its troubles and its limits pass."""
    status = response.status
    answer = said(response)
    word = _known(answer.get("error") if "ok" in answer else response.body.decode("ascii", "replace").strip())
    reason = f"HTTP {status}" + (f" {word}" if word else "")
    if 200 <= status < 300:
        if answer.get("ok", True) is True:
            outcome = judge(response, now)
            ts = answer.get("ts")
            is_ts = isinstance(ts, str) and TS.fullmatch(ts)
            return Sent(receipt=f"{outcome.receipt} {ts}") if is_ts and isinstance(outcome, Sent) else outcome
        if word not in PARKING | UNREADABLE:
            return Retry(reason=f"{reason}: Slack did not take it", not_before=retry_after(response.headers, now),
                         is_outage=word in PASSING)  # fmt: skip
    if 300 <= status < 400:
        return Rejected(reason=f"{reason}: the URL moved; put the new one into the configuration")
    if word in PARKING or status in (401, 403, 404, 410):
        return Rejected(reason=f"{reason}: Slack no longer takes messages here; look at the webhook", parks=True)
    if word in UNREADABLE or (400 <= status < 500 and status not in (408, 425, 429)):
        return Unreadable(reason=f"{reason}: Slack cannot read the message, not even as plain text")
    return judge(response, now)


def _known(word: object) -> str:
    return str(word) if word in PARKING | UNREADABLE | PASSING else ""
