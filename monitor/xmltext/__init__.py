"""XML and HTML from outside as text: decoded by an allowlist of codecs, admitted or refused before any parser; OPML.

What feeds, drop folders and the configuration share. Needs no library but the standard one, and lxml for OPML.
"""
