"""The files that `rasid init` writes: a commented configuration, a first rule, an example article, in two languages.

Pure: takes the answers, returns texts by path. Secrets stand in files of their own; the configuration names them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from monitor.cli._schemas import schema_files
from monitor.rules.terms import find

Text = Mapping[str, str]
CHANNEL = "desk"
RULE = "first-words"

_CONFIGURATION: Text = {
    "en": """\
# yaml-language-server: $schema=schema/monitor.json
# Rasid's configuration. Check it after every change: rasid check
# docs/configuration.md lists every option. Relative paths are relative to this file.
version: 1
timezone: {timezone}
language: en                 # the words around an alert
database: ../var/rasid.db
rules: [../rules]            # every .yaml file in this folder
defaults:
  notify: [desk]             # the channel of rules that name none

fetch:
  # contact: you@example.org # say who reads the feeds, so that a publisher can reach you
  private_networks: [{networks}]

sources:
{source}

channels:
{channel}
""",
    "ar": """\
# yaml-language-server: $schema=schema/monitor.json
# إعدادات راصد. تحقق منها بعد كل تعديل بالأمر التالي:
#   rasid check
# كل الخيارات مشروحة في docs/configuration.md والمسارات النسبية تبدأ من مجلد هذا الملف.
version: 1
timezone: {timezone}
language: ar                 # لغة نص التنبيه
database: ../var/rasid.db
rules: [../rules]            # كل ملفات القواعد في هذا المجلد
defaults:
  notify: [desk]             # القناة التي تصلها القواعد ما لم تسمّ غيرها

fetch:
  # contact: you@example.org # عنوان يراسلك عليه ناشر المصدر
  private_networks: [{networks}]

sources:
{source}

channels:
{channel}
""",
}

_FEED: Text = {
    "en": """\
  first:
    url: {url}
    since: 48h               # the first time, tell also what is younger than this; without it only what comes later
    tags: [first]
  # second:                  # more feeds: one block each
  #   url: https://news.example/rss""",
    "ar": """\
  first:
    url: {url}
    since: 48h               # في المرة الأولى: نبّه أيضا على ما هو أحدث من هذه المدة
    tags: [first]
  # second:                  # لكل مصدر آخر كتلة كهذه
  #   url: https://news.example/rss""",
}
_DROP: Text = {
    "en": """\
  first:
    folder: ../drop          # put .txt .html .json .xml files here; what is read moves to processed/
    tags: [first]
  # second:                  # a feed
  #   url: https://news.example/rss
  #   since: 24h             # the first time, tell also what is younger than this""",
    "ar": """\
  first:
    folder: ../drop          # ضع هنا ملفات النصوص؛ ما يُقرأ منها يُنقل إلى processed
    tags: [first]
  # second:                  # مصدر من الإنترنت
  #   url: https://news.example/rss
  #   since: 24h             # في المرة الأولى: نبّه أيضا على ما هو أحدث من هذه المدة""",
}

_RULES: Text = {
    "en": """\
# yaml-language-server: $schema=../config/schema/rules.json
# Rules: what to look for. The examples are run by every check; a rule that misses one does not start.
# Try a rule on a text of yours:   echo 'some text' | rasid match --rules rules -
version: 1

rules:
  {rule}:
    title: {title}
    severity: high           # info low medium high critical
    match:
      any:                   # one of these words is enough, also with what Arabic writes onto them
{words}
      # none: [football]     # ... but not in an article that holds this word
      # Two things in one sentence, instead of `any`:
      #   all: [[attack, raid], [airport, base]]
      #   within: sentence
    alert:
      throttle: 30m          # tell a story once, then be quiet about it for so long
    examples:
      hit:
{hits}
      miss:
{misses}
""",
    "ar": """\
# yaml-language-server: $schema=../config/schema/rules.json
# القواعد: ما الذي تبحث عنه. تُجرَّب الأمثلة عند كل تحقق، والقاعدة التي تخطئ في مثال لا تعمل.
# جرّب القاعدة على نص من عندك:
#   echo 'النص' | rasid match --rules rules -
version: 1

rules:
  {rule}:
    title: {title}
    severity: high           # info low medium high critical
    match:
      any:                   # تكفي كلمة واحدة منها، مع ما يتصل بها من أدوات وضمائر
{words}
      # none: [مباراة]       # ولا تنبّه إذا ورد هذا في الخبر
      # ولاشتراط شيئين في جملة واحدة اكتب بدل ما سبق:
      #   all: [[هجوم, قصف], [مطار, قاعدة]]
      #   within: sentence
    alert:
      throttle: 30m          # نبّه على القصة مرة ثم اسكت عنها هذه المدة
    examples:
      hit:
{hits}
      miss:
{misses}
""",
}

