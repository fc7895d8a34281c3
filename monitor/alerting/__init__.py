"""Who is told what, when, and why: routing, groups, silences, the content of a message, retries.

Pure: takes matches, groups, rule cards and the time, returns decisions with their reasons. Stores and sends nothing.
"""
