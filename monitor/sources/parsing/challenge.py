"""Recognise a page that stands in for what was asked: "prove that you are a browser", of any of the usual walls.

Pure. Such a page often comes with status 200; taken for an article it would be told to people.
"""

from __future__ import annotations

import re

_HEAD = 100_000
# Only what stands on the wall itself: the scripts of these firms stand on the pages behind it, too.
_SIGNS = (
    ("Cloudflare", r"\b_cf_chl_opt\b|cf-browser-verification|<title>Just a moment\.\.\.</title>"),
    ("Cloudflare", r"<title>Attention Required! \| Cloudflare</title>|id=[\"']cf-error-details[\"']"),
    ("DDoS-Guard", r"<title>DDoS-Guard</title>|/\.well-known/ddos-guard/"),
    ("DataDome", r"(?:geo|ct)\.captcha-delivery\.com"),
    ("Imperva", r"_Incapsula_Resource\?CWUDNSAI|Incapsula incident ID|<title>Pardon Our Interruption"),
    ("HUMAN", r"id=[\"']px-captcha[\"']"),
    ("AWS WAF", r"AwsWafIntegration\.(?:getToken|forceRefreshToken|saveReferrer)|window\.gokuProps"),
    ("Sucuri", r"<title>Sucuri WebSite Firewall|sucuri_cloudproxy_js"),
    ("Anubis", r"/\.within\.website/x/cmd/anubis/"),
    ("SiteGround", r"/\.well-known/sgcaptcha/"),
    ("a bot check", r"<title>(?:Checking your browser|Verifying you are human|Are you a robot\?|Robot Check)"),
)
_ANY = re.compile("|".join(f"(?P<sign{number}>{pattern})" for number, (_, pattern) in enumerate(_SIGNS)), re.I)


def asked_by(html: str) -> str:
    """Who asks for proof of a browser on this page, or "" when nobody does."""
    found = _ANY.search(html[:_HEAD])
    return _SIGNS[int(str(found.lastgroup).removeprefix("sign"))][0] if found else ""