_TITLES: Text = {"en": "First words", "ar": "أول الكلمات"}
_HIT: Text = {"en": "Officials said on Monday: {word}.", "ar": "أعلن مسؤول يوم الاثنين: {word}."}
_MISSES: Mapping[str, Sequence[str]] = {
    "en": ("The museum opens its doors on Friday.", "Rain is expected in the north.", "Bread costs what it did."),
    "ar": ("يفتح المتحف أبوابه يوم الجمعة.", "أمطار متوقعة في الشمال.", "سعر الخبز على حاله."),
}
_ARTICLE: Text = {
    "en": "This example was written by rasid init. It holds the word you watch for: {word}.",
    "ar": "كتب هذا المثال الأمر rasid init وفيه الكلمة التي ترصدها: {word}.",
}
_ARTICLE_TITLE: Text = {"en": "Rasid's first article: {word}", "ar": "أول خبر يقرؤه راصد: {word}"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What the user wants. `options` are those of the channel's kind, as typed; `feed` is "" for a drop folder."""

    language: str
    feed: str = ""
    words: tuple[str, ...]
    kind: str
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)
    timezone: str = "UTC"


SECRET = {"url": "url", "password": "password", "token": "token", "topic": "topic"}
"""Options of a channel that go into files of their own."""


def files(answers: Answers) -> dict[str, str]:
    """Every file by its path below the folder; those below `config/secrets/` are secret."""
    language = answers.language
    texts = {
        "config/monitor.yaml": _CONFIGURATION[language].format(
            timezone=answers.timezone,
            networks=", ".join(json.dumps(network) for network in networks(answers)),
            source=_FEED[language].format(url=_feed_url(answers)) if answers.feed else _DROP[language],
            channel=_channel(answers),
        ),
        "rules/first.yaml": _rules(answers),
        **{f"config/schema/{name}": text for name, text in schema_files().items()},
    }
    for option, name in SECRET.items():
        if answers.options.get(option):
            texts[f"config/secrets/{CHANNEL}-{name}"] = f"{answers.options[option]}\n"
    if _feed_is_secret(answers.feed):
        texts["config/secrets/first-url"] = f"{answers.feed}\n"
    if not answers.feed:
        word = answers.words[0]
        article = {"title": _ARTICLE_TITLE[language].format(word=word), "text": _ARTICLE[language].format(word=word)}
        texts["drop/example.json"] = json.dumps(article, ensure_ascii=False, indent=2) + "\n"
    return texts


def networks(answers: Answers) -> tuple[str, ...]:
    """The private networks that the answers themselves name: nothing else on a private address may be reached."""
    found = []
    for url in (answers.feed, str(answers.options.get("url", ""))):
        host = urlsplit(url).hostname or ""
        if host == "localhost":
            found += ["127.0.0.0/8", "::1/128"]
            continue
        try:
            address = ip_address(host)
        except ValueError:
            continue
        if not address.is_global:
            found.append("127.0.0.0/8" if str(address).startswith("127.") else f"{address}/{address.max_prefixlen}")
    return tuple(dict.fromkeys(found))


def _feed_is_secret(url: str) -> bool:
    parts = urlsplit(url)
    return bool(parts.username or parts.password)


def _feed_url(answers: Answers) -> str:
    return "${file:first-url}" if _feed_is_secret(answers.feed) else json.dumps(answers.feed)


def _channel(answers: Answers) -> str:
    lines = [f"  {CHANNEL}:", f"    kind: {answers.kind}"]
    for option, value in answers.options.items():
        if not value:
            continue
        shown = f"${{file:{CHANNEL}-{SECRET[option]}}}" if option in SECRET else json.dumps(value, ensure_ascii=False)
        lines.append(f"    {option}: {shown}")
    return "\n".join(lines)


def _rules(answers: Answers) -> str:
    language = answers.language
    hits = [_HIT[language].format(word=word) for word in answers.words]
    miss = next(text for text in _MISSES[language] if not any(find(word, text) for word in answers.words))
    return _RULES[language].format(
        rule=RULE,
        title=json.dumps(_TITLES[language], ensure_ascii=False),
        words=_items(answers.words, 8),
        hits=_items(hits, 8),
        misses=_items([miss], 8),
    )


def _items(texts: Sequence[str], indent: int) -> str:
    return "\n".join(f"{' ' * indent}- {json.dumps(text, ensure_ascii=False)}" for text in texts)


def has_neutral_sentence(language: str, words: Sequence[str]) -> bool:
    """Whether an example that must not match can be written for these words."""
    return any(not any(find(word, text) for word in words) for text in _MISSES[language])


def is_found(language: str, word: str) -> bool:
    """Whether the example that is written for a word matches it: not so for addresses, which articles mask."""
    return bool(find(word, _HIT[language].format(word=word)))
